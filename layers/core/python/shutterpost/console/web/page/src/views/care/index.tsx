// What a library and its accounts need from time to time: files, look-alikes, accounts, and how long photos last.
import type { ComponentType } from "preact";
import { Unread } from "../../parts/loading";
import { addressOf, route } from "../../router";
import type { PersonaOverview } from "../../schema";
import { chosen, overview } from "../../store";
import { words } from "../../words";
import { Accounts } from "./accounts";
import { Alike } from "./alike";
import { Files } from "./files";
import { Runway } from "./runway";

export interface PartProps {
  readonly persona: PersonaOverview;
}

const PARTS: Readonly<Record<keyof typeof words.care.parts, ComponentType<PartProps>>> = {
  files: Files,
  alike: Alike,
  accounts: Accounts,
  runway: Runway,
};

export function Care() {
  const persona = chosen.value;
  const [name = ""] = route.value.path;
  const part = Object.hasOwn(PARTS, name) ? (name as keyof typeof PARTS) : "files";
  if (!overview.value) return <Unread />;
  if (!persona) return <p class="empty">{words.noPersona}</p>;
  const Part = PARTS[part];
  return (
    <>
      <nav class="parts" aria-label={words.views.care}>
        {(Object.keys(PARTS) as (keyof typeof PARTS)[]).map((each) => (
          <a key={each} href={addressOf("care", [each])} aria-current={each === part ? "page" : undefined}>
            {words.care.parts[each]}
          </a>
        ))}
      </nav>
      <Part key={persona.persona_id} persona={persona} />
    </>
  );
}
