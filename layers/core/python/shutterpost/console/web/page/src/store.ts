// What the views share: the chosen persona, the overview, and what is wrong with the connection to the API.
import { effect, signal } from "@preact/signals";
import { call, Problem } from "./api";
import type { Overview } from "./schema";
import { words } from "./words";

const POLLED_EVERY = 30_000;
const SLOWEST = 60_000;

export const persona = signal<string | null>(null);
export const overview = signal<Overview | null>(null);
export const trouble = signal<string | null>(null);
export const notice = signal<string | null>(null);

let version: string | null = null;
let wait = POLLED_EVERY;
let timer: ReturnType<typeof setTimeout> | undefined;

export async function refresh(): Promise<void> {
  clearTimeout(timer);
  try {
    const query = { persona: persona.value };
    const answer = await call("getOverview", { query, ...(version === null ? {} : { ifNoneMatch: version }) });
    if (answer.status !== 304) overview.value = answer.body;
    version = answer.etag;
    trouble.value = null;
    wait = POLLED_EVERY;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    trouble.value = troubleOf(error);
    wait = Math.min(wait * 2, SLOWEST);
  }
  timer = setTimeout(() => void refresh(), wait);
}

export function follow(): void {
  effect(() => {
    void persona.value;
    version = null;
    void refresh();
  });
}

function troubleOf(problem: Problem): string {
  const known: Record<string, string> = {
    offline: words.offline,
    "session-ended": words.sessionEnded,
    "credentials-missing": words.credentials,
  };
  return known[problem.kind] ?? problem.message;
}
