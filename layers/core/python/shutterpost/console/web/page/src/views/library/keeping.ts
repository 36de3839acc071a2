// Keeping photos out of picks, and letting them back in.
import { signal } from "@preact/signals";
import { call } from "../../api";
import { announce } from "../../notices";
import type { ChangedPhoto, PhotoState } from "../../schema";
import { words } from "../../words";
import { leave } from "./choice";
import { setStates } from "./photos";

// Counts the changes, for views of one photo.
export const changes = signal(0);
// The API's limit of one request.
const AT_ONCE = 100;

// Returns the photos that were refused. A reason of `null` lets the photos be picked again.
export async function keepOut(persona: string, ids: readonly string[], reason: string | null): Promise<readonly ChangedPhoto[]> {
  const results: ChangedPhoto[] = [];
  try {
    await send(persona, ids, reason, (answered) => results.push(...answered));
  } finally {
    // Also where a later request failed.
    const changed = results.filter(({ kind }) => !kind);
    leave(changed.map(({ photo }) => photo));
    if (changed.length) announce(words.sheet.changed(changed.length, reason), () => putBack(persona, changed));
  }
  return results.filter(({ kind }) => kind);
}

type Answered = (results: readonly ChangedPhoto[]) => void;

async function send(persona: string, ids: readonly string[], reason: string | null, onAnswer?: Answered): Promise<void> {
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const body = { photos: ids.slice(start, start + AT_ONCE), change: { kept_out: reason } };
    const answer = await call("changePhotos", { parameters: { persona_id: persona }, body });
    setStates(statesOf(answer.body.results));
    changes.value += 1;
    onAnswer?.(answer.body.results);
  }
}

function statesOf(results: readonly ChangedPhoto[]): ReadonlyMap<string, PhotoState> {
  const states = new Map<string, PhotoState>();
  for (const { photo_id, state } of results) if (photo_id && state) states.set(photo_id, state);
  return states;
}

// Each photo gets the reason that it had, or none.
async function putBack(persona: string, changed: readonly ChangedPhoto[]): Promise<void> {
  const reasons = new Set(changed.map(({ kept_out_before }) => kept_out_before ?? null));
  for (const reason of reasons) {
    const ids = changed.filter(({ kept_out_before }) => (kept_out_before ?? null) === reason).map(({ photo }) => photo);
    await send(persona, ids, reason);
  }
}
