// Photos of the strip that are dropped on a day: by mouse or key, they end here, in the day's first free slot.
import { signal } from "@preact/signals";
import { call, Problem } from "../../api";
import { announceProblem } from "../../notices";
import { post } from "../../parts/posting";
import type { ComingSlot } from "../../schema";
import { addDays, timeOf, todayIn } from "../../times";
import { words } from "../../words";
import { changed, held } from "./moving";

export interface Placing {
  readonly persona: string;
  readonly zone: string;
  readonly photo: string;
  readonly day: string;
}

// What a day asks that has no free slot: another time.
export interface Question extends Placing {
  readonly taken: boolean;
  readonly detail: string;
  // The persona's usual one, where the day has no slot.
  readonly time: string;
}

// They are asked in turn.
export const questions = signal<readonly Question[]>([]);
// Photos on their way to a day, and those that are posted, until the strip is read again.
export const underway = signal<ReadonlySet<string>>(new Set());
export const posted = signal<ReadonlySet<string>>(new Set());

let last: Promise<unknown> = Promise.resolve();
// Counts the visits of the strip.
let visit = 0;

// What a day asks after the strip was left is a notice alone.
export function leave(): void {
  visit += 1;
  questions.value = [];
  // Another persona can have the same photo, and not have posted it.
  posted.value = new Set();
}

// One after another: two photos for a day do not take the same slot.
export async function place(placing: Placing): Promise<void> {
  const { photo } = placing;
  held.value = null;
  if (underway.value.has(photo)) return;
  underway.value = new Set([...underway.value, photo]);
  const begun = visit;
  const mine = last.catch(() => undefined).then(() => attempt(placing, begun));
  last = mine;
  try {
    await mine;
  } finally {
    underway.value = new Set([...underway.value].filter((each) => each !== photo));
  }
}

async function attempt(placing: Placing, begun: number): Promise<void> {
  try {
    const asked = await takeSlot(placing);
    if (!asked) return;
    if (begun !== visit) throw new Problem(409, "slot-taken", asked.detail);
    questions.value = [...questions.value, asked];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    announceProblem(error);
    // Somebody else was faster: what is shown has changed.
    if (error.status === 409) await changed();
  }
}

async function takeSlot(placing: Placing): Promise<Question | null> {
  const { persona, zone, photo, day } = placing;
  if (day < todayIn(zone)) throw new Problem(422, "time-in-past", words.plan.passed(words.day(day)));
  // The range begins after its first instant, and the day's first slot can be at midnight.
  const slots = await slotsOf(persona, { from: `${addDays(day, -1)}T23:59:59`, to: `${day}T23:59:59` });
  const free = slots.find((slot) => slot.free);
  if (!free) return ask(placing, slots);
  try {
    await post({ persona, photos: [photo], when: { slot: free.run_at }, key: crypto.randomUUID() }, settle(photo));
  } catch (error) {
    if (!(error instanceof Problem) || error.kind !== "slot-taken") throw error;
    return { ...placing, taken: true, detail: error.message, time: "" };
  }
  return null;
}

async function ask(placing: Placing, slots: readonly ComingSlot[]): Promise<Question> {
  const [first] = slots;
  if (first) {
    const taken = Boolean(first.post_id);
    return { ...placing, taken, detail: (!taken && first.reason) || words.plan.allTaken, time: "" };
  }
  const [next] = await slotsOf(placing.persona, { limit: 1 });
  return { ...placing, taken: false, detail: words.plan.noSlot, time: next ? timeOf(next.wall_time) : "" };
}

async function slotsOf(persona: string, query: Readonly<Record<string, string | number>>): Promise<readonly ComingSlot[]> {
  return (await call("listSlots", { parameters: { persona_id: persona }, query })).body.slots;
}

// What follows once a photo is posted, and once that is undone.
export const settle = (photo: string) => async (isPosted: boolean): Promise<void> => {
  const others = [...posted.value].filter((each) => each !== photo);
  posted.value = new Set(isPosted ? [...others, photo] : others);
  await changed();
};
