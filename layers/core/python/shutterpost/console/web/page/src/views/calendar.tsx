// A month of posts and of what is foreseen, on the desktop as a grid of weeks, on a phone as a list of days.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { type Answer, call, Problem } from "../api";
import { Picture } from "../parts/picture";
import type { CalendarEntry, CalendarPage, ForecastSlot } from "../schema";
import { overview, persona, trouble } from "../store";
import { addMonths, dayOf, type Month, monthOf, timeOf, todayIn, weeksOf } from "../times";
import { words } from "../words";

// What stands on a day: a post, or the photo that is foreseen for a slot.
interface Tile {
  readonly key: string;
  readonly at: string;
  readonly persona: string;
  readonly photo: string | null;
  readonly name: string;
  readonly state: string;
  readonly channels: readonly string[];
}

const PLANNED_DAYS = 90;
const MOST_ON_A_DAY = 3;
const shownMonth = signal<Month | null>(null);

export function Calendar() {
  const chosen = overview.value?.personas.find(({ persona_id }) => persona_id === persona.value) ?? overview.value?.personas[0];
  const [tiles, setTiles] = useState<ReadonlyMap<string, readonly Tile[]> | null>(null);
  const zone = chosen?.zone ?? "UTC";
  const month = shownMonth.value ?? monthOf(todayIn(zone));
  const weeks = weeksOf(month);
  const { persona_id: id } = chosen ?? { persona_id: null };
  useEffect(() => {
    if (!id) return;
    let wanted = true;
    setTiles(null);
    tilesOf(id, zone, weeks[0]?.[0] ?? "", weeks.at(-1)?.at(-1) ?? "").then(
      (found) => wanted && setTiles(found),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        trouble.value = error.message || words.offline;
      },
    );
    return () => {
      wanted = false;
    };
  }, [id, month.year, month.month]);
  if (!chosen) return <p class="empty">{overview.value ? words.noPersona : words.loading}</p>;
  const go = (count: number) => {
    shownMonth.value = addMonths(month, count);
  };
  return (
    <section aria-labelledby="month" aria-busy={tiles === null}>
      <header class="month">
        <button type="button" aria-label={words.earlier} onClick={() => go(-1)}>
          ‹
        </button>
        <h2 id="month" aria-live="polite">
          {words.month(month.year, month.month)} <small>{zone}</small>
        </h2>
        <button type="button" aria-label={words.later} onClick={() => go(1)}>
          ›
        </button>
        <button type="button" onClick={() => (shownMonth.value = null)}>
          {words.thisMonth}
        </button>
      </header>
      <ol class="days">
        {weeks.flat().map((day) => (
          <Day key={day} day={day} outside={monthOf(day).month !== month.month} tiles={tiles?.get(day) ?? []} today={todayIn(zone)} />
        ))}
      </ol>
    </section>
  );
}

interface DayProps {
  readonly day: string;
  readonly today: string;
  readonly outside: boolean;
  readonly tiles: readonly Tile[];
}

function Day({ day, today, outside, tiles }: DayProps) {
  const [all, setAll] = useState(false);
  const shown = all ? tiles : tiles.slice(0, MOST_ON_A_DAY);
  const kind = [outside && "outside", day === today && "now", !tiles.length && "free"].filter(Boolean).join(" ");
  return (
    <li class={`day ${kind}`} aria-current={day === today ? "date" : undefined}>
      <h3>{words.day(day)}</h3>
      <ul>
        {shown.map((tile) => (
          <li key={tile.key} class={`tile ${tile.state}`}>
            {tile.photo && <Picture persona={tile.persona} photo={tile.photo} alt={tile.name} />}
            <span class="when">{timeOf(tile.at)}</span> <span class="state">{words.statuses[tile.state]}</span>{" "}
            <span class="channels">{tile.channels.join(", ")}</span>
          </li>
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

async function tilesOf(id: string, zone: string, first: string, last: string): Promise<ReadonlyMap<string, readonly Tile[]>> {
  const [entries, plan] = await Promise.all([
    entriesBetween(id, zone, `${first}T00:00:00`, `${last}T23:59:59`),
    call("getPlan", { parameters: { persona_id: id }, query: { days: PLANNED_DAYS } }),
  ]);
  const posts = new Map<string, Tile>();
  for (const entry of entries) {
    const key = `${entry.post_id} ${entry.local_time}`;
    const before = posts.get(key);
    posts.set(key, { ...tileOf(entry), key, channels: [...(before?.channels ?? []), entry.channel] });
  }
  const foreseen = plan.body.slots.filter((slot) => !slot.post_id && slot.photo_id).map((slot) => foreseenTile(id, slot));
  const days = new Map<string, Tile[]>();
  for (const tile of [...posts.values(), ...foreseen].sort((one, other) => one.at.localeCompare(other.at))) {
    days.set(dayOf(tile.at), [...(days.get(dayOf(tile.at)) ?? []), tile]);
  }
  return days;
}

async function entriesBetween(id: string, zone: string, from: string, to: string): Promise<CalendarEntry[]> {
  const entries: CalendarEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: Answer<CalendarPage> = await call("getCalendar", {
      query: { persona: id, zone, from, to, limit: 100, cursor },
    });
    entries.push(...page.body.entries);
    cursor = page.body.cursor ?? null;
  } while (cursor);
  return entries;
}

function tileOf(entry: CalendarEntry): Tile {
  return {
    key: entry.schedule_id,
    at: entry.local_time,
    persona: entry.persona_id,
    photo: entry.photo_ids[0] ?? null,
    name: entry.photo_names[0] ?? "",
    state: entry.status,
    channels: [entry.channel],
  };
}

function foreseenTile(id: string, slot: ForecastSlot): Tile {
  const { wall_time: at, photo_id: photo = null, name } = slot;
  return { key: `foreseen ${at}`, at, persona: id, photo, name, state: "foreseen", channels: [] };
}
