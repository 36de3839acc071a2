// The first steps, and where photos are added: a persona, its accounts, its photos.
import { Unread } from "../../parts/loading";
import { chosen, overview } from "../../store";
import { words } from "../../words";
import { Connect } from "./connect";
import { Drop } from "./drop";
import { NewPersona } from "./persona";

export function Start() {
  if (!overview.value) return <Unread />;
  const persona = chosen.value;
  return (
    <div class="start" id="start">
      <section aria-labelledby="step-persona">
        <h2 id="step-persona">1. {persona ? persona.name : words.start.persona}</h2>
        {persona ? <p>{words.start.personaReady(persona.zone)}</p> : <NewPersona />}
      </section>
      <section aria-labelledby="step-connect">
        <h2 id="step-connect">2. {words.start.connect}</h2>
        {persona ? <Connect key={persona.persona_id} persona={persona.persona_id} /> : <p>{words.start.afterPersona}</p>}
      </section>
      <section aria-labelledby="step-photos">
        <h2 id="step-photos">3. {words.start.photos}</h2>
        {persona ? <Drop persona={persona.persona_id} /> : <p>{words.start.afterPersona}</p>}
      </section>
    </div>
  );
}
