// A tile of the profile: its picture as it is cropped there, and when and how it stands.
import { Picture } from "../../parts/picture";
import { dayOf, timeOf } from "../../times";
import { words } from "../../words";
import { isMovable } from "../calendar/entries";
import { viewBySpace } from "../calendar/viewing";
import type { ProfileTile } from "./account";
import { ShownPicture } from "./shown";

interface Props {
  readonly tile: ProfileTile;
  readonly connection: string;
  // Whether the Tab key stops here.
  readonly stop: boolean;
  readonly selected: boolean;
  readonly partner: boolean;
  readonly onFocus: () => void;
  readonly onChoose: () => void;
  readonly onDrop: (post: string) => void;
}

export function Cell({ tile, connection, stop, selected, partner, onFocus, onChoose, onDrop }: Props) {
  const movable = isMovable(tile);
  const photos = tile.entries[0]?.photo_ids.length ?? 1;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    onDrop(event.dataTransfer?.getData("text/plain") ?? "");
  };
  return (
    <li
      class={`${tile.state} ${partner ? "partner" : ""}`}
      draggable={movable}
      onDragStart={(event) => event.dataTransfer?.setData("text/plain", tile.post ?? "")}
      onDragOver={(event) => movable && event.preventDefault()}
      onDrop={movable ? drop : undefined}
    >
      <button
        type="button"
        class="post-tile"
        data-tile={tile.key}
        data-post={tile.post ?? undefined}
        tabIndex={stop ? 0 : -1}
        aria-pressed={selected}
        onFocus={onFocus}
        onClick={onChoose}
        onKeyDown={viewBySpace(tile)}
      >
        <TilePicture tile={tile} connection={connection} />
        <span class="unseen">{tile.name}, </span>
        <span class="post-state">
          {words.day(dayOf(tile.at))} {timeOf(tile.at)}
          {photos > 1 && ` × ${photos}`}, <small>{partner ? words.grid.isSwapped : (words.statuses[tile.state] ?? tile.state)}</small>
          {!tile.photo && tile.shown && tile.shown.media !== "picture" && `, ${words.grid.media[tile.shown.media]}`}
        </span>
      </button>
    </li>
  );
}

function TilePicture({ tile, connection }: Pick<Props, "tile" | "connection">) {
  if (tile.photo) return <Picture persona={tile.persona} photo={tile.photo} alt="" name={tile.name} />;
  if (tile.shown) return <ShownPicture tile={tile} connection={connection} alt="" />;
  return <span class="picture missing">{tile.text}</span>;
}
