// What the account itself shows, read from its platform, together with what Shutterpost knows of it.
import { useState } from "preact/hooks";
import { call, Problem } from "../../api";
import { useLoading } from "../../parts/loading";
import type { AccountPost, AccountPosts } from "../../schema";
import { words } from "../../words";
import { textOf } from "../../words/problems";
import type { Tile } from "../calendar/entries";

export interface ProfileTile extends Tile {
  // As the account shows it.
  readonly shown?: AccountPost;
}

interface Account {
  readonly posts: AccountPosts | null;
  // Why what the account shows is not known.
  readonly reason: string;
  readonly older: () => Promise<void>;
}

const LIMIT = 30;
// A look at another view does not read the platform again: it counts such calls.
const KEPT_FOR = 120_000;
const kept = new Map<string, { readonly at: number; readonly posts: AccountPosts }>();

export function useAccount(persona: string, connection: string): Account {
  const { value, problem } = useLoading(() => latest(persona, connection), [persona, connection]);
  const [more, setMore] = useState<AccountPosts | null>(null);
  const posts = more ?? value;
  const older = async () => {
    if (!posts?.cursor) return;
    try {
      const next = await page(persona, connection, posts.cursor);
      const cursor = next.state === "listed" ? next.cursor : posts.cursor;
      const not_shown = [...posts.not_shown, ...next.not_shown];
      setMore({ ...posts, posts: [...posts.posts, ...next.posts], not_shown, cursor, detail: next.detail });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setMore({ ...posts, detail: textOf(error) });
    }
  };
  return { posts, reason: problem ? textOf(problem) : (posts?.detail ?? ""), older };
}

// The tiles with the account's posts in the order of the profile, those by hand among them.
export function withAccount(tiles: readonly ProfileTile[], posts: AccountPosts | null, persona: string): ProfileTile[] {
  const listed = posts?.posts ?? [];
  const own = new Map(listed.flatMap((post) => (post.post_id ? [[post.post_id, post] as const] : [])));
  const known = tiles.map((tile) => {
    const shown = tile.post ? own.get(tile.post) : undefined;
    if (shown) return { ...tile, shown, instant: shown.posted_at ?? tile.instant };
    return posts?.not_shown.includes(tile.post ?? "") ? { ...tile, state: "unlisted" } : tile;
  });
  const there = new Set(known.map(({ post }) => post));
  const others = listed.filter(({ post_id }) => !post_id || !there.has(post_id)).map((post) => tileOf(post, persona));
  return [...known, ...others].sort((one, other) => other.instant.localeCompare(one.instant));
}

async function latest(persona: string, connection: string): Promise<AccountPosts> {
  const name = `${persona} ${connection}`;
  const before = kept.get(name);
  if (before && Date.now() - before.at < KEPT_FOR) return before.posts;
  const posts = await page(persona, connection);
  if (posts.state === "listed") kept.set(name, { at: Date.now(), posts });
  return posts;
}

async function page(persona: string, connection: string, cursor: string | null = null): Promise<AccountPosts> {
  const parameters = { persona_id: persona, connection_id: connection };
  return (await call("listRecentPosts", { parameters, query: { limit: LIMIT, cursor } })).body;
}

function tileOf(post: AccountPost, persona: string): ProfileTile {
  const text = post.text ?? "";
  const state = post.post_id ? "success" : "hand";
  return {
    ...{ key: `account ${post.external_id}`, kind: "post", persona, post: post.post_id ?? null, entries: [], state },
    ...{ at: post.local_time ?? "", instant: post.posted_at ?? "", photo: null, shown: post },
    ...{ text, name: text.split("\n")[0] || words.grid.media[post.media] || post.media },
  };
}
