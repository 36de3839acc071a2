// The rail at the sheet's edge: a press or a drag on its marks scrolls the sheet.
import type { ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { words } from "../../words";
import type { Sort } from "./filters";
import { type Mark, thinned } from "./marks";

interface Props {
  readonly marks: readonly Mark[];
  readonly sort: Sort;
  // How far below the window's top it stays, and how high it may be, in pixels.
  readonly top: number;
  readonly room: number;
  // The place in the sheet that is at the window's top.
  readonly here: ReadonlySignal<number>;
  readonly onJump: (at: number) => void;
  readonly onEnter: (at: number) => void;
}

const FEWEST = 2;

export function Rail({ marks: all, sort, top, room, here, onJump, onEnter }: Props) {
  const rail = useRef<HTMLDivElement>(null);
  const [most, setMost] = useState(FEWEST);
  const marks = thinned(all, most);
  // Read when it is needed, because keys can come faster than drawings.
  const place = () => marks.findLastIndex(({ at }) => at <= here.value);
  const current = place();

  useLayoutEffect(() => {
    const height = rail.current?.firstElementChild?.clientHeight;
    if (height) setMost(Math.max(FEWEST, Math.floor(room / height)));
  });
  useLayoutEffect(() => {
    const own = rail.current;
    return () => {
      if (own && own === document.activeElement) document.querySelector("main")?.focus();
    };
  }, []);

  const scrub = ({ clientY }: PointerEvent) => {
    const box = rail.current?.getBoundingClientRect();
    if (!box) return;
    const index = Math.floor(((clientY - box.top) / box.height) * marks.length);
    const mark = marks[Math.max(0, Math.min(index, marks.length - 1))];
    if (mark) onJump(mark.at);
  };
  const begin = (event: PointerEvent) => {
    if (event.button !== 0) return;
    rail.current?.setPointerCapture(event.pointerId);
    scrub(event);
  };
  const press = (event: KeyboardEvent) => {
    const at = place();
    const steps: Readonly<Record<string, number>> = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: marks.length - 1 };
    const enters = event.key === "Enter" || event.key === " ";
    const step = enters ? at : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const mark = marks[step];
    if (mark) (enters ? onEnter : onJump)(mark.at);
  };
  return (
    <div
      ref={rail}
      role="listbox"
      class="rail"
      aria-label={words.sheet.rails[sort]}
      aria-activedescendant={`mark-${current}`}
      tabIndex={0}
      style={{ top: `${top}px` }}
      onKeyDown={press}
      onPointerDown={begin}
      onPointerMove={(event) => rail.current?.hasPointerCapture(event.pointerId) && scrub(event)}
      // At the pointer's end, here is where it has led to.
      onClick={() => onEnter(here.value)}
    >
      {marks.map((mark, index) => (
        <div
          key={index}
          id={`mark-${index}`}
          role="option"
          aria-selected={index === current}
          aria-label={nameOf(mark, sort)}
          // Of those who listen. A pointer's click comes to the rail, which has captured it.
          onClick={(event) => {
            event.stopPropagation();
            onEnter(mark.at);
          }}
        >
          {labelOf(mark, marks[index - 1], sort)}
        </div>
      ))}
    </div>
  );
}

function nameOf({ group }: Mark, sort: Sort): string {
  if (!group) return words.sheet.unmarked;
  return sort === "taken" ? `${monthOf(group)} ${group.slice(0, 4)}` : group;
}

// The first mark of a year shows the year, the others their months.
function labelOf({ group }: Mark, before: Mark | undefined, sort: Sort): string {
  if (!group) return "–";
  if (sort !== "taken") return group;
  return group.slice(0, 4) === before?.group.slice(0, 4) ? monthOf(group) : group.slice(0, 4);
}

// In both languages the first three letters are a month's short form.
function monthOf(group: string): string {
  const [year, month] = group.split("-").map(Number);
  return words.month(year ?? 0, (month ?? 1) - 1).slice(0, 3);
}
