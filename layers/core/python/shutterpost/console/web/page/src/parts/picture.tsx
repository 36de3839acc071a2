// A photo's rendition, with its size kept free while it loads.
import { useState } from "preact/hooks";

interface Props {
  readonly persona: string;
  readonly photo: string;
  readonly alt: string;
}

export function Picture({ persona, photo, alt }: Props) {
  const [file, setFile] = useState("thumb.webp");
  const address = `/media/${persona}/${photo}/${file}`;
  // A photo of before there were thumbnails has its feed rendition alone.
  const next = () => setFile(file === "thumb.webp" ? "feed.jpg" : "");
  return file === "" ? (
    <span class="picture missing">{alt}</span>
  ) : (
    <img class="picture" src={address} alt={alt} loading="lazy" decoding="async" onError={next} />
  );
}
