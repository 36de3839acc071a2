// What needs a person, what is next, and what went out.
import { useKeys } from "../keys";
import { ActionButton, isAction, pressIn } from "../parts/action";
import { Unread } from "../parts/loading";
import { Picture } from "../parts/picture";
import { placeOf } from "../parts/place";
import { addressOf } from "../router";
import type { CalendarEntry, Need, PersonaOverview } from "../schema";
import { overview, persona } from "../store";
import { dayOf, inZone, timeOf } from "../times";
import { words } from "../words";
import { Start } from "./start";

const pressFocused = (operation: string) => () => pressIn(document.activeElement?.closest("li.need"), operation);

export function Today() {
  useKeys(words.views.today, [
    { keys: "a", text: words.operations.approvePost ?? "", run: pressFocused("approvePost") },
    { keys: "r", text: words.operations.rejectPost ?? "", run: pressFocused("rejectPost") },
  ]);
  const shown = overview.value;
  if (!shown) return <Unread />;
  if (!shown.personas.length) return <Start />;
  return (
    <div class="today">
      <section aria-labelledby="needs">
        <h2 id="needs">
          {words.needsYou} <span class="count">{shown.needs.length}</span>
        </h2>
        {shown.needs.length ? <ul class="needs">{shown.needs.map(NeedItem)}</ul> : <p>{words.nothingNeedsYou}</p>}
      </section>
      <section aria-labelledby="next">
        <h2 id="next">{words.next}</h2>
        <Entries entries={shown.next} empty={words.nothingNext} />
        <h2>{words.library}</h2>
        <ul class="libraries">{shown.personas.map(Library)}</ul>
        <a href={addressOf("start")}>{words.addPhotos}</a>
      </section>
      <section aria-labelledby="published">
        <h2 id="published">{words.published}</h2>
        <Entries entries={shown.published} empty={words.nothingPublished} />
      </section>
    </div>
  );
}

// The part of Care that shows what a need is about.
const PARTS: Readonly<Record<string, keyof typeof words.care.parts>> = {
  files_rejected: "files",
  library_low: "runway",
  no_account: "accounts",
  account_error: "accounts",
  token_expires: "accounts",
  circuit_open: "accounts",
};

function NeedItem(need: Need) {
  const repairs = need.repairs.filter(isAction);
  const part = PARTS[need.kind];
  return (
    <li key={`${need.kind} ${need.what} ${need.schedule_id ?? ""}`} class={`need ${need.kind}`}>
      {need.persona_id && need.photo_id && <Picture persona={need.persona_id} photo={need.photo_id} alt="" />}
      <div>
        <h3>{words.kinds[need.kind] ?? need.kind}</h3>
        <p>{need.what}</p>
        <p class="why">{need.why}</p>
        {part && (
          <a href={addressOf("care", [part])} onClick={() => (persona.value = need.persona_id ?? null)}>
            {words.care.parts[part]}
          </a>
        )}
        {need.until && <p>{words.until(inZone(need.until, need.zone ?? null))}</p>}
        {repairs.length > 0 && (
          <div class="actions">
            {repairs.map((repair) => (
              <ActionButton key={`${repair.operation} ${JSON.stringify(repair.body)}`} action={repair} />
            ))}
          </div>
        )}
      </div>
    </li>
  );
}

function Entries({ entries, empty }: { readonly entries: readonly CalendarEntry[]; readonly empty: string }) {
  if (!entries.length) return <p>{empty}</p>;
  return (
    <ul class="entries">
      {entries.map((entry) => (
        <li key={entry.schedule_id} class={`entry ${entry.status}`}>
          {entry.photo_ids[0] && (
            <Picture persona={entry.persona_id} photo={entry.photo_ids[0]} alt={entry.photo_names[0] ?? ""} />
          )}
          <div>
            <p class="when">
              {words.day(dayOf(entry.local_time))} {timeOf(entry.local_time)} <small>{entry.zone}</small>
            </p>
            <p>
              <a href={addressOf("post", [entry.post_id])}>
                {placeOf(entry)}: {words.statuses[entry.status]}
              </a>
            </p>
            {entry.external_url?.startsWith("https:") && (
              <a href={entry.external_url} target="_blank" rel="noopener noreferrer">
                {words.open}
              </a>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Library({ name, persona_id, library }: PersonaOverview) {
  return (
    <li key={persona_id} class={library.level}>
      <strong>{name}</strong> {words.photosLeft(library.photos, library.days)}
    </li>
  );
}
