// Puts the chosen photos, as one post, on a free slot or at another time.
import { useRef } from "preact/hooks";
import { call } from "../../api";
import { Dialog } from "../../parts/dialog";
import { Failure, useLoading } from "../../parts/loading";
import { post } from "../../parts/posting";
import { useWriting } from "../../parts/writing";
import type { PhotoState } from "../../schema";
import { chosen, refresh } from "../../store";
import { dayOf, timeOf } from "../../times";
import { words } from "../../words";
import { clearChoice } from "./choice";
import { setStates } from "./photos";

interface Props {
  readonly persona: string;
  readonly photos: readonly string[];
  readonly onClose: () => void;
  // Once they are posted, and once that is undone.
  readonly onChange?: (posted: boolean) => Promise<void>;
}

const OFFERED = 8;

export function PostAt({ persona, photos, onClose, onChange = refresh }: Props) {
  const parameters = { persona_id: persona };
  const { value, problem, again } = useLoading(() => call("listSlots", { parameters }), [persona]);
  const { busy, refusal, write } = useWriting();
  const other = useRef<HTMLInputElement>(null);
  const zone = chosen.value?.zone ?? "UTC";
  const free = value?.body.slots.filter((slot) => slot.free).slice(0, OFFERED) ?? [];
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const [slot, at] = [String(given.get("slot")), String(given.get("at"))];
    let states: ReadonlyMap<string, PhotoState> = new Map(photos.map((id) => [id, "taken"]));
    const settle = async (posted: boolean) => {
      states = setStates(states);
      if (posted) clearChoice();
      await onChange(posted);
    };
    const when = slot ? { slot } : { at, zone };
    if (await write((key) => post({ persona, photos, when, key }, settle))) onClose();
  };
  return (
    <Dialog title={words.sheet.postAtTitle(photos.length)} onClose={onClose}>
      {problem && <Failure problem={problem} again={again} />}
      <form onSubmit={(event) => void submit(event)} aria-busy={!value && !problem}>
        <fieldset>
          <legend>
            {words.sheet.freeSlots} <small>{zone}</small>
          </legend>
          {free.map((slot, index) => (
            <label key={slot.run_at} class="check">
              <input type="radio" name="slot" value={slot.run_at} defaultChecked={index === 0} />
              {words.day(dayOf(slot.wall_time))} {timeOf(slot.wall_time)}
            </label>
          ))}
          {value && (
            <label class="check">
              <input ref={other} type="radio" name="slot" value="" defaultChecked={!free.length} />
              {words.sheet.otherTime}
            </label>
          )}
          <label>
            {words.sheet.time}
            <input type="datetime-local" name="at" onInput={() => other.current && (other.current.checked = true)} />
          </label>
        </fieldset>
        {refusal && <Failure problem={refusal} />}
        <div class="actions">
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
          <button type="submit" class="first" disabled={busy || !value}>
            {words.sheet.post}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
