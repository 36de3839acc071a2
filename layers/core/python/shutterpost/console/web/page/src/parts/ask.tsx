// A dialog that asks for the fields of an action, or for its confirmation.
import { words } from "../words";
import { Dialog } from "./dialog";

interface Props {
  readonly title: string;
  readonly fields: readonly string[];
  readonly onDone: (values: Record<string, string> | null) => void;
}

export function Ask({ title, fields, onDone }: Props) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    onDone(Object.fromEntries([...given].map(([name, value]) => [name, String(value)])));
  };
  return (
    <Dialog title={title} onClose={() => onDone(null)}>
      <form onSubmit={submit}>
        {fields.map((name) => (
          <label key={name}>
            {words.asks[name] ?? name}
            {name === "token" ? (
              <input name={name} type="password" autocomplete="off" required />
            ) : (
              <input name={name} type="text" autocomplete="off" required />
            )}
          </label>
        ))}
        <div class="actions">
          <button type="button" onClick={() => onDone(null)}>
            {words.cancel}
          </button>
          <button type="submit" class="first">
            {words.confirm}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
