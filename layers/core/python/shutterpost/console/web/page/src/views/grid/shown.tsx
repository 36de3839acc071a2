// The picture of a post as its account shows it, through this page's own server.
import { useState } from "preact/hooks";
import type { ProfileTile } from "./account";

interface Props {
  readonly tile: ProfileTile;
  readonly connection: string;
  readonly alt: string;
}

export function ShownPicture({ tile, connection, alt }: Props) {
  const [failed, setFailed] = useState(false);
  const post = tile.shown;
  if (failed || !post?.picture_url) {
    return (
      <span class="picture missing" aria-hidden={!alt}>
        <span>{tile.text || tile.name}</span>
      </span>
    );
  }
  const path = [tile.persona, connection, post.external_id].map(encodeURIComponent).join("/");
  return (
    <img
      class="picture"
      src={`/media/accounts/${path}`}
      alt={alt}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => setFailed(true)}
    />
  );
}
