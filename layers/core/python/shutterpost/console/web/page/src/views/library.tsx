// The contact sheet of the best unposted photos.
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api";
import { Picture } from "../parts/picture";
import type { Photo } from "../schema";
import { overview, persona, trouble } from "../store";
import { words } from "../words";

const PAGE = 100;

export function Library() {
  const id = persona.value ?? overview.value?.personas[0]?.persona_id;
  const [photos, setPhotos] = useState<readonly Photo[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const load = async (before: readonly Photo[], from: string | null) => {
    if (!id) return;
    try {
      const query = { unposted: true, limit: PAGE, cursor: from };
      const page = await call("listPhotos", { parameters: { persona_id: id }, query });
      setPhotos([...before, ...page.body.photos]);
      setCursor(page.body.cursor ?? null);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      trouble.value = error.message || words.offline;
    }
  };
  useEffect(() => {
    setPhotos(null);
    void load([], null);
  }, [id]);
  if (!id) return <p class="empty">{overview.value ? words.noPersona : words.loading}</p>;
  if (!photos) return <p aria-busy="true">{words.loading}</p>;
  if (!photos.length) return <p class="empty">{words.noPhotos}</p>;
  return (
    <section aria-labelledby="sheet">
      <h2 id="sheet">{words.bestFirst}</h2>
      <ul class="sheet">
        {photos.map((photo) => (
          <li key={photo.photo_id}>
            <Picture persona={id} photo={photo.photo_id} alt={words.photoOf(photo.names[0] ?? "", photo.score ?? null, photo.caption)} />
            <span class="score">{photo.score?.toFixed(1)}</span>
          </li>
        ))}
      </ul>
      {cursor && (
        <button type="button" onClick={() => void load(photos, cursor)}>
          {words.showMore}
        </button>
      )}
    </section>
  );
}
