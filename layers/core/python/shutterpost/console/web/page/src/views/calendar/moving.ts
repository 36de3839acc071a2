// Moves of posts to other days: by mouse, key or dialog, they end here.
import { signal } from "@preact/signals";
import { call, Problem } from "../../api";
import { announce, announceProblem } from "../../notices";
import type { PostResponse, ScheduleResponse } from "../../schema";
import { chosen, refresh } from "../../store";
import { dayOf, inZone, timeOf } from "../../times";
import { words } from "../../words";
import { allows, type Tile } from "./entries";

// What is picked up: the day where a key begins, the day over which it is, and what its drop on a day does.
export interface Held {
  readonly key: string;
  readonly from: string;
  readonly over: string;
  readonly drop: (day: string) => Promise<void>;
}

export const held = signal<Held | null>(null);
// What a move asks: the day's slot has another post, or the post was changed elsewhere.
export const question = signal<Question | null>(null);
// Counts what was changed, so that the calendar is read again.
export const changes = signal(0);

export type Question =
  | { readonly kind: "taken"; readonly tile: Tile; readonly day: string; readonly other: string; readonly detail: string }
  | { readonly kind: "changed"; readonly tile: Tile; readonly now: PostResponse; readonly again: () => Promise<void> };

const [ASKED_EVERY, ASKED_TIMES] = [3_000, 20];
// Counts the visits of views that move posts.
let visit = 0;

// What was picked up is put back, and what a move asks after its view was left is a notice alone.
export function leave(): void {
  visit += 1;
  held.value = null;
  question.value = null;
}

export async function changed(): Promise<void> {
  changes.value += 1;
  await refresh();
}

export function pickUp(tile: Tile, over: string): void {
  held.value = { key: tile.key, from: dayOf(tile.at), over, drop: (day) => moveToDay(tile, day) };
}

// On a day: to its first free slot, else at the same wall time; the API says which.
export async function moveToDay(tile: Tile, day: string): Promise<void> {
  held.value = null;
  if (day !== dayOf(tile.at)) await move(tile, { day }, day);
}

export async function moveTo(tile: Tile, day: string, time: string): Promise<void> {
  await move(tile, { at: `${day}T${time}`, zone: chosen.value?.zone }, day);
}

async function move(tile: Tile, body: Readonly<Record<string, unknown>>, day: string): Promise<void> {
  const begun = visit;
  await guarded(tile, async (version) => {
    try {
      const { status, body: post } = await call("movePost", { parameters: { post_id: tile.post }, body, ifMatch: version });
      const [at] = tile.entries.flatMap(({ schedule_id }) => post.schedules.filter((each) => each.schedule_id === schedule_id));
      const told = allows(tile, "approvePost") ? words.plan.movedAndApproved : words.plan.moved;
      announce(told(timeOfMove(at, day)), () => putBack(tile));
      if (status === 202) void follow(post.post_id);
    } catch (error) {
      const other = error instanceof Problem && error.kind === "slot-taken" ? error.members.post_id : null;
      if (!(error instanceof Problem) || typeof other !== "string" || begun !== visit) throw error;
      question.value = { kind: "taken", tile, day, other, detail: error.message };
    }
  });
}

export async function swap(tile: Tile, other: string): Promise<void> {
  const exchange = (version?: string) =>
    call("swapPosts", { parameters: { post_id: tile.post }, body: { with: other }, ...(version ? { ifMatch: version } : {}) });
  await guarded(tile, async (version) => {
    await exchange(version);
    announce(words.plan.swapped, async () => {
      await exchange();
      await changed();
    });
  });
}

function timeOfMove(schedule: ScheduleResponse | undefined, day: string): string {
  if (schedule?.next_run_at) return inZone(schedule.next_run_at, schedule.zone);
  return schedule ? `${words.day(dayOf(schedule.wall_time))} ${timeOf(schedule.wall_time)}` : words.day(day);
}

async function putBack(tile: Tile): Promise<void> {
  const body = { at: tile.instant, zone: tile.entries[0]?.zone };
  await call("movePost", { parameters: { post_id: tile.post }, body });
  await changed();
}

// Acts on the version that the calendar shows; where the post has changed since, a person decides.
async function guarded(tile: Tile, act: (version: string) => Promise<void>): Promise<void> {
  const begun = visit;
  const attempt = async (accepted: boolean): Promise<void> => {
    const { body, etag } = await call("getPost", { parameters: { post_id: tile.post } });
    try {
      if (!accepted && !isAsShown(tile, body)) throw new Problem(412, "post-changed", words.plan.changedElsewhere);
      await act(etag ?? "");
      await changed();
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412 || begun !== visit) throw error;
      question.value = { kind: "changed", tile, now: body, again: () => announced(attempt(true)) };
    }
  };
  await announced(attempt(false));
}

async function announced(act: Promise<void>): Promise<void> {
  try {
    await act;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    announceProblem(error);
  }
}

function isAsShown(tile: Tile, post: PostResponse): boolean {
  return tile.entries.every((entry) => {
    const now = post.schedules.find(({ schedule_id }) => schedule_id === entry.schedule_id);
    return now?.run_at === entry.run_at && now.status === entry.status;
  });
}

// What a channel holds is withdrawn first.
async function follow(post: string): Promise<void> {
  for (let count = 0; count < ASKED_TIMES; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY));
    if (await isSettled(post)) break;
  }
  await changed();
}

async function isSettled(post: string): Promise<boolean> {
  try {
    const { body } = await call("getPost", { parameters: { post_id: post } });
    return body.schedules.every(({ next_run_at }) => !next_run_at);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return false;
  }
}
