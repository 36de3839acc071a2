// Where photos are dropped or chosen, and how far each file is.
import { useState } from "preact/hooks";
import { announceProblem } from "../../notices";
import { Problem } from "../../api";
import { Picture } from "../../parts/picture";
import { readOnly } from "../../store";
import { add, type DroppedFile, filesOf, goOn, type Upload, uploads } from "../../uploading";
import { words } from "../../words";

const SHOWN = 200;

export function Drop({ persona }: { readonly persona: string }) {
  const [over, setOver] = useState(false);
  const own = uploads.value.filter((each) => each.persona === persona);
  if (readOnly.value) return <p>{words.readOnly}</p>;
  const drop = async (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer) add(persona, await filesOf(event.dataTransfer));
  };
  const choose = (input: HTMLInputElement) => {
    add(persona, [...(input.files ?? [])].map((file): DroppedFile => ({ path: file.webkitRelativePath || file.name, file })));
    input.value = "";
  };
  return (
    <>
      <div
        class={over ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => void drop(event).catch(() => announceProblem(new Problem(0, "unreadable", words.start.unreadable)))}
      >
        <p>{words.start.drop}</p>
        <label class="choose">
          {words.start.chooseFiles}
          <input type="file" multiple onChange={(event) => choose(event.currentTarget)} />
        </label>
        <label class="choose">
          {words.start.chooseFolder}
          <input type="file" multiple ref={(input) => input?.setAttribute("webkitdirectory", "")} onChange={(event) => choose(event.currentTarget)} />
        </label>
      </div>
      {own.length > 0 && <Progress own={own} />}
    </>
  );
}

function Progress({ own }: { readonly own: readonly Upload[] }) {
  const size = own.reduce((sum, each) => sum + each.file.size, 0);
  const sent = own.reduce((sum, each) => sum + each.sent, 0);
  const settled = own.filter(({ state }) => ["arrived", "sidecar", "rejected"].includes(state)).length;
  const failed = own.filter(({ state }) => state === "failed");
  return (
    <>
      <p role="status">{words.start.progress(settled, own.length)}</p>
      <progress aria-label={words.start.sending} value={sent} max={size || 1} />
      {failed.length > 0 && (
        <button type="button" class="first" onClick={goOn}>
          {words.start.goOn(failed.length)}
        </button>
      )}
      <ul class="uploads">
        {own.slice(0, SHOWN).map((each) => (
          <li key={each.id} class={each.state}>
            {each.state === "arrived" && each.photo && <Picture persona={each.persona} photo={each.photo} alt="" />}
            <span class="name">{each.path}</span> <span class="state">{words.start.states[each.state]}</span>
            {each.detail && <span class="why">{each.detail}</span>}
          </li>
        ))}
        {own.length > SHOWN && <li>{words.more(own.length - SHOWN)}</li>}
      </ul>
    </>
  );
}
