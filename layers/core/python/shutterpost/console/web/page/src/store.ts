// What the views share: the chosen persona, the overview, and what is wrong with the connection to the API.
import { computed, effect, signal } from "@preact/signals";
import { call, Problem } from "./api";
import { actAfter, waitAfter } from "./retrying";
import type { Overview, PersonaOverview } from "./schema";
import { readsOnly } from "./session";
import { words } from "./words";
import { textOf } from "./words/problems";

export interface Trouble {
  readonly text: string;
  // When the page asks again, in seconds; 0 where asking again helps nobody.
  readonly seconds: number;
  // When what is shown was read.
  readonly asOf: string | null;
}

const HELD = "shutterpost-persona";
const POLLED_EVERY = 30;

// The browser keeps it for this tab and this server, so that a reload shows the same one.
export const persona = signal<string | null>(sessionStorage.getItem(HELD));
export const overview = signal<Overview | null>(null);
// All personas, also while the overview is of one.
export const personas = signal<readonly PersonaOverview[]>([]);
export const trouble = signal<Trouble | null>(null);
export const readOnly = signal(false);
// Counts how often the API answered again after a trouble.
export const recovered = signal(0);
// Counts the new overviews that nothing here caused, of the persona that was shown before.
export const renewed = signal(0);
// The persona of views that show one: the chosen one, or the first.
export const chosen = computed(
  () => overview.value?.personas.find(({ persona_id }) => persona_id === persona.value) ?? overview.value?.personas[0] ?? null,
);

// Whether `personas` has been read, and not one of them alone.
let isComplete = false;
let version: string | null = null;
let readAt: string | null = null;
let failures = 0;
let stopWaiting = (): void => undefined;
let turn = 0;

export async function refresh(): Promise<void> {
  stopWaiting();
  // An answer that a later question overtook counts no more.
  const mine = ++turn;
  let wait = POLLED_EVERY;
  try {
    const query = { persona: persona.value };
    const answer = await call("getOverview", { query, ...(version === null ? {} : { ifNoneMatch: version }) });
    if (mine !== turn) return;
    if (answer.status !== 304) {
      overview.value = answer.body;
      if (query.persona === null || !isComplete) personas.value = answer.body.personas;
    }
    isComplete ||= query.persona === null;
    if (!isComplete) void readPersonas();
    version = answer.etag;
    readAt = new Date().toISOString();
    failures = 0;
    if (trouble.value) recovered.value += 1;
    trouble.value = null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (mine !== turn) return;
    if (persona.value !== null && error.kind === "persona-not-found") {
      persona.value = null;
      return;
    }
    wait = waitAfter(failures++);
    trouble.value = { text: textOf(error), seconds: wait, asOf: overview.value && readAt };
  }
  stopWaiting();
  stopWaiting = actAfter(wait, () => void poll());
}

// Where it fails, the next poll reads them.
async function readPersonas(): Promise<void> {
  try {
    personas.value = (await call("getOverview")).body.personas;
    isComplete = true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

export async function poll(): Promise<void> {
  const [before, id] = [overview.value, persona.value];
  await refresh();
  if (before && overview.value !== before && persona.value === id) renewed.value += 1;
}

export function follow(): void {
  readOnly.value = readsOnly();
  effect(() => {
    if (persona.value === null) sessionStorage.removeItem(HELD);
    else sessionStorage.setItem(HELD, persona.value);
    version = null;
    void refresh();
  });
}

export function stopWithoutSession(): void {
  trouble.value = { text: words.sessionEnded, seconds: 0, asOf: null };
}
