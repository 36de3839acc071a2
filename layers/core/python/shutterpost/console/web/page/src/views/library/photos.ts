// The photos of a persona: the best unposted ones at once, then the whole index, page by page.
// It is kept in memory alone: another server at this page's address could read what a browser keeps of it.
import { signal } from "@preact/signals";
import { call } from "../../api";
import type { Photo, PhotoIndexPage, PhotoState } from "../../schema";

export interface Tile {
  // The first 12 digits.
  readonly id: string;
  readonly name: string;
  readonly score: number | null;
  readonly theme: string;
  readonly taken: string;
  readonly state: PhotoState;
  readonly tint: string;
}

interface Page {
  readonly etag: string | null;
  readonly body: PhotoIndexPage;
}

export const ID = 12;
const TINT = 3;
const FIRST = 100;
const UNKNOWN_TINT = "888888";

// Photos by id. `whole` is false while the index is being read.
export const photos = signal<ReadonlyMap<string, Tile>>(new Map());
// The ids that the sheet shows, in its order.
export const sequence = signal<readonly string[]>([]);
export const whole = signal(false);
const indexes = new Map<string, readonly Page[]>();
let turn = 0;
// Whose photos are shown: a read that is tried again leaves them there.
let owner = "";

// Reads until another call of it begins.
export async function readPhotos(persona: string): Promise<void> {
  const mine = ++turn;
  const isCurrent = () => mine === turn;
  const kept = indexes.get(persona) ?? [];
  const before = kept.flatMap(({ body }) => tilesOf(body));
  whole.value = before.length > 0;
  if (before.length || owner !== persona) photos.value = byId(before);
  owner = persona;
  if (!photos.value.size) {
    const best = await call("listPhotos", { parameters: { persona_id: persona }, query: { unposted: true, limit: FIRST } });
    if (!isCurrent()) return;
    photos.value = byId(best.body.photos.map(tileOf));
  }
  const pages = await readIndex(persona, kept, isCurrent);
  if (!isCurrent()) return;
  indexes.set(persona, pages);
  photos.value = byId(pages.flatMap(({ body }) => tilesOf(body)));
  whole.value = true;
}

// A page that has not changed is answered without a body; the one that is kept then counts.
async function readIndex(persona: string, kept: readonly Page[], isCurrent: () => boolean): Promise<readonly Page[]> {
  const pages: Page[] = [];
  let cursor: string | null = null;
  do {
    const old: Page | undefined = kept[pages.length];
    const condition = old?.etag ? { ifNoneMatch: old.etag } : {};
    const answer = await call("getPhotoIndex", { parameters: { persona_id: persona }, query: { cursor }, ...condition });
    const page: Page = answer.status === 304 && old ? old : { etag: answer.etag, body: answer.body };
    pages.push(page);
    cursor = page.body.cursor ?? null;
  } while (cursor && isCurrent());
  return pages;
}

// What a change of photos said about their states; returns the states before.
export function setStates(states: ReadonlyMap<string, PhotoState>): ReadonlyMap<string, PhotoState> {
  const changed = new Map(photos.value);
  const before = new Map<string, PhotoState>();
  for (const [id, state] of states) {
    const tile = changed.get(id.slice(0, ID));
    if (!tile) continue;
    before.set(tile.id, tile.state);
    changed.set(tile.id, { ...tile, state });
  }
  photos.value = changed;
  return before;
}

function byId(tiles: readonly Tile[]): ReadonlyMap<string, Tile> {
  return new Map(tiles.map((tile) => [tile.id, tile]));
}

function tileOf(photo: Photo): Tile {
  return {
    id: photo.photo_id.slice(0, ID),
    name: photo.names[0] ?? "",
    score: photo.score ?? null,
    theme: photo.theme,
    taken: photo.captured_at?.slice(0, 10) ?? "",
    state: "unposted",
    tint: `#${photo.tint ?? UNKNOWN_TINT}`,
  };
}

function tilesOf(page: PhotoIndexPage): Tile[] {
  return page.name.map((name, at) => ({
    id: page.id.slice(at * ID, (at + 1) * ID),
    name,
    score: page.score[at] ?? null,
    theme: page.theme[at] ?? "",
    taken: page.taken[at] ?? "",
    state: page.state[at] ?? "unposted",
    tint: `#${page.tint.slice(at * TINT, (at + 1) * TINT)}`,
  }));
}
