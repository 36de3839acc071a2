// The words of a post: what it would send is asked of the API while one writes; nothing is counted here.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Answer, call, Problem } from "../../api";
import { announce } from "../../notices";
import { Failure } from "../../parts/loading";
import { useWriting } from "../../parts/writing";
import type { ChangePostRequest, PostResponse, VariantPreview } from "../../schema";
import { words } from "../../words";
import { Caption } from "./caption";
import { type Stored, useDraft } from "./drafts";
import { saves } from "./facts";
import { Texts } from "./texts";

interface Props {
  readonly post: Answer<PostResponse>;
  readonly onSaved: (post: Answer<PostResponse>) => void;
}

interface Fields {
  readonly caption: string;
  readonly hashtags: string;
  readonly alt_text: string;
}

const PAUSE = 400;
const CHANGED_ELSEWHERE = 412;
const NAMES = ["caption", "hashtags", "alt_text"] as const;

export function Words({ post, onSaved }: Props) {
  const { body: stored } = post;
  const { fields, base, ...draft } = useDraft(stored.post_id, useMemo(() => storedOf(post), [post]));
  const [texts, setTexts] = useState<readonly VariantPreview[]>(Object.values(stored.texts ?? {}));
  const [unread, setUnread] = useState<Problem | null>(null);
  const [other, setOther] = useState<Answer<PostResponse> | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const { busy, refusal, clear, write } = useWriting();
  const parameters = { post_id: stored.post_id };
  const body = changeOf(base.fields, fields);
  const isChanged = Object.keys(body).length > 0;

  useEffect(() => {
    let current = true;
    const preview = async () => {
      try {
        const answer = await call("changePost", { parameters, body, query: { dry_run: true } });
        if (!current) return;
        setTexts(Object.values(answer.body.texts ?? {}));
        setUnread(null);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (current) setUnread(error);
      }
    };
    const timer = isChanged ? setTimeout(() => void preview(), PAUSE) : undefined;
    if (!isChanged) setTexts(Object.values(stored.texts ?? {}));
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [fields, stored]);

  const change = (name: keyof Fields) => (event: Event) => draft.change(name, (event.currentTarget as HTMLInputElement).value);
  const save = (version: string | null) =>
    void write(async () => {
      try {
        const answer = await call("changePost", { parameters, body, ...(version ? { ifMatch: version } : {}) });
        draft.saved(fields, storedOf(answer));
        setOther(null);
        onSaved(answer);
        announce(words.photo.saved);
      } catch (error) {
        if (error instanceof Problem && error.status === CHANGED_ELSEWHERE) setOther(await call("getPost", { parameters }));
        throw error;
      }
    });
  const takeTheirs = () => {
    if (!other) return;
    draft.replace(storedOf(other));
    setOther(null);
    clear();
    onSaved(other);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (isChanged && !other) save(base.version);
  };
  return (
    <form ref={form} class="editor" onSubmit={submit} onKeyDown={(event) => saves(event) && form.current?.requestSubmit()}>
      <Caption value={fields.caption} texts={texts} onInput={change("caption")} />
      <label>
        {words.photo.hashtags}
        <input type="text" value={fields.hashtags} onInput={change("hashtags")} />
      </label>
      <label>
        {words.photo.altText}
        <textarea name="alt_text" rows={2} value={fields.alt_text} onInput={change("alt_text")} />
      </label>
      {refusal && <Failure problem={refusal} />}
      {other && <BothVersions mine={fields} theirs={fieldsOf(other.body)} onMine={() => save(other.etag)} onTheirs={takeTheirs} />}
      <div class="actions">
        <button type="submit" class="first" disabled={busy || !isChanged || other !== null}>
          {words.photo.save}
        </button>
      </div>
      <h4>{words.photo.asItReads}</h4>
      {unread && <Failure problem={unread} />}
      <Texts texts={texts} />
    </form>
  );
}

interface VersionsProps {
  readonly mine: Fields;
  readonly theirs: Fields;
  readonly onMine: () => void;
  readonly onTheirs: () => void;
}

function BothVersions({ mine, theirs, onMine, onTheirs }: VersionsProps) {
  return (
    <div class="versions" role="group" aria-label={words.photo.versions}>
      {([["mine", mine, onMine], ["theirs", theirs, onTheirs]] as const).map(([side, fields, keep]) => (
        <section key={side} aria-labelledby={side}>
          <h4 id={side}>{words.photo[side]}</h4>
          {NAMES.filter((name) => mine[name] !== theirs[name]).map((name) => (
            <blockquote key={name}>{fields[name]}</blockquote>
          ))}
          <button type="button" onClick={keep}>
            {side === "mine" ? words.photo.saveMine : words.photo.takeTheirs}
          </button>
        </section>
      ))}
    </div>
  );
}

function fieldsOf(post: PostResponse): Fields {
  return {
    caption: post.base_caption,
    hashtags: post.hashtags.map((tag) => `#${tag}`).join(" "),
    alt_text: post.variants[0]?.alt_text ?? "",
  };
}

function storedOf({ body, etag }: Answer<PostResponse>): Stored<Fields> {
  return { fields: fieldsOf(body), version: etag };
}

function changeOf(stored: Fields, fields: Fields): ChangePostRequest {
  const hashtags = fields.hashtags.split(/[\s,]+/).map((tag) => tag.replace(/^#/, ""));
  const values = { caption: fields.caption, hashtags: hashtags.filter(Boolean), alt_text: fields.alt_text };
  return Object.fromEntries(Object.entries(values).filter(([name]) => stored[name as keyof Fields] !== fields[name as keyof Fields]));
}
