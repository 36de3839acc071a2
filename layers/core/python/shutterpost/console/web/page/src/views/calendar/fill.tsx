// Posts a photo at a free slot: the one that is foreseen, or one of the best others.
import { call } from "../../api";
import { announce } from "../../notices";
import { Bars } from "../../parts/bars";
import { Failure, useLoading } from "../../parts/loading";
import { Picture } from "../../parts/picture";
import type { ForecastSlot } from "../../schema";
import { words } from "../../words";
import { PLANNED_DAYS, type Tile } from "./entries";
import { Act } from "./entry";
import { changed } from "./moving";

const OFFERED = 6;

// The slot as the plan foresees it now, with the parts of its photo's total.
async function planned(tile: Tile): Promise<ForecastSlot | null> {
  if (!tile.photo) return null;
  const query = { days: PLANNED_DAYS, why: true };
  const { body } = await call("getPlan", { parameters: { persona_id: tile.persona }, query });
  return body.slots.find((slot) => slot.run_at === tile.instant && slot.photo_id === tile.photo) ?? null;
}

export function Fill({ tile, onDone }: { readonly tile: Tile; readonly onDone: () => void }) {
  const parameters = { persona_id: tile.persona };
  const read = () => call("listPhotos", { parameters, query: { unposted: true, limit: OFFERED + 1 } });
  const { value, problem, again } = useLoading(read, [tile.key]);
  const plan = useLoading(() => planned(tile), [tile.key]);
  const fill = async (photo: string, key: string) => {
    const { body: post } = await call("createPost", { parameters, key, query: { slot: tile.instant }, body: { photo } });
    announce(words.plan.filled, async () => {
      await call("cancelPost", { parameters: { post_id: post.post_id } });
      await changed();
    });
  };
  const others = value?.body.photos.filter(({ photo_id }) => photo_id !== tile.photo).slice(0, OFFERED) ?? [];
  return (
    <>
      {plan.problem && <Failure problem={plan.problem} again={plan.again} />}
      {plan.value?.parts && <Bars parts={plan.value.parts} total={plan.value.total ?? 0} />}
      {tile.photo && <Act label={words.plan.keepThis} act={(key) => fill(tile.photo ?? "", key)} onDone={onDone} />}
      {problem && <Failure problem={problem} again={again} />}
      {others.length > 0 && <h3>{words.plan.fillWith}</h3>}
      <ul class="offered">
        {others.map((photo) => (
          <li key={photo.photo_id}>
            <Picture persona={tile.persona} photo={photo.photo_id} alt="" />
            <Act label={photo.names[0] ?? ""} act={(key) => fill(photo.photo_id, key)} onDone={onDone} />
          </li>
        ))}
      </ul>
    </>
  );
}
