// What a day without a free slot asks: at which other time a photo is posted there.
import { Dialog } from "../../parts/dialog";
import { Failure } from "../../parts/loading";
import { post } from "../../parts/posting";
import { useWriting } from "../../parts/writing";
import { words } from "../../words";
import { type Question, questions, settle } from "./placing";

export function When({ asked }: { readonly asked: Question }) {
  const { persona, zone, photo, day, taken, detail, time } = asked;
  const { busy, refusal, write } = useWriting();
  const close = () => {
    questions.value = questions.value.filter((each) => each !== asked);
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement).get("time");
    const when = { at: `${day}T${given}`, zone };
    if (await write((key) => post({ persona, photos: [photo], when, key }, settle(photo)))) close();
  };
  return (
    <Dialog title={taken ? words.plan.taken(words.day(day)) : words.plan.whenOn(words.day(day))} onClose={close}>
      <form onSubmit={(event) => void submit(event)}>
        <p>{detail}</p>
        <label>
          <span>
            {words.plan.postAt} <small>{zone}</small>
          </span>
          <input type="time" name="time" required defaultValue={time} />
        </label>
        {refusal && <Failure problem={refusal} />}
        <div class="actions">
          <button type="submit" class="first" disabled={busy}>
            {taken ? words.plan.share : words.sheet.post}
          </button>
          <button type="button" onClick={close}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
