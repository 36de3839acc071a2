// What concerns every view: no answer from the API, an ended login, a server that only reads, a pause.
import { chosen, overview, poll, readOnly, trouble } from "../store";
import { inZone } from "../times";
import { words } from "../words";
import { ActionButton } from "./action";

const RESUME = { operation: "resume", parameters: {}, body: {}, asks: [] };

export function Banners() {
  const pause = overview.value?.pause;
  return (
    <>
      {trouble.value && <Trouble />}
      {readOnly.value && <p class="banner">{words.readOnly}</p>}
      {pause && (
        <div class="banner pause">
          <p>{words.paused(pause.reason)}</p>
          <ActionButton action={RESUME} />
        </div>
      )}
    </>
  );
}

function Trouble() {
  const { text, seconds, asOf } = trouble.value ?? { text: "" };
  return (
    <div class="banner trouble" role="alert">
      <p>
        {text} {seconds ? words.triesAgain(seconds) : ""} {asOf ? words.asOf(inZone(asOf, chosen.value?.zone ?? null)) : ""}
      </p>
      {seconds ? (
        <button type="button" onClick={() => void poll()}>
          {words.tryNow}
        </button>
      ) : null}
    </div>
  );
}
