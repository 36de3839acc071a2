// The persona's posts: those to come, and of those before today as many days as a first view can hold.
import { useRef } from "preact/hooks";
import { type Loading, useLoading } from "../../parts/loading";
import { addDays, dayOf } from "../../times";
import { entriesBetween, postsOf, slotsOf, type Tile } from "../calendar/entries";

const [DAYS_BACK, DAYS_AHEAD] = [60, 90];
const MOST_ENTRIES = 200;

interface History extends Loading<readonly Tile[]> {
  // Reads twice as many days before today; null where all of them are there.
  readonly earlier: (() => void) | null;
}

export function useHistory(persona: string, zone: string, today: string): History {
  const days = useRef(DAYS_BACK);
  const limit = useRef(MOST_ENTRIES);
  const posts = async () => {
    for (;;) {
      const [first, last] = [addDays(today, -days.current), addDays(today, DAYS_AHEAD)];
      const most = days.current > 1 ? limit.current : Infinity;
      const entries = await entriesBetween(persona, zone, first, last, most);
      if (entries.length <= most) return postsOf(entries);
      // As many days as fit if all were like these.
      const fitting = (most * new Set(entries.map(({ local_time }) => dayOf(local_time))).size) / entries.length;
      days.current = Math.max(1, Math.floor(Math.min(days.current / 2, fitting)));
    }
  };
  const read = async () => {
    const [planned, slots] = await Promise.all([posts(), slotsOf(persona)]);
    // What is shown is read again as it is, and further back on demand.
    limit.current = Infinity;
    return [...planned, ...slots];
  };
  const loading = useLoading(read, [persona, today]);
  const earlier = () => {
    days.current = Math.min(2 * days.current, DAYS_BACK);
    loading.again();
  };
  return { ...loading, earlier: loading.value && days.current < DAYS_BACK ? earlier : null };
}
