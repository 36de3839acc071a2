// A button that carries out what ends a need.
import { useRef, useState } from "preact/hooks";
import { call, type Operation, Problem } from "../api";
import type { Repair as Described } from "../schema";
import { notice, refresh } from "../store";
import { words } from "../words";
import { Ask } from "./ask";

// These read; the page shows what they would, where it has a view for it.
const READS = /^(get|list)/;

export function isAction(repair: Described): boolean {
  return !READS.test(repair.operation) && labelOf(repair) !== undefined;
}

function labelOf({ operation, body }: Described): string | undefined {
  if (operation === "resolveSchedule") return "not_live" in body ? words.isNotLive : words.isLive;
  return words.operations[operation];
}

function questionOf(repair: Described): string | null {
  if (repair.operation === "resolveSchedule" && "not_live" in repair.body) return words.notLive;
  return repair.asks.length ? (labelOf(repair) ?? "") : null;
}

export function RepairButton({ repair }: { readonly repair: Described }) {
  const [asking, setAsking] = useState(false);
  const [state, setState] = useState<"ready" | "busy">("ready");
  const [refusal, setRefusal] = useState<string | null>(null);
  // A second click repeats the request, which the API then answers as it did the first.
  const key = useRef(crypto.randomUUID());
  const question = questionOf(repair);

  const act = async (values: Record<string, string>) => {
    setState("busy");
    setRefusal(null);
    try {
      const body = { ...repair.body, ...values };
      const given = { parameters: repair.parameters, key: key.current };
      const answer = await call(repair.operation as Operation, Object.keys(body).length ? { ...given, body } : given);
      notice.value = answer.status === 202 ? words.accepted : words.done;
      key.current = crypto.randomUUID();
      await refresh();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setRefusal(error.message || words.offline);
    } finally {
      setState("ready");
    }
  };
  const answered = (values: Record<string, string> | null) => {
    setAsking(false);
    if (values) void act(values);
  };
  return (
    <>
      <button type="button" disabled={state === "busy"} onClick={() => (question ? setAsking(true) : void act({}))}>
        {labelOf(repair)}
      </button>
      {refusal && <p role="alert">{refusal}</p>}
      {asking && <Ask title={question ?? ""} fields={repair.asks} onDone={answered} />}
    </>
  );
}
