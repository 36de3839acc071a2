// A day of the calendar, with its tiles. A tile is dragged with a mouse, and opened by a click or a key.
import { useState } from "preact/hooks";
import { Picture } from "../../parts/picture";
import { timeOf } from "../../times";
import { words } from "../../words";
import { isMovable, type Tile } from "./entries";
import { held, pickUp } from "./moving";
import { viewBySpace } from "./viewing";

const MOST_ON_A_DAY = 3;

interface Props {
  readonly day: string;
  readonly today: string;
  readonly outside: boolean;
  readonly tiles: readonly Tile[];
  readonly onOpen: (tile: Tile) => void;
}

export function Day({ day, today, outside, tiles, onOpen }: Props) {
  const [all, setAll] = useState(false);
  const shown = all ? tiles : tiles.slice(0, MOST_ON_A_DAY);
  const over = held.value?.over === day;
  const kind = [outside && "outside", day === today && "now", !tiles.length && "bare", over && "over"].filter(Boolean).join(" ");
  const allow = (event: DragEvent) => {
    if (!held.value) return;
    event.preventDefault();
    if (!over) held.value = { ...held.value, over: day };
  };
  const drop = (event: DragEvent) => {
    if (!held.value) return;
    event.preventDefault();
    void held.value.drop(day);
  };
  return (
    <li class={`day ${kind}`} data-day={day} aria-current={day === today ? "date" : undefined} onDragOver={allow} onDrop={drop}>
      <h3>{words.day(day)}</h3>
      <ul>
        {shown.map((tile) => (
          <TileItem key={tile.key} tile={tile} onOpen={onOpen} />
        ))}
      </ul>
      {tiles.length > shown.length && (
        <button type="button" onClick={() => setAll(true)}>
          {words.more(tiles.length - shown.length)}
        </button>
      )}
    </li>
  );
}

function TileItem({ tile, onOpen }: { readonly tile: Tile; readonly onOpen: (tile: Tile) => void }) {
  const movable = isMovable(tile);
  const start = (event: DragEvent) => {
    event.dataTransfer?.setData("text/plain", tile.key);
    pickUp(tile, "");
  };
  return (
    <li class={`tile ${tile.state}${held.value?.key === tile.key ? " held" : ""}`}>
      <button
        type="button"
        data-tile={tile.key}
        data-post={tile.post ?? undefined}
        draggable={movable}
        onDragStart={movable ? start : undefined}
        onDragEnd={() => (held.value = null)}
        onClick={() => onOpen(tile)}
        onKeyDown={viewBySpace(tile)}
      >
        {tile.photo && <Picture persona={tile.persona} photo={tile.photo} alt={tile.name} />}
        <span class="when">{timeOf(tile.at)}</span> <span class="state">{words.statuses[tile.state]}</span>{" "}
        <span class="channels">{tile.entries.map(({ channel }) => channel).join(", ")}</span>
        {tile.kind === "post" && tile.text && <span class="caption">{tile.text}</span>}
      </button>
    </li>
  );
}
