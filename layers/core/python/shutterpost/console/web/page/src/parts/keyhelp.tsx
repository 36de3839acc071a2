// The overlay that lists every key of what is shown, and turns single keys off.
import { signal } from "@preact/signals";
import { keyGroups, setSingleKeys, singleKeys } from "../keys";
import { words } from "../words";
import { Dialog } from "./dialog";

const NAMES: Readonly<Record<string, string>> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", PageUp: "PgUp", PageDown: "PgDn" };

export const keyHelp = signal(false);

export function KeyHelp() {
  if (!keyHelp.value) return null;
  const close = () => {
    keyHelp.value = false;
  };
  const titles = [...new Set(keyGroups.value.map((group) => group.current.title))];
  return (
    <Dialog title={words.keys.title} onClose={close}>
      {titles.map((title) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl class="keys">
            {keyGroups.value
              .filter((group) => group.current.title === title)
              .flatMap((group) => group.current.keys)
              .map(({ keys, text }) => (
                <div key={keys}>
                  <dt>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{NAMES[key] ?? key}</kbd>
                    ))}
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
      <label class="check">
        <input type="checkbox" checked={singleKeys.value} onChange={(event) => setSingleKeys(event.currentTarget.checked)} />
        {words.keys.single}
      </label>
      <div class="actions">
        <button type="button" class="first" onClick={close}>
          {words.closed}
        </button>
      </div>
    </Dialog>
  );
}
