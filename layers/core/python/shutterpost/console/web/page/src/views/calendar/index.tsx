// A month or a week of posts and of what is foreseen: on the desktop a grid, on a phone a list of days.
import { useRef, useState } from "preact/hooks";
import type { Operation } from "../../api";
import { type Key, useKeys } from "../../keys";
import { Failure, Unread, useLoading } from "../../parts/loading";
import { addressOf, alter, route } from "../../router";
import { chosen, overview, readOnly } from "../../store";
import { addDays, addMonths, dayOf, monthOf, todayIn, weekOf, weeksOf } from "../../times";
import { words } from "../../words";
import { Asking } from "./asking";
import { Day } from "./day";
import { allows, daysOf, isMovable, type Days, type Tile } from "./entries";
import { Entry } from "./entry";
import { held, pickUp } from "./moving";
import { useFollowing, useRereading } from "./rereading";
import { Strip, stripOpen, toggleStrip } from "./strip";
import { view } from "./viewing";

export function Calendar() {
  const shown = chosen.value;
  const zone = shown?.zone ?? "UTC";
  const id = shown?.persona_id;
  const today = todayIn(zone);
  const on = route.value.query.on || today;
  const week = route.value.query.span === "week";
  const month = monthOf(on);
  const weeks = week ? [weekOf(on)] : weeksOf(month);
  const days = weeks.flat();
  const [first = "", last = ""] = [days[0], days.at(-1)];
  const read = async () => (id ? { id, days: await daysOf(id, zone, first, last) } : null);
  const { value, problem, again } = useLoading(read, [id, first, last]);
  useRereading(again);
  const list = useRef<HTMLOListElement>(null);
  useFollowing(list, `${first} ${last}`);
  const [open, setOpen] = useState<{ readonly tile: Tile; readonly pressed: Operation | null } | null>(null);
  const go = (count: number) => alter({ on: week ? addDays(on, 7 * count) : firstOf(addMonths(month, count)) });
  useKeys(words.views.calendar, keysOf(value?.days ?? new Map(), go, (tile, pressed) => setOpen({ tile, pressed })));
  if (!overview.value) return <Unread />;
  if (!shown) {
    return (
      <p class="empty">
        {words.noPersona} <a href={addressOf("start")}>{words.views.start}</a>
      </p>
    );
  }
  const withStrip = stripOpen.value && !readOnly.value;
  const title = week ? words.plan.week(words.day(first), words.day(last)) : words.month(month.year, month.month);
  return (
    <section aria-labelledby="month" aria-busy={!value && !problem} class={overview.value?.pause ? "greyed" : ""}>
      <header class="month">
        <button type="button" aria-label={words.earlier} onClick={() => go(-1)}>
          ‹
        </button>
        <h2 id="month" aria-live="polite">
          {title} <small>{zone}</small>
        </h2>
        <button type="button" aria-label={words.later} onClick={() => go(1)}>
          ›
        </button>
        <button type="button" onClick={() => alter({ on: "" })}>
          {words.plan.today}
        </button>
        <button type="button" aria-pressed={week} onClick={() => alter({ span: week ? "" : "week" })}>
          {words.plan.oneWeek}
        </button>
        {!readOnly.value && (
          <button type="button" aria-expanded={withStrip} onClick={toggleStrip}>
            {words.plan.strip}
          </button>
        )}
      </header>
      {problem && <Failure problem={problem} again={again} />}
      <p role="status" class="carried">
        {held.value?.over ? words.plan.over(words.day(held.value.over)) : ""}
      </p>
      <div class={withStrip ? "beside" : ""}>
        {withStrip && <Strip key={shown.persona_id} persona={shown} from={days.includes(today) ? today : first} />}
        <ol ref={list} class={week ? "days week" : "days"}>
          {days.map((day) => (
            <Day
              key={day}
              day={day}
              today={today}
              outside={!week && monthOf(day).month !== month.month}
              tiles={value?.days.get(day) ?? []}
              onOpen={(tile) => setOpen({ tile, pressed: null })}
            />
          ))}
        </ol>
      </div>
      {held.value && <Carried days={days} />}
      {open && <Entry {...open} onClose={() => setOpen(null)} />}
      <Asking />
    </section>
  );
}

const firstOf = ({ year, month }: { year: number; month: number }) => new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);

function keysOf(days: Days, go: (count: number) => void, act: (tile: Tile, operation: Operation) => void): Key[] {
  const tiles = [...days.values()].flat();
  const focused = () => document.activeElement?.closest<HTMLElement>("[data-tile]")?.dataset.tile;
  const all = () => [...document.querySelectorAll<HTMLElement>("[data-tile]")];
  const step = (count: number) => all()[all().findIndex(({ dataset }) => dataset.tile === focused()) + count]?.focus();
  const stepDays = (count: number) => {
    const day = document.activeElement?.closest<HTMLElement>("[data-day]")?.dataset.day;
    if (day) document.querySelector<HTMLElement>(`[data-day="${addDays(day, count)}"] [data-tile]`)?.focus();
  };
  const current = () => tiles.find(({ key }) => key === focused());
  const openPart = (part: string) => {
    const tile = current();
    if (tile) view(tile, { part });
  };
  const carry = () => {
    const tile = current();
    if (tile && isMovable(tile)) pickUp(tile, dayOf(tile.at));
  };
  const judge = (operation: Operation) => () => {
    const tile = current();
    if (tile && allows(tile, operation)) act(tile, operation);
  };
  return [
    { keys: "m", text: words.plan.pickUp, run: carry },
    { keys: "a", text: words.operations.approvePost ?? "", run: judge("approvePost") },
    { keys: "r", text: words.operations.rejectPost ?? "", run: judge("rejectPost") },
    { keys: "ArrowLeft", text: words.plan.before, run: () => step(-1) },
    { keys: "ArrowRight", text: words.plan.after, run: () => step(1) },
    { keys: "ArrowUp", text: words.plan.weekBefore, run: () => stepDays(-7) },
    { keys: "ArrowDown", text: words.plan.weekAfter, run: () => stepDays(7) },
    { keys: "Home", text: words.plan.firstPost, run: () => all()[0]?.focus() },
    { keys: "End", text: words.plan.lastPost, run: () => all().at(-1)?.focus() },
    { keys: "Space", text: words.sheet.open, run: null },
    { keys: "e", text: words.sheet.words, run: () => openPart("words") },
    { keys: "w", text: words.sheet.why, run: () => openPart("why") },
    { keys: "[", text: words.earlier, run: () => go(-1) },
    { keys: "]", text: words.later, run: () => go(1) },
    { keys: "PageUp", text: words.earlier, run: () => go(-1) },
    { keys: "PageDown", text: words.later, run: () => go(1) },
    { keys: ".", text: words.plan.today, run: () => alter({ on: "" }) },
  ];
}

// The keys of what is picked up. The calendar follows it to days that are not shown.
function Carried({ days }: { readonly days: readonly string[] }) {
  const move = (count: number) => () => {
    const { value } = held;
    if (!value) return;
    const over = addDays(value.over || value.from, count);
    held.value = { ...value, over };
    if (days.includes(over)) document.querySelector(`[data-day="${over}"]`)?.scrollIntoView({ block: "nearest" });
    else alter({ on: over });
  };
  useKeys(words.plan.carrying, [
    { keys: "ArrowLeft", text: words.plan.dayBefore, run: move(-1) },
    { keys: "ArrowRight", text: words.plan.dayAfter, run: move(1) },
    { keys: "ArrowUp", text: words.plan.weekBefore, run: move(-7) },
    { keys: "ArrowDown", text: words.plan.weekAfter, run: move(7) },
    { keys: "Enter", text: words.plan.drop, run: () => void held.value?.drop(held.value.over || held.value.from) },
    { keys: "Escape", text: words.plan.putBack, run: () => (held.value = null) },
  ]);
  return null;
}
