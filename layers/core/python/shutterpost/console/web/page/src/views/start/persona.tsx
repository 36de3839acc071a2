// Creates the first persona.
import { call } from "../../api";
import { announce } from "../../notices";
import { Failure } from "../../parts/loading";
import { useWriting } from "../../parts/writing";
import { persona, refresh } from "../../store";
import { words } from "../../words";

export function NewPersona() {
  const { busy, refusal, write } = useWriting();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const body = { name: given.get("name"), zone: given.get("zone"), slots: [{ at: given.get("at") }] };
    await write(async (key) => {
      const created = await call("createPersona", { body, key });
      announce(words.done);
      persona.value = created.body.persona_id;
      await refresh();
    });
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <label>
        {words.start.name}
        <input name="name" required maxLength={80} autocomplete="off" />
      </label>
      <label>
        {words.start.zone}
        <input name="zone" required list="zones" autocomplete="off" defaultValue={Intl.DateTimeFormat().resolvedOptions().timeZone} />
      </label>
      <datalist id="zones">
        {Intl.supportedValuesOf("timeZone").map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <label>
        {words.start.at}
        <input name="at" type="time" required defaultValue="18:30" />
      </label>
      {refusal && <Failure problem={refusal} />}
      <button type="submit" class="first" disabled={busy}>
        {words.start.create}
      </button>
    </form>
  );
}
