// Posts photos at a slot or at another time; Undo cancels the post.
import { call } from "../api";
import { announce } from "../notices";
import { dayOf, timeOf } from "../times";
import { words } from "../words";

export interface Posting {
  readonly persona: string;
  // One, or those of a carousel in their order.
  readonly photos: readonly string[];
  readonly when: { readonly slot: string } | { readonly at: string; readonly zone: string };
  readonly key: string;
}

// `settle` runs once the post exists, and again once it is undone.
export async function post({ persona, photos, when, key }: Posting, settle: (posted: boolean) => Promise<void>): Promise<void> {
  const [photo, ...others] = photos;
  const [query, time] = "slot" in when ? [when, {}] : [{}, when];
  const body = { photo, with_photos: others, ...time };
  const { body: made } = await call("createPost", { parameters: { persona_id: persona }, query, body, key });
  const at = made.schedules[0]?.wall_time ?? ("at" in when ? when.at : when.slot);
  announce(words.sheet.scheduled(`${words.day(dayOf(at))} ${timeOf(at)}`), async () => {
    await call("cancelPost", { parameters: { post_id: made.post_id } });
    await settle(false);
  });
  await settle(true);
}
