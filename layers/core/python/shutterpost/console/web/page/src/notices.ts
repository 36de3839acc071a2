// What was done, shown for 10 seconds, with the way back where there is one. What failed stays until it is dismissed.
import { signal } from "@preact/signals";
import { Problem } from "./api";
import { words } from "./words";
import { textOf } from "./words/problems";

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly failed: boolean;
  readonly undo: (() => Promise<unknown>) | null;
}

const SHOWN_FOR = 10_000;
export const notices = signal<readonly Notice[]>([]);
let last = 0;
let timers = new Map<number, ReturnType<typeof setTimeout>>();

export function announce(text: string, undo: (() => Promise<unknown>) | null = null): void {
  add({ id: ++last, text, failed: false, undo });
}

export function announceProblem(problem: Problem): void {
  add({ id: ++last, text: textOf(problem), failed: true, undo: null });
}

function add(notice: Notice): void {
  notices.value = [...notices.value, notice];
  expire(notice);
}

function expire({ id, failed }: Notice): void {
  if (!failed) timers.set(id, setTimeout(() => dismiss(id), SHOWN_FOR));
}

export function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

// While somebody points at the notices or has the focus in them, none of them ends.
export function hold(): void {
  timers.forEach(clearTimeout);
  timers = new Map();
}

export function release(): void {
  hold();
  notices.value.forEach(expire);
}

export async function undo(notice: Notice): Promise<void> {
  dismiss(notice.id);
  try {
    await notice.undo?.();
    announce(words.undone);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    announceProblem(error);
    // It can be tried again.
    add(notice);
  }
}

export async function undoLast(): Promise<void> {
  const notice = notices.value.findLast((each) => each.undo !== null);
  if (notice) await undo(notice);
}
