// Where the order of the sheet changes.
import type { Sort } from "./filters";
import type { Tile } from "./photos";

export interface Mark {
  // What the photos from here to the next mark have in common; empty where it is not known.
  readonly group: string;
  // The place of the first of them in the sheet.
  readonly at: number;
}

type Groupings = Readonly<Record<Sort, (tile: Tile) => string>>;

const VISIBLE = /^[\p{L}\p{N}\p{P}\p{S}]\p{M}*/u;
// As it is written: names are in the order of their code units.
const letterOf = ({ name }: Tile) => VISIBLE.exec(name)?.[0] ?? "";

// For a list.
export const COARSE: Groupings = {
  score: ({ score }) => (score === null ? "" : String(Math.floor(score))),
  taken: ({ taken }) => taken.slice(0, 4),
  name: letterOf,
};
// For the rail: scores as tiles show them, and months.
export const FINE: Groupings = {
  score: ({ score }) => score?.toFixed(1) ?? "",
  taken: ({ taken }) => taken.slice(0, 7),
  name: letterOf,
};

export function marksOf(tiles: readonly Tile[], sort: Sort, groupings: Groupings): readonly Mark[] {
  const marks: Mark[] = [];
  tiles.forEach((tile, at) => {
    const group = groupings[sort](tile);
    if (group !== marks.at(-1)?.group) marks.push({ group, at });
  });
  return marks;
}

// At most so many, two or more: the first, the last, and others at even steps.
export function thinned(marks: readonly Mark[], most: number): readonly Mark[] {
  if (marks.length <= most) return marks;
  const step = (marks.length - 1) / (most - 1);
  const kept = new Set(Array.from({ length: most }, (_, place) => Math.round(place * step)));
  return marks.filter((_, at) => kept.has(at));
}
