// Every view: its name in the address, and the key after `g` where it stands in the header.
import type { ComponentType } from "preact";
import type { Words } from "../words/en";
import { Calendar } from "./calendar";
import { Care } from "./care";
import { Grid } from "./grid";
import { Library } from "./library";
import { Start } from "./start";
import { Photo } from "./photo/photo";
import { Post } from "./photo/post";
import { Today } from "./today";

export interface View {
  readonly name: keyof Words["views"];
  readonly show: ComponentType;
  readonly key?: string;
}

export const VIEWS: readonly View[] = [
  { name: "today", show: Today, key: "t" },
  { name: "calendar", show: Calendar, key: "c" },
  { name: "library", show: Library, key: "l" },
  { name: "grid", show: Grid, key: "g" },
  { name: "care", show: Care, key: "k" },
  { name: "start", show: Start },
  { name: "photo", show: Photo },
  { name: "post", show: Post },
];

export function viewOf(name: string): View | undefined {
  return VIEWS.find((view) => view.name === name) ?? VIEWS[0];
}
