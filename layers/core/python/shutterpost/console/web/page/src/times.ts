// Dates and times as the API gives them: wall times in the persona's zone. The browser's own zone plays no part.
import { language } from "./words";

// The day and the time of a local time such as 2026-04-01T18:30:00+02:00.
export const dayOf = (local: string): string => local.slice(0, 10);
export const timeOf = (local: string): string => local.slice(11, 16);

export function inZone(instant: string, zone: string | null, timeStyle: "short" | "medium" = "short"): string {
  const format = { dateStyle: "medium", timeStyle, timeZone: zone ?? "UTC" } as const;
  return `${new Intl.DateTimeFormat(language, format).format(new Date(instant))} ${zone ?? "UTC"}`;
}

export interface Month {
  readonly year: number;
  // From 0, as in Date.
  readonly month: number;
}

export function monthOf(day: string): Month {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)) - 1 };
}

export function addMonths({ year, month }: Month, count: number): Month {
  const moved = new Date(Date.UTC(year, month + count, 1));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() };
}

// The weeks, from Monday on, that show a month; each day as 2026-04-01.
export function weeksOf({ year, month }: Month): string[][] {
  const first = new Date(Date.UTC(year, month, 1));
  const lead = (first.getUTCDay() + 6) % 7;
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const weeks = Math.ceil((lead + days) / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_, day) =>
      new Date(Date.UTC(year, month, 1 - lead + week * 7 + day)).toISOString().slice(0, 10),
    ),
  );
}

export function addDays(day: string, count: number): string {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + count);
  return moved.toISOString().slice(0, 10);
}

// The days, from Monday on, of the week of a day.
export function weekOf(day: string): string[] {
  const lead = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  return Array.from({ length: 7 }, (_, count) => addDays(day, count - lead));
}

export function todayIn(zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(new Date());
}
