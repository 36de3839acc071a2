// A photo's own words and facts, which win over those of its files.
import { useMemo, useRef } from "preact/hooks";
import { call } from "../../api";
import { announce } from "../../notices";
import { Failure } from "../../parts/loading";
import { useWriting } from "../../parts/writing";
import type { ChangePhotoRequest, Photo } from "../../schema";
import { words } from "../../words";
import { type Stored, useDraft } from "./drafts";

interface Props {
  readonly photo: Photo;
  readonly onChanged: (photo: Photo) => void;
}

interface Fields {
  readonly caption: string;
  readonly alt_text: string;
  readonly keywords: string;
  readonly rating: string;
  readonly theme: string;
}

const RATINGS = ["", "-1", "0", "1", "2", "3", "4", "5"];

export function Facts({ photo, onChanged }: Props) {
  const stored = useMemo(() => storedOf(photo), [photo]);
  const { fields, base, ...draft } = useDraft(photo.photo_id, stored);
  const form = useRef<HTMLFormElement>(null);
  const { busy, refusal, write } = useWriting();
  const change = (name: keyof Fields) => (event: Event) => draft.change(name, (event.currentTarget as HTMLInputElement).value);
  const body = changeOf(base.fields, fields);
  const isChanged = Object.keys(body).length > 0;
  const save = (event: Event) => {
    event.preventDefault();
    if (!isChanged) return;
    void write(async () => {
      const parameters = { persona_id: photo.persona_id, photo: photo.photo_id };
      const answer = await call("changePhoto", { parameters, body });
      draft.saved(fields, storedOf(answer.body));
      onChanged(answer.body);
      announce(words.photo.saved);
    });
  };
  return (
    <form ref={form} class="editor" onSubmit={save} onKeyDown={(event) => saves(event) && form.current?.requestSubmit()}>
      <label>
        {words.photo.caption}
        <textarea name="caption" rows={4} value={fields.caption} onInput={change("caption")} />
      </label>
      <label>
        {words.photo.altText}
        <textarea name="alt_text" rows={2} value={fields.alt_text} onInput={change("alt_text")} />
      </label>
      <label>
        {words.photo.keywords}
        <input type="text" value={fields.keywords} onInput={change("keywords")} />
      </label>
      <label>
        {words.photo.theme}
        <input type="text" value={fields.theme} onInput={change("theme")} />
      </label>
      <label>
        {words.photo.rating}
        <select value={fields.rating} onChange={change("rating")}>
          {RATINGS.map((rating) => (
            <option key={rating} value={rating}>
              {rating === "-1" ? words.photo.rejected : rating}
            </option>
          ))}
        </select>
      </label>
      {refusal && <Failure problem={refusal} />}
      <div class="actions">
        <button type="submit" class="first" disabled={busy || !isChanged}>
          {words.photo.save}
        </button>
      </div>
    </form>
  );
}

// Control or Command with Enter saves from any field.
export function saves(event: KeyboardEvent): boolean {
  return event.key === "Enter" && (event.ctrlKey || event.metaKey);
}

function storedOf(photo: Photo): Stored<Fields> {
  const fields = {
    caption: photo.caption,
    alt_text: photo.alt_text,
    keywords: photo.keywords.join(", "),
    rating: photo.rating === null || photo.rating === undefined ? "" : String(photo.rating),
    theme: photo.theme,
  };
  return { fields, version: null };
}

// What differs. An empty theme or rating returns to what the photo's files state.
function changeOf(stored: Fields, fields: Fields): ChangePhotoRequest {
  const keywords = fields.keywords.split(",").map((keyword) => keyword.trim());
  const values = {
    caption: fields.caption,
    alt_text: fields.alt_text,
    keywords: keywords.filter(Boolean),
    rating: fields.rating === "" ? null : Number(fields.rating),
    theme: fields.theme || null,
  };
  const changed = Object.entries(values).filter(([name]) => stored[name as keyof Fields] !== fields[name as keyof Fields]);
  return Object.fromEntries(changed);
}
