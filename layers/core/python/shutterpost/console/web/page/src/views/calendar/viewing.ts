// From a tile to its post, or to the photo that is foreseen.
import { go, type Query } from "../../router";
import { ID } from "../library/photos";
import type { Tile } from "./entries";

// Returns whether the tile has something to view.
export function view({ post, persona, photo }: Pick<Tile, "post" | "persona" | "photo">, query: Query = {}): boolean {
  if (post) go("post", [post], query);
  else if (photo) go("photo", [persona, photo.slice(0, ID)], query);
  return Boolean(post || photo);
}

// The space bar views a tile; where there is nothing to view, it presses the button as usual.
export const viewBySpace = (tile: Tile) => (event: KeyboardEvent) => {
  if (event.key === " " && view(tile)) event.preventDefault();
};
