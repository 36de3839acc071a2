// The switch of the header that pauses all posting, and resumes it.
import { useState } from "preact/hooks";
import { call } from "../api";
import { announce } from "../notices";
import { overview, readOnly, refresh } from "../store";
import { words } from "../words";
import { Ask } from "./ask";
import { Failure } from "./loading";
import { useWriting } from "./writing";

export function PauseSwitch() {
  const [open, setOpen] = useState(false);
  const { busy, refusal, write } = useWriting();
  if (!overview.value || readOnly.value) return null;
  const { pause } = overview.value;
  const answered = (values: Record<string, string> | null) => {
    setOpen(false);
    if (values?.reason) void write(() => stop(values.reason ?? ""));
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => (pause ? void write(() => resume(pause.reason)) : setOpen(true))}>
        {pause ? words.resume : words.pause}
      </button>
      {refusal && <Failure problem={refusal} />}
      {open && <Ask title={words.pauseReason} fields={["reason"]} onDone={answered} />}
    </>
  );
}

async function stop(reason: string): Promise<void> {
  await call("pause", { body: { reason } });
  announce(words.isPaused, () => resume(reason));
  await refresh();
}

async function resume(reason: string): Promise<void> {
  await call("resume");
  announce(words.resumed(reason), () => stop(reason));
  await refresh();
}
