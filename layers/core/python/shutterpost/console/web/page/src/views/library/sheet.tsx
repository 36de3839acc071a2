// The contact sheet: a grid whose rows exist while they are visible, and while they have the focus.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useKeys } from "../../keys";
import { Picture } from "../../parts/picture";
import { addressOf, go } from "../../router";
import { words } from "../../words";
import { active, choice, chooseTo, clearChoice, destination, toggle } from "./choice";
import type { Sort } from "./filters";
import { GAP, layoutOf, type Rows, stepOf, visibleRows } from "./layout";
import { FINE, marksOf } from "./marks";
import type { Tile } from "./photos";
import { Rail } from "./rail";

interface Props {
  readonly persona: string;
  readonly tiles: readonly Tile[];
  readonly sort: Sort;
}

// What covers the window's lower edge: the actions of the chosen photos. As the styles' scroll padding, in pixels.
const COVERED = 80;

export function Sheet({ persona, tiles, sort }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [shown, setShown] = useState<Rows>({ first: 0, end: 0 });
  // Of the rail: how far below the window's top it begins, and how high it may be; none where a screen shows the sheet.
  const [edge, setEdge] = useState(0);
  const [room, setRoom] = useState(0);
  // The place at the window's top. After a jump it is the jump's, which at the sheet's end is further below.
  const here = useSignal(0);
  const landed = useRef(-Infinity);
  const focusNext = useRef(false);
  const { columns, pitch } = layoutOf(width);
  const rows = Math.ceil(tiles.length / columns);
  // Read when it is needed, because keys can come faster than drawings.
  const place = () => Math.max(0, tiles.findIndex((tile) => tile.id === active.value));
  const at = place();
  const marks = useMemo(() => marksOf(tiles, sort, FINE), [tiles, sort]);
  const hasRail = room > 0 && marks.length > 1;

  useLayoutEffect(() => {
    landed.current = -Infinity;
    const measure = () => {
      const box = grid.current?.getBoundingClientRect();
      if (!box) return;
      setWidth(box.width);
      const { columns, pitch } = layoutOf(box.width);
      const begins = Math.round(box.top + scrollY);
      setEdge(begins);
      setRoom(rows * pitch > innerHeight ? innerHeight - begins - COVERED : 0);
      // Browsers round where a jump ends.
      if (Math.abs(scrollY - landed.current) > 1) here.value = columns * Math.round(Math.max(0, -box.top) / pitch);
      const next = visibleRows(-box.top, innerHeight, pitch, rows);
      setShown((before) => (before.first === next.first && before.end === next.end ? before : next));
    };
    measure();
    addEventListener("scroll", measure, { passive: true });
    addEventListener("resize", measure);
    return () => {
      removeEventListener("scroll", measure);
      removeEventListener("resize", measure);
    };
  }, [rows, tiles, width]);

  const element = () => grid.current?.querySelector<HTMLElement>(`[data-id="${active.value}"]`);
  const focusActive = () => {
    const next = focusNext.current ? element() : null;
    next?.focus({ preventScroll: true });
    if (next) focusNext.current = false;
  };
  const move = (to: number) => {
    const box = grid.current?.getBoundingClientRect();
    if (!box) return;
    active.value = tiles[to]?.id ?? null;
    const top = box.top + Math.floor(to / columns) * pitch;
    const below = top + pitch + COVERED - innerHeight;
    if (top < 0 || below > 0) scrollBy(0, top < 0 ? top : below);
    focusNext.current = true;
    focusActive();
  };
  const jump = (to: number) => {
    const box = grid.current?.getBoundingClientRect();
    if (!box) return;
    active.value = tiles[to]?.id ?? null;
    scrollBy(0, box.top + Math.floor(to / columns) * pitch);
    landed.current = scrollY;
    here.value = to;
  };
  const enter = (to: number) => {
    jump(to);
    focusNext.current = true;
    focusActive();
  };
  // Who comes back from a photo goes on where it stands.
  useEffect(() => {
    if (width > 0 && tiles[at]?.id === active.value) move(at);
  }, [width > 0]);
  useEffect(() => {
    if (destination.value === null) return;
    move(destination.value);
    destination.value = null;
  }, [destination.value]);
  // Before the next key, which may act on the tile. Where it is not drawn yet, the next drawing brings it.
  useLayoutEffect(focusActive);

  const press = (event: KeyboardEvent) => {
    const from = place();
    const withControl = event.ctrlKey || event.metaKey;
    const to = stepOf(event.key, withControl, from, tiles.length, columns, Math.floor(innerHeight / pitch));
    if (to !== null) {
      event.preventDefault();
      if (event.shiftKey) {
        if (!choice.value.size) toggle(tiles[from]?.id ?? "");
        chooseTo(tiles[to]?.id ?? "", tiles);
      }
      move(to);
    } else if ((event.key === " " || event.key === "Enter") && !withControl && event.target === document.activeElement?.closest("a")) {
      event.preventDefault();
      go("photo", [persona, active.value ?? ""]);
    } else if (event.key === "Escape") {
      clearChoice();
    }
  };
  const onFocused = (act: (id: string) => void) => () => {
    if (document.activeElement === element() && active.value) act(active.value);
    else element()?.focus();
  };
  useKeys(words.views.library, [
    { keys: "← → ↑ ↓ Home End PgUp PgDn", text: words.sheet.move, run: null },
    ...(hasRail ? [{ keys: "↑ ↓ Home End", text: words.sheet.along, run: null }] : []),
    { keys: "Enter Space", text: words.sheet.open, run: null },
    { keys: "Esc", text: words.sheet.clear, run: null },
    { keys: "x", text: words.sheet.choose, run: onFocused(toggle) },
    { keys: "X", text: words.sheet.chooseTo, run: onFocused((id) => chooseTo(id, tiles)) },
    { keys: "e", text: words.sheet.words, run: onFocused((id) => go("photo", [persona, id], { part: "words" })) },
    { keys: "w", text: words.sheet.why, run: onFocused((id) => go("photo", [persona, id], { part: "why" })) },
  ]);

  const visible = Array.from({ length: Math.max(0, shown.end - shown.first) }, (_, row) => shown.first + row);
  const own = Math.floor(at / columns);
  const drawn = visible.includes(own) || !rows ? visible : [...visible, own].sort((one, other) => one - other);
  return (
    <div class="contact-sheet">
      <div
        ref={grid}
        role="grid"
        class="sheet"
        aria-label={words.views.library}
        aria-rowcount={rows}
        aria-colcount={columns}
        aria-multiselectable="true"
        style={{ height: `${rows * pitch}px` }}
        onKeyDown={press}
      >
        {width > 0 &&
          drawn.map((row) => (
            <div
              key={row}
              role="row"
              aria-rowindex={row + 1}
              style={{ transform: `translateY(${row * pitch}px)`, height: `${pitch - GAP}px`, "--columns": columns }}
            >
              {tiles.slice(row * columns, (row + 1) * columns).map((tile, column) => (
                <Cell
                  key={tile.id}
                  persona={persona}
                  tile={tile}
                  column={column + 1}
                  stop={row * columns + column === at}
                  onRange={() => chooseTo(tile.id, tiles)}
                />
              ))}
            </div>
          ))}
      </div>
      {hasRail && <Rail marks={marks} sort={sort} top={edge} room={room} here={here} onJump={jump} onEnter={enter} />}
    </div>
  );
}

interface CellProps {
  readonly persona: string;
  readonly tile: Tile;
  readonly column: number;
  // Whether the Tab key stops here.
  readonly stop: boolean;
  readonly onRange: () => void;
}

function Cell({ persona, tile, column, stop, onRange }: CellProps) {
  const chosen = choice.value.has(tile.id);
  const click = (event: MouseEvent) => {
    active.value = tile.id;
    if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey) onRange();
    else toggle(tile.id);
  };
  return (
    <div role="gridcell" aria-colindex={column} aria-selected={chosen} class={`cell ${tile.state}`}>
      <a
        href={addressOf("photo", [persona, tile.id])}
        data-id={tile.id}
        tabIndex={stop ? 0 : -1}
        onClick={click}
        onFocus={() => (active.value = tile.id)}
      >
        <Picture persona={persona} photo={tile.id} alt="" name={tile.name} tint={tile.tint} />
        <span class="unseen">{words.photoOf(tile.name, tile.score, words.sheet.states[tile.state] ?? "")}</span>
        <span class="plate" aria-hidden="true">
          {tile.score?.toFixed(1)} {tile.state === "unposted" ? "" : words.sheet.marks[tile.state]}
        </span>
      </a>
      <button
        type="button"
        class="pick"
        tabIndex={-1}
        aria-pressed={chosen}
        aria-label={words.sheet.chooseOne(tile.name)}
        onClick={(event) => (event.shiftKey ? onRange() : toggle(tile.id))}
      >
        {chosen ? "✓" : ""}
      </button>
    </div>
  );
}
