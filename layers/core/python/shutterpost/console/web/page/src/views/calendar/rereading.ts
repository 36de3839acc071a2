// What was changed here, by Undo, or elsewhere is read again, while what was read before stays shown.
import { useEffect, useRef } from "preact/hooks";
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
