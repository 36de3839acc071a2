// What a move asks: swap or share a day that is taken; go on with a post that was changed elsewhere.
import { useEffect } from "preact/hooks";
import { Dialog } from "../../parts/dialog";
import type { PostResponse } from "../../schema";
import { chosen } from "../../store";
import { dayOf, timeOf } from "../../times";
import { words } from "../../words";
import type { Tile } from "./entries";
import { changed, leave, moveTo, type Question, question, swap } from "./moving";

export function Asking() {
  const asked = question.value;
  useEffect(() => leave, [chosen.value?.persona_id]);
  if (!asked) return null;
  return asked.kind === "taken" ? <Taken asked={asked} /> : <Changed asked={asked} />;
}

function close(): void {
  question.value = null;
}

function Taken({ asked }: { readonly asked: Extract<Question, { kind: "taken" }> }) {
  const { tile, day, other, detail } = asked;
  const share = (event: SubmitEvent) => {
    event.preventDefault();
    const time = new FormData(event.currentTarget as HTMLFormElement).get("time");
    close();
    void moveTo(tile, day, String(time));
  };
  const exchange = () => {
    close();
    void swap(tile, other);
  };
  return (
    <Dialog title={words.plan.taken(words.day(day))} onClose={close}>
      <form onSubmit={share}>
        <p>{detail}</p>
        <button type="button" class="first" onClick={exchange}>
          {words.plan.swap}
        </button>
        <label>
          {words.plan.shareAt}
          <input type="time" name="time" required defaultValue={timeOf(tile.at)} />
        </label>
        <div class="actions">
          <button type="submit">{words.plan.share}</button>
          <button type="button" onClick={close}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Changed({ asked }: { readonly asked: Extract<Question, { kind: "changed" }> }) {
  const keep = () => {
    close();
    void changed();
  };
  const goOn = () => {
    close();
    void asked.again();
  };
  return (
    <Dialog title={words.plan.changedElsewhere} onClose={keep}>
      <section>
        <div class="versions">
          <Version title={words.plan.shown} lines={linesShown(asked.tile)} />
          <Version title={words.plan.nowIs} lines={linesNow(asked.now)} />
        </div>
        <div class="actions">
          <button type="button" class="first" onClick={keep}>
            {words.plan.leave}
          </button>
          <button type="button" onClick={goOn}>
            {words.plan.moveAnyway}
          </button>
        </div>
      </section>
    </Dialog>
  );
}

function Version({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}

const lineOf = (channel: string, at: string, status: string) =>
  `${channel}: ${words.day(dayOf(at))} ${timeOf(at)}, ${words.statuses[status] ?? status}`;

function linesShown({ entries }: Tile): string[] {
  return entries.map(({ channel, wall_time: at, status }) => lineOf(channel, at, status));
}

function linesNow({ schedules }: PostResponse): string[] {
  return schedules.map(({ channel, wall_time: at, status }) => lineOf(channel, at, status));
}
