// The live region: what was done, and Undo.
import { useKeys } from "../keys";
import { dismiss, hold, notices, release, undo, undoLast } from "../notices";
import { words } from "../words";

export function Notices() {
  useKeys(words.keys.everywhere, [{ keys: "u", text: words.undo, run: () => void undoLast() }]);
  return (
    <div class="notices" role="status" onMouseEnter={hold} onMouseLeave={release} onFocusIn={hold} onFocusOut={release}>
      {notices.value.map((notice) => (
        <div key={notice.id} class={notice.failed ? "notice bad" : "notice"}>
          <p>{notice.text}</p>
          {notice.undo && (
            <button type="button" onClick={() => void undo(notice)}>
              {words.undo}
            </button>
          )}
          <button type="button" class="plain" aria-label={words.dismiss} onClick={() => dismiss(notice.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
