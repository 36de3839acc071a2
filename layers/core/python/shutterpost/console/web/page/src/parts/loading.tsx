// What a view reads from the API: its value, and the problem of its latest read with a way to ask again.
import { effect } from "@preact/signals";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api";
import { actAfter, waitAfter } from "../retrying";
import { recovered, trouble } from "../store";
import { words } from "../words";
import { textOf } from "../words/problems";

export interface Loading<Value> {
  readonly value: Value | null;
  readonly problem: Problem | null;
  readonly again: () => void;
}

// `inputs` are what the read depends on; with new ones the old value goes. What can pass is read again by itself.
export function useLoading<Value>(read: () => Promise<Value>, inputs: readonly unknown[]): Loading<Value> {
  const [state, setState] = useState<Omit<Loading<Value>, "again">>({ value: null, problem: null });
  const turn = useRef(0);
  const failures = useRef(0);
  const again = useCallback(() => {
    const mine = ++turn.current;
    read().then(
      (value) => {
        if (mine !== turn.current) return;
        failures.current = 0;
        setState({ value, problem: null });
      },
      (problem: unknown) => {
        if (!(problem instanceof Problem)) throw problem;
        if (mine !== turn.current) return;
        problem.seconds = problem.passes ? waitAfter(failures.current++) : 0;
        setState((before) => ({ ...before, problem }));
      },
    );
  }, inputs);
  useEffect(() => {
    setState({ value: null, problem: null });
    failures.current = 0;
    again();
    return () => {
      turn.current += 1;
    };
  }, [again]);
  const { problem } = state;
  useEffect(() => (problem?.seconds ? actAfter(problem.seconds, again) : undefined), [problem, again]);
  const failed = problem !== null;
  // Once the API answers again, what failed is read again.
  useEffect(() => (failed ? onRecovery(again) : undefined), [failed, again]);
  return { ...state, again };
}

function onRecovery(act: () => void): () => void {
  const start = recovered.peek();
  return effect(() => {
    if (recovered.value !== start) act();
  });
}

// In place of a view before the first overview is read. Why it cannot be read, the banner says.
export function Unread() {
  return trouble.value ? null : <p aria-busy="true">{words.loading}</p>;
}

export function Failure({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) {
  return (
    <div class="failure" role="alert">
      <p>
        {textOf(problem)} {problem.seconds ? words.triesAgain(problem.seconds) : ""}
      </p>
      {again && (
        <button type="button" onClick={again}>
          {words.tryAgain}
        </button>
      )}
    </div>
  );
}
