// Files that could not be imported: why, what to do, and the way to try one again or to forget it.
import { useEffect, useState } from "preact/hooks";
import { call } from "../../api";
import { announce } from "../../notices";
import { Ask } from "../../parts/ask";
import { Failure, useLoading } from "../../parts/loading";
import { useWriting } from "../../parts/writing";
import type { RejectedFile } from "../../schema";
import { refresh } from "../../store";
import { inZone } from "../../times";
import { words } from "../../words";
import type { PartProps } from ".";

const MOST = 100;
const LOOKED_EVERY = 3_000;

export function Files({ persona }: PartProps) {
  const parameters = { persona_id: persona.persona_id };
  const read = async () => (await call("listRejected", { parameters, query: { limit: MOST } })).body;
  const { value, problem, again } = useLoading(read, [persona.persona_id]);
  // When each file that is tried again was rejected: another time, or none, means that the import is done.
  const [tried, setTried] = useState<Readonly<Record<string, string>>>({});
  const files = value?.rejected ?? [];
  const running = files.some((file) => tried[file.rejected_key] === file.at);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setTimeout(again, LOOKED_EVERY);
    return () => clearTimeout(timer);
  }, [running, value]);
  const retried = (file: RejectedFile) => setTried((before) => ({ ...before, [file.rejected_key]: file.at }));
  const forgotten = () => {
    again();
    void refresh();
  };
  return (
    <section aria-labelledby="files" aria-busy={!value && !problem}>
      <h2 id="files">{words.care.parts.files}</h2>
      {problem && <Failure problem={problem} again={again} />}
      {value && !files.length && <p>{words.care.noFiles}</p>}
      <ul class="cards">
        {files.map((file) => (
          <li key={file.rejected_key}>
            <File
              file={file}
              zone={persona.zone}
              parameters={parameters}
              running={tried[file.rejected_key] === file.at}
              onRetried={() => retried(file)}
              onForgotten={forgotten}
            />
          </li>
        ))}
      </ul>
      {value?.cursor && <p>{words.care.moreFiles(MOST)}</p>}
    </section>
  );
}

interface FileProps {
  readonly file: RejectedFile;
  readonly zone: string;
  readonly parameters: { readonly persona_id: string };
  readonly running: boolean;
  readonly onRetried: () => void;
  readonly onForgotten: () => void;
}

function File({ file, zone, parameters, running, onRetried, onForgotten }: FileProps) {
  const [asks, setAsks] = useState(false);
  const { busy, refusal, write } = useWriting();
  const body = { rejected_keys: [file.rejected_key] };
  const name = file.key.split("/").at(-1) ?? file.key;
  const retry = () =>
    write(async (key) => {
      await call("retryRejected", { parameters, body, key });
      onRetried();
      announce(words.care.retried(name));
    });
  const forget = () =>
    write(async (key) => {
      await call("forgetRejected", { parameters, body, key });
      announce(words.care.forgotten(name));
      onForgotten();
    });
  return (
    <>
      <h3>{name}</h3>
      <p>{file.detail}</p>
      <p class="why">
        {file.what_to_do} {inZone(file.at, zone)}
      </p>
      {running ? (
        <p role="status">{words.care.importing}</p>
      ) : (
        <div class="actions">
          <button type="button" disabled={busy} onClick={() => void retry()} aria-label={words.care.retryFile(name)}>
            {words.care.retry}
          </button>
          <button type="button" disabled={busy} onClick={() => setAsks(true)} aria-label={words.care.forgetFile(name)}>
            {words.care.forget}
          </button>
        </div>
      )}
      {refusal && <Failure problem={refusal} />}
      {asks && (
        <Ask
          title={words.care.reallyForget(name)}
          fields={[]}
          onDone={(answer) => {
            setAsks(false);
            if (answer) void forget();
          }}
        />
      )}
    </>
  );
}
