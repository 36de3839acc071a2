// The header of every view: views, persona, search, whether posting is paused, and the zone.
import { useRef } from "preact/hooks";
import { useKeys } from "../keys";
import { addressOf, go, route } from "../router";
import { chosen, overview, persona, personas } from "../store";
import { VIEWS, viewOf } from "../views";
import { words } from "../words";
import { keyHelp } from "./keyhelp";
import { PauseSwitch } from "./pause";

export function Header() {
  const search = useRef<HTMLInputElement>(null);
  const help = () => {
    keyHelp.value = true;
  };
  useKeys(words.keys.everywhere, [
    ...VIEWS.flatMap(({ name, key }) => (key ? [{ keys: `g ${key}`, text: words.views[name], run: () => go(name) }] : [])),
    { keys: "/", text: words.search, run: () => search.current?.focus() },
    { keys: "?", text: words.keys.title, run: help },
  ]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const name = search.current?.value.trim();
    go("library", [], name ? { name } : {});
    document.querySelector("main")?.focus();
  };
  const zone = chosen.value?.zone;
  const current = viewOf(route.value.view)?.name;
  return (
    <header class={overview.value?.pause ? "top paused" : "top"}>
      <h1>{words.title}</h1>
      <nav aria-label={words.title}>
        {VIEWS.filter(({ key }) => key).map(({ name }) => (
          <a key={name} href={addressOf(name)} aria-current={current === name ? "page" : undefined}>
            {words.views[name]}
          </a>
        ))}
      </nav>
      <label class="persona">
        {words.persona}
        <select value={persona.value ?? ""} onChange={(event) => (persona.value = event.currentTarget.value || null)}>
          <option value="">{words.allPersonas}</option>
          {personas.value.map((each) => (
            <option key={each.persona_id} value={each.persona_id}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      <form role="search" onSubmit={submit}>
        <input ref={search} type="search" aria-label={words.search} placeholder={words.search} />
      </form>
      {overview.value && (
        <p class="facts">
          <span class={overview.value.pause ? "stopped" : "running"}>
            {overview.value.pause ? words.isPaused : words.isRunning}
          </span>
          {zone && <span> · {zone}</span>}
        </p>
      )}
      <PauseSwitch />
      <button type="button" onClick={help} aria-label={words.keys.title}>
        ?
      </button>
    </header>
  );
}
