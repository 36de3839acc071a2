// Why a photo was chosen, or not.
import { Bars } from "../../parts/bars";
import type { Considered } from "../../schema";
import { words } from "../../words";

// How a decision judged the photo.
export function Judged({ considered }: { readonly considered: Considered }) {
  const { parts, total, rules, verdict } = considered;
  return (
    <>
      <p>{words.photo.verdicts[verdict] ?? verdict}</p>
      {parts && typeof total === "number" && <Bars parts={parts} total={total} />}
      {rules.length > 0 && <List items={rules} />}
    </>
  );
}

export function List({ items }: { readonly items: readonly string[] }) {
  return (
    <ul class="reasons">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
