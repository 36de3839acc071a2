// A write that a person starts: busy while it runs, the API's refusal beside it, and one key for its repeats.
import { useRef, useState } from "preact/hooks";
import { Problem } from "../api";
import { readOnly } from "../store";

export interface Writing {
  // Whether no write can begin: one runs, or the server only reads.
  readonly busy: boolean;
  readonly refusal: Problem | null;
  readonly clear: () => void;
  // Whether it succeeded; one that begins while another runs does nothing. `key` stays the same until it does, so that a repeat is the same request.
  readonly write: (act: (key: string) => Promise<unknown>) => Promise<boolean>;
}

export function useWriting(): Writing {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Problem | null>(null);
  const key = useRef(crypto.randomUUID());
  const running = useRef(false);
  const write = async (act: (key: string) => Promise<unknown>) => {
    if (running.current || readOnly.value) return false;
    running.current = true;
    setBusy(true);
    setRefusal(null);
    try {
      await act(key.current);
      key.current = crypto.randomUUID();
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefusal(error);
      return false;
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy: busy || readOnly.value, refusal, clear: () => setRefusal(null), write };
}
