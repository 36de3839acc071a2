// A photo of the library: why it is picked or not, and its own words.
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../../api";
import { useKeys } from "../../keys";
import { Ask } from "../../parts/ask";
import { Bars } from "../../parts/bars";
import { Failure, useLoading } from "../../parts/loading";
import { useWriting } from "../../parts/writing";
import { addressOf, replace, route } from "../../router";
import type { Explanation, Photo as Described } from "../../schema";
import { personas } from "../../store";
import { inZone } from "../../times";
import { words } from "../../words";
import { changes, keepOut } from "../library/keeping";
import { ID, sequence } from "../library/photos";
import { PostAt } from "../library/postat";
import { Facts } from "./facts";
import { Viewer } from "./viewer";
import { Judged, List } from "./why";

export function Photo() {
  const [persona = "", id = ""] = route.value.path;
  const parameters = { persona_id: persona, photo: id };
  const photo = useLoading(() => call("getPhoto", { parameters }), [persona, id]);
  const explanation = useLoading(() => call("explainPhoto", { parameters }), [persona, id]);
  const [changed, setChanged] = useState<Described | null>(null);
  const shown = changed ?? photo.value?.body ?? null;
  const at = sequence.value.indexOf(id.slice(0, ID));
  const step = (by: number) => {
    const next = at < 0 ? undefined : sequence.value[at + by];
    return next ? () => replace("photo", [persona, next], route.value.query) : null;
  };
  useKeys(words.photo.title, [
    { keys: "e", text: words.sheet.words, run: () => focus("words") },
    { keys: "w", text: words.sheet.why, run: () => focus("why") },
  ]);
  useEffect(() => {
    if (!changes.value) return;
    setChanged(null);
    photo.again();
    explanation.again();
  }, [changes.value]);
  const ready = shown !== null && explanation.value !== null;
  useEffect(() => {
    if (ready && route.value.query.part) focus(route.value.query.part);
  }, [ready]);
  return (
    <section class="photo" aria-busy={!shown && !photo.problem}>
      <Viewer
        persona={persona}
        photo={id}
        alt={shown?.alt_text ?? ""}
        name={shown?.names[0] ?? ""}
        before={step(-1)}
        after={step(1)}
      />
      <div class="side">
        <h2>{shown?.names[0] ?? words.photo.title}</h2>
        {photo.problem && <Failure problem={photo.problem} again={photo.again} />}
        {shown && <Standing persona={persona} photo={shown} />}
        <section id="why" tabIndex={-1} aria-labelledby="why-title">
          <h3 id="why-title">{words.sheet.why}</h3>
          {explanation.problem && <Failure problem={explanation.problem} again={explanation.again} />}
          {explanation.value && <Why explanation={explanation.value.body} />}
        </section>
        {shown && (
          <section id="words" aria-labelledby="words-title">
            <h3 id="words-title">{words.sheet.words}</h3>
            <Facts photo={shown} onChanged={setChanged} />
          </section>
        )}
      </div>
    </section>
  );
}

// The first field of a part, or the part itself.
export function focus(part: string): void {
  const section = document.getElementById(part);
  const target = section?.querySelector<HTMLElement>("textarea") ?? section;
  target?.focus();
}

function Why({ explanation }: { readonly explanation: Explanation }) {
  const zone = personas.value.find(({ persona_id }) => persona_id === explanation.persona_id)?.zone ?? null;
  const { considered, parts: planned, total } = explanation;
  const [latest] = considered;
  return (
    <>
      <p>
        <strong>{words.photo.standings[explanation.standing] ?? explanation.standing}</strong>{" "}
        {explanation.planned_for && inZone(explanation.planned_for, zone)}
      </p>
      <List items={explanation.because} />
      {explanation.change.length > 0 && (
        <>
          <h4>{words.photo.change}</h4>
          <List items={explanation.change} />
        </>
      )}
      {planned ? <Bars parts={planned} total={total ?? 0} /> : latest && <Judged considered={latest} />}
    </>
  );
}

interface StandingProps {
  readonly persona: string;
  readonly photo: Described;
}

function Standing({ persona, photo }: StandingProps) {
  const [open, setOpen] = useState<"reason" | "time" | null>(null);
  const { busy, refusal, write } = useWriting();
  const keep = (reason: string | null) =>
    void write(async () => {
      const [refused] = await keepOut(persona, [photo.photo_id], reason);
      if (refused) throw new Problem(0, refused.kind ?? "", refused.detail ?? "");
    });
  return (
    <>
      {refusal && <Failure problem={refusal} />}
      {photo.kept_out && <p>{words.photo.keptOut(photo.kept_out)}</p>}
      {photo.taken_by.length > 0 && (
        <ul>
          {photo.taken_by.map((post) => (
            <li key={post}>
              <a href={addressOf("post", [post])}>{words.photo.openPost}</a>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        <button type="button" disabled={busy} onClick={() => setOpen("time")}>
          {words.sheet.postAt}
        </button>
        <button type="button" disabled={busy} onClick={() => (photo.kept_out ? keep(null) : setOpen("reason"))}>
          {photo.kept_out ? words.sheet.takeBack : words.sheet.keepOut}
        </button>
      </div>
      {open === "reason" && (
        <Ask
          title={words.sheet.whyKeepOut(1)}
          fields={["reason"]}
          onDone={(values) => {
            setOpen(null);
            if (values?.reason) keep(values.reason);
          }}
        />
      )}
      {open === "time" && <PostAt persona={persona} photos={[photo.photo_id]} onClose={() => setOpen(null)} />}
    </>
  );
}
