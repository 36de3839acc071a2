// What stands in the calendar, opened: its words and connections, and what can be done with it.
import { useEffect } from "preact/hooks";
import type { Operation } from "../../api";
import { ActionButton, isAction, pressIn } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { Failure } from "../../parts/loading";
import { Picture } from "../../parts/picture";
import { placeOf } from "../../parts/place";
import { useWriting } from "../../parts/writing";
import { addressOf } from "../../router";
import type { ApiCall, CalendarEntry } from "../../schema";
import { readOnly } from "../../store";
import { dayOf, timeOf } from "../../times";
import { words } from "../../words";
import { isMovable, type Tile } from "./entries";
import { Fill } from "./fill";
import { changed, changes, moveToDay } from "./moving";

interface Props {
  readonly tile: Tile;
  // The operation that a key has begun.
  readonly pressed: Operation | null;
  readonly onClose: () => void;
}

export function Entry({ tile, pressed, onClose }: Props) {
  useEffect(() => {
    if (pressed) pressIn(document.querySelector("dialog[open]"), pressed);
  }, []);
  const when = `${words.day(dayOf(tile.at))} ${timeOf(tile.at)}`;
  const done = () => {
    onClose();
    changes.value += 1;
  };
  const move = (event: SubmitEvent) => {
    event.preventDefault();
    const day = new FormData(event.currentTarget as HTMLFormElement).get("day");
    onClose();
    void moveToDay(tile, String(day));
  };
  return (
    <Dialog title={`${when} · ${words.statuses[tile.state] ?? tile.state}`} onClose={onClose}>
      <section class="opened">
        {tile.photo && <Picture persona={tile.persona} photo={tile.photo} alt={tile.name} />}
        <p class="text">{tile.text}</p>
        {tile.post && <a href={addressOf("post", [tile.post])}>{words.plan.openPost}</a>}
        {tile.kind !== "post" && !readOnly.value && <Fill tile={tile} onDone={onClose} />}
        <ul>
          {tile.entries.map((entry) => (
            <Connection key={entry.schedule_id} entry={entry} onDone={done} />
          ))}
        </ul>
        {isMovable(tile) && (
          <form onSubmit={move}>
            <label>
              {words.plan.moveTo}
              <input type="date" name="day" required defaultValue={dayOf(tile.at)} />
            </label>
            <button type="submit" class="first">
              {words.plan.move}
            </button>
          </form>
        )}
        <div class="actions">
          {acts(tile.entries[0], "post_id").map((action) => (
            <ActionButton key={action.operation} action={action} onDone={done} />
          ))}
          <button type="button" onClick={onClose}>
            {words.closed}
          </button>
        </div>
      </section>
    </Dialog>
  );
}

// Those of a post are about all of its connections, and the same in each of its entries.
function acts(entry: CalendarEntry | undefined, about: "post_id" | "schedule_id"): readonly ApiCall[] {
  return entry?.actions.filter((action) => about in action.parameters && isAction(action)) ?? [];
}

function Connection({ entry, onDone }: { readonly entry: CalendarEntry; readonly onDone: () => void }) {
  const actions = acts(entry, "schedule_id");
  return (
    <li>
      {placeOf(entry)}: {words.statuses[entry.status]}
      {entry.error_message && <p class="why">{entry.error_message}</p>}
      {actions.length > 0 && (
        <div class="actions">
          {actions.map((action) => (
            <ActionButton key={`${action.operation} ${JSON.stringify(action.body)}`} action={action} onDone={onDone} />
          ))}
        </div>
      )}
    </li>
  );
}

interface ActProps {
  readonly label: string;
  readonly act: (key: string) => Promise<void>;
  readonly onDone: () => void;
}

export function Act({ label, act, onDone }: ActProps) {
  const { busy, refusal, write } = useWriting();
  const run = async () => {
    const done = await write(async (key) => {
      await act(key);
      await changed();
    });
    if (done) onDone();
  };
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void run()}>
        {label}
      </button>
      {refusal && <Failure problem={refusal} />}
    </>
  );
}
