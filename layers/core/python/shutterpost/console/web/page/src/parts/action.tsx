// A button that carries out what the API says is possible now.
import { useState } from "preact/hooks";
import { type Answer, call, type Operation } from "../api";
import { announce } from "../notices";
import type { ApiCall } from "../schema";
import { readOnly, refresh } from "../store";
import { words } from "../words";
import { Ask } from "./ask";
import { Failure } from "./loading";
import { useWriting } from "./writing";

// These read; the page shows what they would, where it has a view for it.
const READS = /^(get|list)/;
const UNDONE_BY: Readonly<Partial<Record<string, Operation>>> = { skipSchedule: "retrySchedule" };

export function isAction(action: ApiCall): boolean {
  return !readOnly.value && !READS.test(action.operation) && labelOf(action) !== undefined;
}

function labelOf({ operation, body }: ApiCall): string | undefined {
  if (operation === "resolveSchedule") return "not_live" in body ? words.isNotLive : words.isLive;
  return words.operations[operation];
}

function questionOf(action: ApiCall): string | null {
  const { operation, body, asks } = action;
  if (operation === "resolveSchedule" && "not_live" in body) return words.notLive;
  return words.questions[operation] ?? (asks.length ? (labelOf(action) ?? "") : null);
}

// A key does what the button of an operation in an element does.
export function pressIn(element: Element | null | undefined, operation: string): void {
  element?.querySelector<HTMLButtonElement>(`[data-operation=${operation}]`)?.click();
}

interface Props {
  readonly action: ApiCall;
  readonly onDone?: () => void;
}

export function ActionButton({ action, onDone }: Props) {
  const [open, setOpen] = useState(false);
  const { busy, refusal, write } = useWriting();
  const question = questionOf(action);
  const settle = async () => {
    onDone?.();
    await refresh();
  };
  const act = (values: Record<string, string>) =>
    write(async (key) => {
      const { operation, parameters } = action;
      const body = { ...action.body, ...values };
      const answer = await call(operation as Operation, { parameters, key, ...(Object.keys(body).length ? { body } : {}) });
      const undoing = UNDONE_BY[operation];
      const undo = async () => {
        if (undoing) await call(undoing, { parameters });
        await settle();
      };
      announce(resultOf(operation, answer), undoing ? undo : null);
      await settle();
    });
  const answered = (values: Record<string, string> | null) => {
    setOpen(false);
    if (values) void act(values);
  };
  if (!isAction(action)) return null;
  return (
    <>
      <button type="button" data-operation={action.operation} disabled={busy} onClick={() => (question ? setOpen(true) : void act({}))}>
        {labelOf(action)}
      </button>
      {refusal && <Failure problem={refusal} />}
      {open && <Ask title={question ?? ""} fields={action.asks} onDone={answered} />}
    </>
  );
}

function resultOf(operation: string, { status, body }: Answer<unknown>): string {
  // Whether a live post could be removed, the answer says.
  if (operation === "removeLivePost") return (body as { readonly detail: string }).detail;
  return status === 202 ? words.accepted : (words.results[operation] ?? words.done);
}
