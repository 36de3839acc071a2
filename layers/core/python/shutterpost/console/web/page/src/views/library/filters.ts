// Which photos the sheet shows, in which order: the address names both.
import type { Query } from "../../router";
import type { Tile } from "./photos";

export const SORTS = ["score", "taken", "name"] as const;
export type Sort = (typeof SORTS)[number];
export const STATES = ["unposted", "taken", "kept_out", "excluded", "withheld", "all"] as const;

export function sortOf({ sort }: Query): Sort {
  return SORTS.find((each) => each === sort) ?? "score";
}

export function chosenBy(query: Query, tiles: Iterable<Tile>): Tile[] {
  const name = (query.name ?? "").toLowerCase();
  const state = query.state ?? "unposted";
  const [least, most] = [numberOf(query.from), numberOf(query.to)];
  const shown = [...tiles].filter(
    (tile) =>
      (state === "all" || tile.state === state) &&
      (!query.theme || tile.theme === query.theme) &&
      (least === null || (tile.score ?? 0) >= least) &&
      (most === null || (tile.score ?? 0) <= most) &&
      tile.name.toLowerCase().includes(name),
  );
  return shown.sort(ORDERS[sortOf(query)]);
}

const byName = (one: Tile, other: Tile) => compare(one.name, other.name) || compare(one.id, other.id);
const byScore = (one: Tile, other: Tile) => (other.score ?? -1) - (one.score ?? -1) || byName(one, other);
const byTime = (one: Tile, other: Tile) => compare(other.taken, one.taken) || byName(one, other);
const ORDERS: Readonly<Record<Sort, (one: Tile, other: Tile) => number>> = { score: byScore, taken: byTime, name: byName };

// By code units: a collation would cost a second for 20 000 names.
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function numberOf(text: string | undefined): number | null {
  return text ? Number(text) : null;
}
