// The parts of a photo's total as bars, which add up to it.
import type { Parts } from "../schema";
import { language, words } from "../words";

const NAMES = ["aesthetic", "freshness", "season", "on_this_day", "variety"] as const;
// As many digits as the API gives, so that the shown parts add up to the shown total.
const FORMAT = new Intl.NumberFormat(language, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 4,
  signDisplay: "negative",
});

export function Bars({ parts, total }: { readonly parts: Parts; readonly total: number }) {
  const most = Math.max(...NAMES.map((name) => Math.abs(parts[name])), 1e-9);
  return (
    <table class="bars">
      <caption>{words.photo.parts}</caption>
      <tbody>
        {NAMES.map((name) => (
          <tr key={name}>
            <th scope="row">{words.photo.partNames[name]}</th>
            <td class="bar">
              <span
                class={parts[name] < 0 ? "minus" : "plus"}
                style={{ width: `${(100 * Math.abs(parts[name])) / most}%` }}
              />
            </td>
            <td>{FORMAT.format(parts[name])}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{words.photo.total}</th>
          <td />
          <td>{FORMAT.format(total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}
