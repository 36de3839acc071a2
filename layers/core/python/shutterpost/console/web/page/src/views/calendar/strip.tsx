// The best unposted photos beside the calendar: one is dragged onto a day, or posted by a click or a key.
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Answer, call } from "../../api";
import { singleKeys, useKeys } from "../../keys";
import { Failure, useLoading } from "../../parts/loading";
import { Picture } from "../../parts/picture";
import { addressOf } from "../../router";
import type { PersonaOverview, Photo, PhotoPage } from "../../schema";
import { words } from "../../words";
import { PostAt } from "../library/postat";
import { held } from "./moving";
import { leave, place, posted, questions, settle, underway } from "./placing";
import { useRereading } from "./rereading";
import { view } from "./viewing";
import { When } from "./when";

const HELD = "shutterpost-strip";
const AT_ONCE = 24;
const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
const ENDS: Readonly<Record<string, number>> = { Home: 0, End: Number.POSITIVE_INFINITY };

export const stripOpen = signal(localStorage.getItem(HELD) === "on");

export function toggleStrip(): void {
  stripOpen.value = !stripOpen.value;
  localStorage.setItem(HELD, stripOpen.value ? "on" : "off");
}

interface Props {
  readonly persona: PersonaOverview;
  // The day over which a key first holds a photo.
  readonly from: string;
}

export function Strip({ persona: { persona_id: persona, zone }, from }: Props) {
  const wanted = useRef(AT_ONCE);
  const { value, problem, again } = useLoading(() => readBest(persona, wanted.current), [persona]);
  useRereading(again);
  useEffect(() => leave, []);
  const [asked] = questions.value;
  const [open, setOpen] = useState<string | null>(null);
  const [active, setActive] = useState({ id: "", place: 0 });
  const photos = value?.photos.filter(({ photo_id }) => !posted.value.has(photo_id)) ?? [];
  const found = photos.findIndex(({ photo_id }) => photo_id === active.id);
  const stop = found < 0 ? Math.min(active.place, photos.length - 1) : found;
  const root = useFocusKept(photos[stop]?.photo_id);
  const carry = (photo: string, over: string) => {
    if (!underway.value.has(photo)) held.value = { key: photo, from, over, drop: (day) => place({ persona, zone, photo, day }) };
  };
  const press = (event: KeyboardEvent) => {
    // The one with the focus: keys can come faster than drawings.
    const { photo } = (event.target as HTMLElement).dataset;
    const at = photos.findIndex(({ photo_id }) => photo_id === photo);
    if (!photo || held.value || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = event.key in STEPS ? at + (STEPS[event.key] ?? 0) : ENDS[event.key];
    if (to !== undefined) focusOn(root.current, photos[Math.max(0, Math.min(to, photos.length - 1))]?.photo_id);
    else if (event.key === "m" && singleKeys.value) carry(photo, from);
    else if (event.key === " ") view({ post: null, persona, photo });
    else return;
    event.preventDefault();
  };
  useKeys(words.plan.strip, [
    { keys: "← → Home End", text: words.plan.otherPhoto, run: null },
    { keys: "m", text: words.plan.pickUpPhoto, run: null },
    { keys: "Enter", text: words.sheet.postAt, run: null },
    { keys: "Space", text: words.sheet.open, run: null },
  ]);
  return (
    <div ref={root} class="strip" aria-busy={!value && !problem}>
      {problem && <Failure problem={problem} again={again} />}
      {value && !photos.length && (
        <p>
          {words.plan.noPhotoLeft} <a href={addressOf("start")}>{words.addPhotos}</a>
        </p>
      )}
      {photos.length > 0 && (
        <ul aria-label={words.plan.bestPhotos} onKeyDown={press}>
          {photos.map((photo, at) => (
            <Item
              key={photo.photo_id}
              photo={photo}
              stop={at === stop}
              onFocus={() => setActive({ id: photo.photo_id, place: at })}
              onOpen={() => setOpen(photo.photo_id)}
              onDrag={() => carry(photo.photo_id, "")}
            />
          ))}
        </ul>
      )}
      {value?.more && (
        <button
          type="button"
          onClick={() => {
            wanted.current = value.photos.length + AT_ONCE;
            again();
          }}
        >
          {words.plan.morePhotos}
        </button>
      )}
      {open && <PostAt persona={persona} photos={[open]} onClose={() => setOpen(null)} onChange={settle(open)} />}
      {asked && <When key={`${asked.photo} ${asked.day}`} asked={asked} />}
    </div>
  );
}

// What had the focus here may be gone, as a photo that is posted or a dialog: the focus goes on at the tab stop.
function useFocusKept(stop: string | undefined) {
  const root = useRef<HTMLDivElement>(null);
  // A button that is disabled while it writes has lost the focus of its dialog.
  const hadFocus = root.current?.contains(document.activeElement) || root.current?.querySelector("dialog[open]");
  useLayoutEffect(() => {
    if (hadFocus && !root.current?.contains(document.activeElement)) focusOn(root.current, stop);
  });
  return root;
}

function focusOn(root: Element | null, photo: string | undefined): void {
  root?.querySelector<HTMLElement>(`[data-photo="${photo}"]`)?.focus();
}

// At least as many as are wanted, if there are.
async function readBest(persona: string, wanted: number): Promise<{ readonly photos: readonly Photo[]; readonly more: boolean }> {
  const photos: Photo[] = [];
  let cursor: string | null = null;
  do {
    const query = { unposted: true, limit: AT_ONCE, cursor };
    const page: Answer<PhotoPage> = await call("listPhotos", { parameters: { persona_id: persona }, query });
    photos.push(...page.body.photos);
    cursor = page.body.cursor ?? null;
  } while (cursor && photos.length < wanted);
  const ids = new Set(photos.map(({ photo_id }) => photo_id));
  posted.value = new Set([...posted.value].filter((photo) => ids.has(photo)));
  return { photos, more: cursor !== null };
}

interface ItemProps {
  readonly photo: Photo;
  // Whether the Tab key stops here.
  readonly stop: boolean;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
  readonly onDrag: () => void;
}

function Item({ photo, stop, onFocus, onOpen, onDrag }: ItemProps) {
  const { photo_id: id, persona_id: persona, names, score, tint } = photo;
  const name = names[0] ?? "";
  const busy = underway.value.has(id);
  const putBack = () => {
    if (held.value?.key === id) held.value = null;
  };
  // A photo that leaves the strip is in nobody's hand.
  useEffect(() => putBack, []);
  const start = (event: DragEvent) => {
    event.dataTransfer?.setData("text/plain", name);
    onDrag();
  };
  const click = () => {
    putBack();
    if (!busy) onOpen();
  };
  return (
    <li class={held.value?.key === id ? "held" : ""} aria-busy={busy}>
      <button
        type="button"
        data-photo={id}
        tabIndex={stop ? 0 : -1}
        draggable={!busy && !matchMedia("(pointer: coarse)").matches}
        onDragStart={start}
        onDragEnd={putBack}
        onFocus={onFocus}
        onClick={click}
      >
        <Picture persona={persona} photo={id} alt="" name={name} {...(tint ? { tint: `#${tint}` } : {})} />
        <span class="unseen">{words.photoOf(name, score ?? null, "")}</span>
        <span aria-hidden="true">{score?.toFixed(1)}</span>
      </button>
    </li>
  );
}
