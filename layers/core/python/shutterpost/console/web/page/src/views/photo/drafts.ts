// Text that is not saved yet. It outlasts a look at another view, and an ended login.
import { useReducer, useRef } from "preact/hooks";

type Texts<Fields> = { readonly [Name in keyof Fields]: string };

// What the API has, and its version where the API tells versions apart.
export interface Stored<Fields> {
  readonly fields: Fields;
  readonly version: string | null;
}

// `base` is what the text began with; a save changes that version alone.
interface Edit<Fields> {
  readonly fields: Fields;
  readonly base: Stored<Fields>;
}

export interface Draft<Fields> extends Edit<Fields> {
  readonly change: (name: keyof Fields, value: string) => void;
  // What was typed while `sent` was on its way stays.
  readonly saved: (sent: Fields, now: Stored<Fields>) => void;
  readonly replace: (now: Stored<Fields>) => void;
}

const drafts = new Map<string, unknown>();

// `stored` is another object once the API has answered again.
export function useDraft<Fields extends Texts<Fields>>(id: string, stored: Stored<Fields>): Draft<Fields> {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const seen = useRef<Stored<Fields> | null>(null);
  const edit = useRef<Edit<Fields>>((drafts.get(id) as Edit<Fields> | undefined) ?? { fields: stored.fields, base: stored });
  if (seen.current !== stored) {
    seen.current = stored;
    edit.current = rebased(edit.current, stored);
  }
  const put = (next: Edit<Fields>) => {
    edit.current = next;
    if (same(next.fields, next.base.fields)) drafts.delete(id);
    else drafts.set(id, next);
    redraw(null);
  };
  return {
    ...edit.current,
    change: (name, value) => put({ ...edit.current, fields: { ...edit.current.fields, [name]: value } }),
    saved: (sent, now) => put({ fields: merged(edit.current.fields, sent, now.fields), base: now }),
    replace: (now) => put({ fields: now.fields, base: now }),
  };
}

// Unsaved text stays with its version, unless the new one has the same words.
function rebased<Fields extends Texts<Fields>>(edit: Edit<Fields>, stored: Stored<Fields>): Edit<Fields> {
  if (same(edit.fields, edit.base.fields)) return { fields: stored.fields, base: stored };
  return same(edit.base.fields, stored.fields) ? { ...edit, base: stored } : edit;
}

function namesOf<Fields extends Texts<Fields>>(fields: Fields): (keyof Fields)[] {
  return Object.keys(fields) as (keyof Fields)[];
}

function same<Fields extends Texts<Fields>>(one: Fields, other: Fields): boolean {
  return namesOf(one).every((name) => one[name] === other[name]);
}

function merged<Fields extends Texts<Fields>>(typed: Fields, sent: Fields, stored: Fields): Fields {
  const later = namesOf(typed).filter((name) => typed[name] !== sent[name]);
  return { ...stored, ...Object.fromEntries(later.map((name) => [name, typed[name]])) };
}

// A tab that closes asks first while there is one.
addEventListener("beforeunload", (event) => {
  if (drafts.size) event.preventDefault();
});
