// The view that the address names: #/library?name=fog, #/photo/PERSONA/ID.
import { signal } from "@preact/signals";

export type Query = Readonly<Record<string, string>>;

export interface Route {
  readonly view: string;
  readonly path: readonly string[];
  readonly query: Query;
}

export function routeOf(hash: string): Route {
  const [address = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [view = "", ...path] = address.split("/").map(decoded);
  return { view, path, query: Object.fromEntries(new URLSearchParams(query)) };
}

// What somebody typed may be no encoding of anything.
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function addressOf(view: string, path: readonly string[] = [], query: Query = {}): string {
  const given = new URLSearchParams(Object.entries(query)).toString();
  return `#/${[view, ...path].map(encodeURIComponent).join("/")}${given && `?${given}`}`;
}

export const route = signal<Route>(routeOf(location.hash));
addEventListener("hashchange", () => {
  route.value = routeOf(location.hash);
});

export function go(view: string, path: readonly string[] = [], query: Query = {}): void {
  location.hash = addressOf(view, path, query);
}

// Changes the shown view's parameters without a step in the browser's history.
export function alter(change: Query): void {
  const { view, path, query } = route.value;
  const next = Object.entries({ ...query, ...change }).filter(([, value]) => value !== "");
  replace(view, path, Object.fromEntries(next));
}

// Another view in place of the shown one: the way back leads to the one before.
export function replace(view: string, path: readonly string[], query: Query): void {
  route.value = { view, path, query };
  history.replaceState(null, "", addressOf(view, path, query));
}
