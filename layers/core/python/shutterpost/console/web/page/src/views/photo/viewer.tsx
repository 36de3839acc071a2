// One picture, large, with the way to the one before and the one after.
import { useKeys } from "../../keys";
import { Picture } from "../../parts/picture";
import { words } from "../../words";

interface Props {
  readonly persona: string;
  readonly photo: string;
  readonly alt: string;
  readonly name: string;
  readonly tint?: string;
  readonly before: (() => void) | null;
  readonly after: (() => void) | null;
}

export function Viewer({ persona, photo, alt, name, tint, before, after }: Props) {
  useKeys(words.photo.title, [
    { keys: "ArrowLeft", text: words.photo.before, run: () => before?.() },
    { keys: "ArrowRight", text: words.photo.after, run: () => after?.() },
    { keys: "Ctrl Enter", text: words.photo.saveKey, run: null },
    { keys: "Escape", text: words.photo.back, run: () => history.back() },
  ]);
  return (
    <figure class="viewer">
      <Picture key={photo} persona={persona} photo={photo} alt={alt || name} name={name} large {...(tint ? { tint } : {})} />
      <figcaption>
        <button type="button" disabled={!before} onClick={() => before?.()} aria-label={words.photo.before}>
          ‹
        </button>
        <span>{name}</span>
        <button type="button" disabled={!after} onClick={() => after?.()} aria-label={words.photo.after}>
          ›
        </button>
      </figcaption>
    </figure>
  );
}
