// The chosen photos, and the one that the keys concern.
import { signal } from "@preact/signals";
import type { Tile } from "./photos";

export const choice = signal<ReadonlySet<string>>(new Set());
export const active = signal<string | null>(null);
// The place in the sheet where a person wants to go on.
export const destination = signal<number | null>(null);
let anchor: string | null = null;

export function toggle(id: string): void {
  const chosen = new Set(choice.value);
  if (!chosen.delete(id)) chosen.add(id);
  choice.value = chosen;
  anchor = id;
}

// All from the one that was chosen last to this one, as the sheet shows them.
export function chooseTo(id: string, tiles: readonly Tile[]): void {
  const ids = tiles.map((tile) => tile.id);
  const [from, to] = [ids.indexOf(anchor ?? id), ids.indexOf(id)].sort((one, other) => one - other);
  const range = from === undefined || from < 0 || to === undefined ? [id] : ids.slice(from, to + 1);
  choice.value = new Set([...choice.value, ...range]);
}

export function leave(ids: readonly string[]): void {
  choice.value = new Set([...choice.value].filter((id) => !ids.includes(id)));
}

export function clearChoice(): void {
  choice.value = new Set();
  anchor = null;
}
