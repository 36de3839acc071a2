// Order and filters of the sheet, and where its groups begin.
import { useState } from "preact/hooks";
import { alter, route } from "../../router";
import { words } from "../../words";
import { SORTS, STATES, sortOf } from "./filters";
import { COARSE, marksOf } from "./marks";
import type { Tile } from "./photos";

interface Props {
  readonly themes: readonly string[];
  readonly tiles: readonly Tile[];
  readonly onJump: (at: number) => void;
}

// As in the styles, in pixels.
const NARROW = 720;
const SCORES = { min: 0, max: 10, step: 0.1 };

export function Toolbar({ themes, tiles, onJump }: Props) {
  const { query } = route.value;
  const [open, setOpen] = useState(innerWidth > NARROW);
  const sort = sortOf(query);
  const marks = marksOf(tiles, sort, COARSE);
  return (
    // On a phone the photos come first.
    <details class="toolbar" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{words.sheet.filters}</summary>
      <Choice name="sort" value={sort} values={SORTS} texts={words.sheet.sorts} />
      <Choice name="state" value={query.state ?? "unposted"} values={STATES} texts={words.sheet.states} />
      {themes.length > 0 && (
        <Choice name="theme" value={query.theme ?? ""} values={["", ...themes]} texts={{ "": words.sheet.allThemes }} />
      )}
      {(["from", "to"] as const).map((name) => (
        <label key={name}>
          {words.sheet[name]}
          <input
            type="number"
            {...SCORES}
            value={query[name] ?? ""}
            onChange={(event) => alter({ [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      {query.name && (
        <button type="button" onClick={() => alter({ name: "" })}>
          {words.sheet.named(query.name)} ×
        </button>
      )}
      {marks.length > 1 && (
        <label>
          {words.sheet.jump}
          <select value="" onChange={(event) => onJump(Number(event.currentTarget.value))}>
            <option value="" disabled />
            {marks.map(({ group, at }) => (
              <option key={group} value={at}>
                {group || words.sheet.unmarked}
              </option>
            ))}
          </select>
        </label>
      )}
    </details>
  );
}

interface ChoiceProps {
  readonly name: "sort" | "state" | "theme";
  readonly value: string;
  readonly values: readonly string[];
  readonly texts: Readonly<Record<string, string>>;
}

function Choice({ name, value, values, texts }: ChoiceProps) {
  return (
    <label>
      {words.sheet[name]}
      <select value={value} onChange={(event) => alter({ [name]: event.currentTarget.value })}>
        {values.map((each) => (
          <option key={each} value={each}>
            {texts[each] ?? each}
          </option>
        ))}
      </select>
    </label>
  );
}
