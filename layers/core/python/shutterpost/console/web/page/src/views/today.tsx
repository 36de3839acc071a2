// What needs a person, what is next, and what went out.
import { Picture } from "../parts/picture";
import { isAction, RepairButton } from "../parts/repair";
import type { CalendarEntry, Need, PersonaOverview } from "../schema";
import { overview } from "../store";
import { dayOf, inZone, timeOf } from "../times";
import { words } from "../words";

export function Today() {
  const shown = overview.value;
  if (!shown) return <p aria-busy="true">{words.loading}</p>;
  if (!shown.personas.length) return <p class="empty">{words.noPersona}</p>;
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
      </section>
      <section aria-labelledby="published">
        <h2 id="published">{words.published}</h2>
        <Entries entries={shown.published} empty={words.nothingPublished} />
      </section>
    </div>
  );
}

function NeedItem(need: Need) {
  const repairs = need.repairs.filter(isAction);
  return (
    <li key={`${need.kind} ${need.what} ${need.schedule_id ?? ""}`} class={`need ${need.kind}`}>
      {need.persona_id && need.photo_id && <Picture persona={need.persona_id} photo={need.photo_id} alt="" />}
      <div>
        <h3>{words.kinds[need.kind] ?? need.kind}</h3>
        <p>{need.what}</p>
        <p class="why">{need.why}</p>
        {need.until && <p>{words.until(inZone(need.until, need.zone ?? null))}</p>}
        {repairs.length > 0 && (
          <div class="actions">
            {repairs.map((repair) => (
              <RepairButton key={`${repair.operation} ${JSON.stringify(repair.body)}`} repair={repair} />
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
              {entry.channel}: {words.statuses[entry.status]}
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
