// What stands on each day: posts, photos that are foreseen for slots, and slots that nothing is foreseen for.
import { type Answer, call, type Operation } from "../../api";
import type { CalendarEntry, CalendarPage, ForecastSlot } from "../../schema";
import { readOnly } from "../../store";
import { dayOf } from "../../times";

export interface Tile {
  readonly key: string;
  readonly kind: "post" | "foreseen" | "free";
  readonly persona: string;
  // Local time in the persona's zone, and the instant.
  readonly at: string;
  readonly instant: string;
  readonly post: string | null;
  readonly photo: string | null;
  readonly name: string;
  readonly text: string;
  readonly state: string;
  // Of a post, one for each connection.
  readonly entries: readonly CalendarEntry[];
}

export type Days = ReadonlyMap<string, readonly Tile[]>;

export const PLANNED_DAYS = 90;
// What a tile says where its connections differ: the first of these.
const WORST_FIRST = ["unknown", "failed", "pending", "processing", "queued", "success", "skipped", "cancelled"];

// Whether the API says that the operation is possible now, and the server lets the page do it.
export function allows({ entries }: Tile, operation: Operation): boolean {
  return !readOnly.value && entries.some(({ actions }) => actions.some((action) => action.operation === operation));
}

export const isMovable = (tile: Tile): boolean => allows(tile, "movePost");

export async function daysOf(persona: string, zone: string, first: string, last: string): Promise<Days> {
  const [entries, slots] = await Promise.all([entriesBetween(persona, zone, first, last), slotsOf(persona)]);
  const tiles = [...postsOf(entries), ...slots].sort((one, other) => one.at.localeCompare(other.at));
  return Map.groupBy(tiles, ({ at }) => dayOf(at));
}

// The earliest ones where there are more than `most`.
export async function entriesBetween(persona: string, zone: string, first: string, last: string, most = Infinity): Promise<CalendarEntry[]> {
  const query = { persona, zone, from: `${first}T00:00:00`, to: `${last}T23:59:59`, limit: 100 };
  const entries: CalendarEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: Answer<CalendarPage> = await call("getCalendar", { query: { ...query, cursor } });
    entries.push(...page.body.entries);
    cursor = page.body.cursor ?? null;
  } while (cursor && entries.length <= most);
  return entries;
}

export async function slotsOf(persona: string): Promise<Tile[]> {
  const { body } = await call("getPlan", { parameters: { persona_id: persona }, query: { days: PLANNED_DAYS } });
  return body.slots.filter((slot) => !slot.post_id).map((slot) => slotTile(persona, slot));
}

export function postsOf(entries: readonly CalendarEntry[]): Tile[] {
  const groups = Map.groupBy(entries, (entry) => `${entry.post_id} ${entry.local_time}`);
  return [...groups].map(([key, group]) => postTile(key, group)).filter((tile) => tile !== null);
}

function postTile(key: string, entries: readonly CalendarEntry[]): Tile | null {
  const [entry] = entries.toSorted((one, other) => WORST_FIRST.indexOf(one.status) - WORST_FIRST.indexOf(other.status));
  if (!entry) return null;
  return {
    ...{ key, kind: "post", entries, persona: entry.persona_id, post: entry.post_id, state: entry.status },
    ...{ at: entry.local_time, instant: entry.run_at, text: entry.text },
    ...{ photo: entry.photo_ids[0] ?? null, name: entry.photo_names[0] ?? "" },
  };
}

function slotTile(persona: string, slot: ForecastSlot): Tile {
  const kind = slot.photo_id ? "foreseen" : "free";
  return {
    ...{ key: `${kind} ${slot.run_at}`, kind, entries: [], persona, post: null, state: kind },
    ...{ at: slot.wall_time, instant: slot.run_at, text: slot.reason, photo: slot.photo_id ?? null, name: slot.name },
  };
}
