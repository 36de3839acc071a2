// What can be done with the chosen photos.
import { useState } from "preact/hooks";
import { Ask } from "../../parts/ask";
import { Failure } from "../../parts/loading";
import { useWriting } from "../../parts/writing";
import { go } from "../../router";
import type { ChangedPhoto } from "../../schema";
import { words } from "../../words";
import { choice, clearChoice } from "./choice";
import { keepOut } from "./keeping";
import { photos } from "./photos";
import { PostAt } from "./postat";

export function Actions({ persona }: { readonly persona: string }) {
  const [open, setOpen] = useState<"reason" | "time" | null>(null);
  const [refused, setRefused] = useState<readonly ChangedPhoto[]>([]);
  const { busy, refusal, write } = useWriting();
  const ids = [...choice.value];
  const [first] = ids;
  const isKeptOut = (id: string) => photos.value.get(id)?.state === "kept_out";
  const change = (of: readonly string[], reason: string | null) =>
    void write(async () => {
      setRefused(await keepOut(persona, of, reason));
      clearChoice();
    });
  if (!first && !refused.length && !refusal) return null;
  const [free, kept] = [ids.filter((id) => !isKeptOut(id)), ids.filter(isKeptOut)];
  return (
    <div class="chosen" role="group" aria-label={words.sheet.actions}>
      {refusal && <Failure problem={refusal} />}
      {refused.length > 0 && (
        <div class="failure" role="alert">
          {refused.map(({ photo, detail }) => (
            <p key={photo}>{detail}</p>
          ))}
          <button type="button" onClick={() => setRefused([])}>
            {words.dismiss}
          </button>
        </div>
      )}
      {first && (
        <div class="actions">
          <strong>{words.sheet.count(ids.length)}</strong>
          <button type="button" disabled={busy} onClick={() => setOpen("time")}>
            {words.sheet.postAt}
          </button>
          {free.length > 0 && (
            <button type="button" disabled={busy} onClick={() => setOpen("reason")}>
              {words.sheet.keepOut}
            </button>
          )}
          {kept.length > 0 && (
            <button type="button" disabled={busy} onClick={() => change(kept, null)}>
              {words.sheet.takeBack}
            </button>
          )}
          {ids.length === 1 && (
            <>
              <button type="button" onClick={() => go("photo", [persona, first], { part: "words" })}>
                {words.sheet.words}
              </button>
              <button type="button" onClick={() => go("photo", [persona, first], { part: "why" })}>
                {words.sheet.why}
              </button>
            </>
          )}
          <button type="button" onClick={clearChoice}>
            {words.sheet.clear}
          </button>
        </div>
      )}
      {open === "reason" && (
        <Ask
          title={words.sheet.whyKeepOut(free.length)}
          fields={["reason"]}
          onDone={(values) => {
            setOpen(null);
            if (values?.reason) change(free, values.reason);
          }}
        />
      )}
      {open === "time" && <PostAt persona={persona} photos={ids} onClose={() => setOpen(null)} />}
    </div>
  );
}
