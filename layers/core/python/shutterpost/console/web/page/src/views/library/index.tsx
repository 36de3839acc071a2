// The library: a contact sheet of all photos, with filters, and actions on those that are chosen.
import { useEffect, useMemo } from "preact/hooks";
import { Failure, Unread, useLoading } from "../../parts/loading";
import { addressOf, alter, route } from "../../router";
import { chosen, overview } from "../../store";
import { words } from "../../words";
import { Actions } from "./actions";
import { clearChoice, destination } from "./choice";
import { chosenBy, sortOf } from "./filters";
import { photos, readPhotos, sequence, whole } from "./photos";
import { Sheet } from "./sheet";
import { Toolbar } from "./toolbar";

const NO_FILTERS = { name: "", theme: "", state: "", from: "", to: "" };

export function Library() {
  const persona = chosen.value?.persona_id;
  const { value: done, problem, again } = useLoading(async () => {
    if (persona) await readPhotos(persona);
    return true;
  }, [persona]);
  useEffect(clearChoice, [persona]);
  const { query } = route.value;
  const all = photos.value;
  const tiles = useMemo(() => chosenBy(query, all.values()), [query, all]);
  useEffect(() => {
    sequence.value = tiles.map(({ id }) => id);
  }, [tiles]);
  const themes = useMemo(() => [...new Set([...all.values()].map(({ theme }) => theme).filter(Boolean))].sort(), [all]);
  if (!overview.value) return <Unread />;
  if (!persona) return <p class="empty">{words.noPersona}</p>;
  if (!all.size && done) {
    return (
      <p class="empty">
        {words.noPhotos} <a href={addressOf("start")}>{words.addPhotos}</a>
      </p>
    );
  }
  return (
    <section aria-labelledby="sheet" aria-busy={!all.size && !problem}>
      <h2 id="sheet">
        {words.sheet.of(tiles.length, all.size)} {!whole.value && !problem && <small>{words.sheet.reading}</small>}
      </h2>
      <Toolbar themes={themes} tiles={tiles} onJump={(at) => (destination.value = at)} />
      {problem && <Failure problem={problem} again={again} />}
      {!tiles.length && all.size > 0 && (
        <p class="empty">
          {words.sheet.noMatch}{" "}
          <button type="button" onClick={() => alter(NO_FILTERS)}>
            {words.sheet.noFilters}
          </button>
        </p>
      )}
      {tiles.length > 0 && <Sheet persona={persona} tiles={tiles} sort={sortOf(query)} />}
      <Actions persona={persona} />
    </section>
  );
}
