// The field of a caption. What is over a channel's limit, by the API's count, is marked and named, and stays.
import { useId, useRef } from "preact/hooks";
import type { VariantPreview } from "../../schema";
import { words } from "../../words";

interface Props {
  readonly value: string;
  readonly texts: readonly VariantPreview[];
  readonly onInput: (event: Event) => void;
}

export function Caption({ value, texts, onInput }: Props) {
  const notes = useId();
  const copy = useRef<HTMLSpanElement>(null);
  // In code points, as the API counts them.
  const characters = [...value];
  // A caption is kept without the spaces before it.
  const spaces = characters.length - [...value.trimStart()].length;
  const over = texts.flatMap(({ variant_id: id, channel, caption_limit: limit }) =>
    typeof limit === "number" && spaces + limit < characters.length ? [{ id, channel, limit: spaces + limit }] : [],
  );
  const limit = Math.min(characters.length, ...over.map((each) => each.limit));
  const scroll = (event: Event) => {
    if (copy.current) copy.current.scrollTop = (event.currentTarget as HTMLElement).scrollTop;
  };
  return (
    <>
      <label>
        {words.photo.caption}
        <span class="marked">
          <span ref={copy} class="copy" aria-hidden="true">
            {characters.slice(0, limit).join("")}
            <mark>{characters.slice(limit).join("")}</mark>
          </span>
          <textarea
            name="caption"
            rows={5}
            value={value}
            aria-invalid={over.length > 0}
            aria-describedby={notes}
            onInput={onInput}
            onScroll={scroll}
          />
        </span>
      </label>
      <div id={notes} class="bad" aria-live="polite">
        {over.map(({ id, channel, limit: most }) => (
          <p key={id}>{words.photo.overLimit(channel, characters.length - most, characters.slice(most).join(""))}</p>
        ))}
      </div>
    </>
  );
}
