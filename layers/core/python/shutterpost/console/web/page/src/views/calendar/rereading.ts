// What was changed here, by Undo, or elsewhere is read again, while what was read before stays shown.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { renewed } from "../../store";
import { changes } from "./moving";

export function useRereading(again: () => void): void {
  const count = changes.value + renewed.value;
  const seen = useRef(count);
  useEffect(() => {
    if (count !== seen.current) again();
    seen.current = count;
  }, [count]);
}

// The focus follows a post that moves, or goes to the tile next to where it was. With another `scope` the list shows other days.
export function useFollowing(list: RefObject<HTMLElement | null>, scope = ""): void {
  const tiles = () => [...(list.current?.querySelectorAll<HTMLElement>("[data-tile]") ?? [])];
  // Until this drawing is done, the list is as it was before.
  const before = tiles();
  const place = before.findIndex((tile) => tile === document.activeElement);
  const shown = useRef(scope);
  useLayoutEffect(() => {
    const isSame = shown.current === scope;
    shown.current = scope;
    const lost = before[place];
    if (!isSame || !lost || lost.isConnected) return;
    const now = tiles();
    const moved = now.find(({ dataset }) => dataset.post && dataset.post === lost.dataset.post);
    (moved ?? now[Math.min(place, now.length - 1)])?.focus();
  });
}
