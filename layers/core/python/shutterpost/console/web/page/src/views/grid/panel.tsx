// The chosen tile: its whole picture with what the profile shows of it, its words, and where it can go.
import { useState } from "preact/hooks";
import { Picture } from "../../parts/picture";
import { addressOf } from "../../router";
import { dayOf, timeOf } from "../../times";
import { words } from "../../words";
import { allows, isMovable } from "../calendar/entries";
import { moveToDay } from "../calendar/moving";
import type { ProfileTile } from "./account";
import { ShownPicture } from "./shown";

interface Props {
  readonly tile: ProfileTile;
  readonly square: boolean;
  readonly connection: string;
  readonly onSwap: () => void;
}

export function Panel({ tile, square, connection, onSwap }: Props) {
  const entry = tile.entries.find((each) => each.connection_id === connection);
  const address = entry?.external_url ?? tile.shown?.external_url;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const day = new FormData(event.currentTarget as HTMLFormElement).get("day");
    void moveToDay(tile, String(day));
  };
  return (
    <aside aria-label={tile.name}>
      {(tile.photo || tile.shown) && <Crop tile={tile} square={square} connection={connection} />}
      <h3>
        {words.day(dayOf(tile.at))} {timeOf(tile.at)}
      </h3>
      <p>{words.statuses[tile.state] ?? tile.state}</p>
      <p class="post-text">{entry?.text || tile.text}</p>
      <div class="actions">
        {tile.post && <a href={addressOf("post", [tile.post])}>{words.sheet.words}</a>}
        {!tile.post && tile.photo && <a href={addressOf("photo", [tile.persona, tile.photo])}>{words.sheet.why}</a>}
        {address?.startsWith("https:") && (
          <a href={address} target="_blank" rel="noopener noreferrer">
            {words.open}
          </a>
        )}
      </div>
      {isMovable(tile) && (
        <>
          {allows(tile, "swapPosts") && (
            <div class="actions">
              <button type="button" onClick={onSwap}>
                {words.grid.swapWith}
              </button>
            </div>
          )}
          <form onSubmit={submit}>
            <label>
              {words.grid.moveTo}
              <input type="date" name="day" required defaultValue={dayOf(tile.at)} />
            </label>{" "}
            <button type="submit">{words.grid.move}</button>
          </form>
        </>
      )}
    </aside>
  );
}

// The platform cuts the middle out of a picture of another shape.
function Crop({ tile, square, connection }: Omit<Props, "onSwap">) {
  const [shape, setShape] = useState(0);
  const wide = shape / (square ? 1 : 3 / 4);
  const [width, height] = wide > 1 ? [100 / wide, 100] : [100, 100 * wide];
  const frame = { width: `${width}%`, height: `${height}%`, left: `${(100 - width) / 2}%`, top: `${(100 - height) / 2}%` };
  const loaded = ({ target }: Event) => {
    if (target instanceof HTMLImageElement) setShape(target.naturalWidth / target.naturalHeight);
  };
  return (
    <div class="crop" onLoadCapture={loaded}>
      {tile.photo ? (
        <Picture persona={tile.persona} photo={tile.photo} alt={tile.name} large />
      ) : (
        <ShownPicture tile={tile} connection={connection} alt={tile.name} />
      )}
      {shape > 0 && <span class="frame" style={frame} />}
    </div>
  );
}
