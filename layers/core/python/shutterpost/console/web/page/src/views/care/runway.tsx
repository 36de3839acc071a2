// How long the photos last: all of them, and those of each theme for its share of the slots.
import { call } from "../../api";
import { Failure, useLoading } from "../../parts/loading";
import type { Stock } from "../../schema";
import { words } from "../../words";
import type { PartProps } from ".";

export function Runway({ persona }: PartProps) {
  const read = async () => (await call("getPersona", { parameters: { persona_id: persona.persona_id } })).body;
  const { value, problem, again } = useLoading(read, [persona.persona_id]);
  const stocks = value ? [value.runway.whole, ...value.runway.themes] : [];
  const most = Math.max(1, ...stocks.map(({ photos }) => photos));
  return (
    <section aria-labelledby="runway" aria-busy={!value && !problem}>
      <h2 id="runway">{words.care.parts.runway}</h2>
      {problem && <Failure problem={problem} again={again} />}
      {value && (
        <>
          <ul class="stocks">
            {stocks.map((stock) => (
              <Left key={stock.theme ?? ""} stock={stock} most={most} />
            ))}
          </ul>
          <p class="why">{words.care.lowBelow(value.runway_days)}</p>
        </>
      )}
    </section>
  );
}

function Left({ stock, most }: { readonly stock: Stock; readonly most: number }) {
  const { theme, photos, days, level, provisional, not_allowed: waiting } = stock;
  return (
    <li class={level}>
      <strong>{theme ?? words.care.allPhotos}</strong>
      <meter value={photos} max={most} aria-label={theme ?? words.care.allPhotos} />
      <span>
        {words.photosLeft(photos, days ?? null)} · {words.care.levels[level]}
      </span>
      {provisional + waiting > 0 && <small>{words.care.notAnalysed(provisional + waiting)}</small>}
    </li>
  );
}
