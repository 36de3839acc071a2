// A post: its photos, why the first was picked, its words, and when each connection posts it.
import { useEffect, useState } from "preact/hooks";
import { type Answer, call } from "../../api";
import { useKeys } from "../../keys";
import { ActionButton, isAction, pressIn } from "../../parts/action";
import { Failure, useLoading } from "../../parts/loading";
import { addressOf, route } from "../../router";
import type { PostResponse, ScheduleResponse } from "../../schema";
import { dayOf, timeOf } from "../../times";
import { words } from "../../words";
import { ID } from "../library/photos";
import { focus } from "./photo";
import { Viewer } from "./viewer";
import { Judged } from "./why";
import { Words } from "./words";

const REVIEWS: Readonly<Record<string, string>> = { approvePost: "approve", rejectPost: "reject" };

export function Post() {
  const [id = ""] = route.value.path;
  const { value, problem, again } = useLoading(() => call("getPost", { parameters: { post_id: id } }), [id]);
  const [saved, setSaved] = useState<Answer<PostResponse> | null>(null);
  useKeys(words.photo.title, [
    { keys: "e", text: words.sheet.words, run: () => focus("words") },
    { keys: "w", text: words.sheet.why, run: () => focus("why") },
    { keys: "a", text: words.operations.approvePost ?? "", run: () => pressIn(document.body, "approvePost") },
    { keys: "r", text: words.operations.rejectPost ?? "", run: () => pressIn(document.body, "rejectPost") },
  ]);
  const ready = value !== null;
  useEffect(() => {
    if (ready && route.value.query.part) focus(route.value.query.part);
  }, [ready]);
  const failure = problem && <Failure problem={problem} again={again} />;
  const answer = saved ?? value;
  if (!answer) return failure ?? <section aria-busy="true">{words.loading}</section>;
  const reread = () => {
    setSaved(null);
    again();
  };
  return (
    <>
      {failure}
      <Shown answer={answer} onSaved={setSaved} onActed={reread} />
    </>
  );
}

interface Props {
  readonly answer: Answer<PostResponse>;
  readonly onSaved: (post: Answer<PostResponse>) => void;
  readonly onActed: () => void;
}

function Shown({ answer, onSaved, onActed }: Props) {
  const { body: post } = answer;
  const [at, setAt] = useState(0);
  const photo = post.photo_ids[at];
  const picked = post.decision?.considered.find(({ photo_id }) => photo_id === post.decision?.picked);
  const reviews = post.actions.filter((action) => action.operation in REVIEWS && isAction(action));
  return (
    <section class="photo">
      {photo && (
        <Viewer
          persona={post.persona_id}
          photo={photo}
          alt={post.variants[0]?.alt_text ?? ""}
          name={post.photo_names[at] ?? ""}
          before={at > 0 ? () => setAt(at - 1) : null}
          after={at + 1 < post.photo_ids.length ? () => setAt(at + 1) : null}
        />
      )}
      <div class="side">
        <h2>{post.title ?? post.photo_names[0] ?? words.photo.post}</h2>
        <ul>
          {post.schedules.map((schedule) => (
            <Schedule key={schedule.schedule_id} schedule={schedule} />
          ))}
        </ul>
        {reviews.length > 0 && (
          <div class="actions sticky">
            {reviews.map((action) => (
              <span key={action.operation} id={REVIEWS[action.operation]}>
                <ActionButton action={action} onDone={onActed} />
              </span>
            ))}
          </div>
        )}
        {photo && <a href={addressOf("photo", [post.persona_id, photo.slice(0, ID)])}>{words.photo.openPhoto}</a>}
        <section id="why" tabIndex={-1} aria-labelledby="why-title">
          <h3 id="why-title">{words.sheet.why}</h3>
          <p>{post.decision?.reason ?? words.photo.byHand}</p>
          {picked && <Judged considered={picked} />}
        </section>
        <section id="words" aria-labelledby="words-title">
          <h3 id="words-title">{words.sheet.words}</h3>
          <Words key={post.post_id} post={answer} onSaved={onSaved} />
        </section>
      </div>
    </section>
  );
}

function Schedule({ schedule }: { readonly schedule: ScheduleResponse }) {
  const { wall_time: time, external_url: url } = schedule;
  return (
    <li>
      {words.day(dayOf(time))} {timeOf(time)} <small>{schedule.zone}</small> {schedule.channel}:{" "}
      {words.statuses[schedule.status]}{" "}
      {url?.startsWith("https:") && (
        <a href={url} target="_blank" rel="noopener noreferrer">
          {words.open}
        </a>
      )}
      {schedule.error_message && <p class="bad">{schedule.error_message}</p>}
    </li>
  );
}
