// A photo's rendition, with its size kept free while it loads.
import { useState } from "preact/hooks";
import { recovered } from "../store";
import { words } from "../words";

interface Props {
  readonly persona: string;
  readonly photo: string;
  readonly alt: string;
  // Shown where there is no rendition; default: `alt`.
  readonly name?: string;
  readonly tint?: string;
  readonly large?: boolean;
}

const MISSING = 404;
// A photo of before there were thumbnails has its feed rendition alone.
const [SMALL, LARGE] = [["thumb.webp", "feed.jpg"], ["feed.jpg", "thumb.webp"]];

export function Picture({ persona, photo, alt, name = alt, tint, large = false }: Props) {
  const recovery = recovered.value;
  const [failure, setFailure] = useState({ recovery, tried: 0 });
  const [missing, setMissing] = useState(false);
  // Once the API answers again, what could not be read is read again.
  const tried = failure.recovery === recovery ? failure.tried : 0;
  const file = (large ? LARGE : SMALL)[tried];
  const fail = async (address: string) => {
    setFailure({ recovery, tried: tried + 1 });
    const response = await fetch(address, { method: "HEAD" }).catch(() => null);
    setMissing(response?.status === MISSING);
  };
  const style = tint ? { backgroundColor: tint } : {};
  return file === undefined ? (
    <span class="picture missing" style={style}>
      <span>
        {name} {missing && <small>{words.noThumbnail}</small>}
      </span>
    </span>
  ) : (
    <img
      key={photo}
      class="picture"
      style={style}
      src={`/media/${persona}/${photo}/${file}`}
      alt={alt}
      loading="lazy"
      decoding="async"
      // A browser ends the drag of a picture that is still loading; its tile is dragged instead.
      draggable={false}
      onError={(event) => void fail(event.currentTarget.src)}
    />
  );
}
