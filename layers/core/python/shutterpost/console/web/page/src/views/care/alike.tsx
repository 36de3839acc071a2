// Photos that look alike, one group at a time: side by side, with the facts in which they differ.
import { useState } from "preact/hooks";
import { call, Problem } from "../../api";
import { useKeys } from "../../keys";
import { announce } from "../../notices";
import { Failure, useLoading } from "../../parts/loading";
import { Picture } from "../../parts/picture";
import { useWriting } from "../../parts/writing";
import type { ChangePhotoRequest, LookAlikes, Photo } from "../../schema";
import { inZone } from "../../times";
import { words } from "../../words";
import type { PartProps } from ".";

export function Alike({ persona }: PartProps) {
  const parameters = { persona_id: persona.persona_id };
  const read = async () => (await call("listDuplicates", { parameters })).body;
  const { value, problem, again } = useLoading(read, [persona.persona_id]);
  const [resolved, setResolved] = useState<readonly string[]>([]);
  const [later, setLater] = useState<readonly string[]>([]);
  const all = value?.groups.filter((group) => !resolved.includes(keyOf(group))) ?? [];
  const open = [...all.filter((group) => !later.includes(keyOf(group))), ...later.flatMap((key) => all.filter((group) => keyOf(group) === key))];
  const [group] = open;
  const resolve = (key: string, text: string, back: () => Promise<unknown>) => {
    setResolved((before) => [...before, key]);
    announce(text, async () => {
      await back();
      setResolved((before) => before.filter((each) => each !== key));
    });
  };
  return (
    <section aria-labelledby="alike" aria-busy={!value && !problem}>
      <h2 id="alike">
        {words.care.parts.alike} {group && <small>{words.care.groups(open.length)}</small>}
      </h2>
      {problem && <Failure problem={problem} again={again} />}
      {value && !group && <p>{words.care.noneAlike}</p>}
      {group && (
        <Group
          key={keyOf(group)}
          group={group}
          parameters={parameters}
          zone={persona.zone}
          onResolved={(text, back) => resolve(keyOf(group), text, back)}
          onLater={() => setLater((before) => [...before.filter((key) => key !== keyOf(group)), keyOf(group)])}
        />
      )}
      {value && !value.whole && <p>{words.care.notWhole(value.compared)}</p>}
    </section>
  );
}

const keyOf = (group: LookAlikes): string => group.photos.map(({ photo_id }) => photo_id.slice(0, 12)).sort().join(" ");

interface GroupProps {
  readonly group: LookAlikes;
  readonly parameters: { readonly persona_id: string };
  readonly zone: string;
  readonly onResolved: (text: string, back: () => Promise<unknown>) => void;
  readonly onLater: () => void;
}

function Group({ group, parameters, zone, onResolved, onLater }: GroupProps) {
  const ids = group.photos.map(({ photo_id }) => photo_id);
  const read = () => Promise.all(ids.map(async (photo) => (await call("getPhoto", { parameters: { ...parameters, photo } })).body));
  const { value: photos, problem, again } = useLoading(read, [ids.join()]);
  const [selected, setSelected] = useState<string | null>(null);
  const { busy, refusal, write } = useWriting();
  const best = photos && [...photos].sort(byWorth)[0];
  const choice = photos?.find(({ photo_id }) => photo_id === selected) ?? best;
  const keep = () =>
    choice &&
    write(async () => {
      const others = ids.filter((id) => id !== choice.photo_id);
      await change(parameters, others, { kept_out: words.care.looksLike(nameOf(choice)) });
      onResolved(words.care.kept(nameOf(choice)), () => change(parameters, others, { kept_out: null }));
    });
  const keepAll = () =>
    photos &&
    write(async () => {
      for (const photo of photos) await change(parameters, [photo.photo_id], { kept_with: beside(photo, ids) });
      onResolved(words.care.bothKept, async () => {
        for (const photo of photos) await change(parameters, [photo.photo_id], { kept_with: photo.kept_with });
      });
    });
  useKeys(words.care.parts.alike, [
    { keys: "k", text: words.care.keepChosen, run: () => void keep() },
    { keys: "b", text: words.care.both(ids.length), run: () => void keepAll() },
    { keys: "n", text: words.care.later, run: onLater },
  ]);
  if (problem) return <Failure problem={problem} again={again} />;
  if (!photos || !choice) return <p aria-busy="true">{words.loading}</p>;
  const rows = differences(photos, zone);
  return (
    <>
      <p class="why">{words.care.alikeBy(group.bits, group.burst)}</p>
      <fieldset class="alike">
        <legend>{words.care.whichToKeep}</legend>
        {photos.map((photo, place) => (
          <label key={photo.photo_id} class={photo === choice ? "chosen" : ""}>
            <Picture persona={parameters.persona_id} photo={photo.photo_id} alt="" />
            <span>
              <input type="radio" name="kept" checked={photo === choice} onChange={() => setSelected(photo.photo_id)} />{" "}
              {nameOf(photo)} {photo === best && <strong>({words.care.best})</strong>}
            </span>
            <span class="facts">
              {rows.map(({ name, values }) => (
                <span key={name}>
                  <small>{name}</small> {values[place]}
                </span>
              ))}
            </span>
          </label>
        ))}
      </fieldset>
      <div class="actions">
        <button type="button" class="first" disabled={busy} onClick={() => void keep()}>
          {words.care.keep(nameOf(choice))}
        </button>
        <button type="button" disabled={busy} onClick={() => void keepAll()}>
          {words.care.both(ids.length)}
        </button>
        <button type="button" onClick={onLater}>
          {words.care.later}
        </button>
      </div>
      {refusal && <Failure problem={refusal} />}
    </>
  );
}

// With those of earlier groups.
const beside = (photo: Photo, ids: readonly string[]): string[] =>
  [...new Set([...photo.kept_with, ...ids])].filter((id) => id !== photo.photo_id);

async function change(parameters: { readonly persona_id: string }, photos: readonly string[], change: ChangePhotoRequest) {
  const answer = await call("changePhotos", { parameters, body: { photos, change } });
  const refused = answer.body.results.find(({ kind }) => kind);
  if (refused) throw new Problem(409, refused.kind ?? "", refused.detail ?? "");
}

const nameOf = (photo: Photo): string => photo.names[0] ?? photo.photo_id.slice(0, 12);

function byWorth(one: Photo, other: Photo): number {
  return (other.score ?? -1) - (one.score ?? -1) || other.width * other.height - one.width * one.height;
}

function differences(photos: readonly Photo[], zone: string): { name: string; values: string[] }[] {
  const { facts } = words.care;
  const rows: [string, (photo: Photo) => string][] = [
    [facts.score, ({ score }) => score?.toFixed(1) ?? "–"],
    [facts.size, ({ width, height }) => `${width} × ${height}`],
    [facts.bytes, ({ byte_size }) => `${(byte_size / 1e6).toFixed(1)} MB`],
    [facts.format, ({ format }) => format.toUpperCase()],
    [facts.taken, ({ captured_at }) => (captured_at ? inZone(captured_at, zone, "medium") : "–")],
    [facts.camera, ({ camera }) => camera || "–"],
    [facts.caption, ({ caption }) => caption || "–"],
    [facts.used, ({ in_unposted }) => (in_unposted ? facts.no : facts.yes)],
  ];
  return rows
    .map(([name, of]) => ({ name, values: photos.map(of) }))
    .filter(({ values }) => new Set(values).size > 1);
}
