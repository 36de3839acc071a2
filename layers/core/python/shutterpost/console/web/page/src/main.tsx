// The page: its header, and the view that the address names.
import { signal } from "@preact/signals";
import { render } from "preact";
import { RepairButton } from "./parts/repair";
import { openSession } from "./session";
import { follow, notice, overview, persona, trouble } from "./store";
import { Calendar } from "./views/calendar";
import { Library } from "./views/library";
import { Today } from "./views/today";
import { language, words } from "./words";

const VIEWS = { today: Today, calendar: Calendar, library: Library };
type View = keyof typeof VIEWS;

const isView = (name: string): name is View => name in VIEWS;
const viewOf = (hash: string): View => {
  const name = hash.replace(/^#\//, "");
  return isView(name) ? name : "today";
};
const view = signal<View>(viewOf(location.hash));
addEventListener("hashchange", () => {
  view.value = viewOf(location.hash);
});

function Header() {
  return (
    <header class="top">
      <h1>{words.title}</h1>
      <nav aria-label={words.title}>
        {Object.keys(VIEWS).map((name) => (
          <a key={name} href={`#/${name}`} aria-current={view.value === name ? "page" : undefined}>
            {words.views[name as View]}
          </a>
        ))}
      </nav>
      <label class="persona">
        {words.persona}
        <select value={persona.value ?? ""} onChange={(event) => (persona.value = event.currentTarget.value || null)}>
          <option value="">{words.allPersonas}</option>
          {overview.value?.personas.map((each) => (
            <option key={each.persona_id} value={each.persona_id}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}

function Banners() {
  const pause = overview.value?.pause;
  const resume = { operation: "resume", parameters: {}, body: {}, asks: [] };
  return (
    <>
      {trouble.value && <p class="banner trouble" role="alert">{trouble.value}</p>}
      {pause && (
        <div class="banner pause">
          <p>{words.paused(pause.reason)}</p>
          <RepairButton repair={resume} />
        </div>
      )}
      <p class="notice" role="status">{notice.value}</p>
    </>
  );
}

function Page() {
  const Shown = VIEWS[view.value];
  return (
    <>
      <Header />
      <main>
        <Banners />
        <Shown />
      </main>
    </>
  );
}

document.documentElement.lang = language;
const target = document.getElementById("page");
if (target) {
  const opened = await openSession();
  if (opened) follow();
  else trouble.value = words.sessionEnded;
  render(<Page />, target);
}
