"""`shutterpost photos cluster`: themes out of vectors, which photos belong together and what each group is called.

Photos near each other are a theme (HDBSCAN), and those near nothing stay without one; or all are shared out among a
given number of themes (k-means), both scikit-learn's. A theme is named by the words that its photos have and others
lack: keywords and objects, and where a photo has neither, the longer words of its caption.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from shutterpost.console.client.arguments import AsJson, Persona, api_client, path_of, persona_of
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Invalid

MAX_NAME = 60
# A word names a theme where at least this share of its photos have it.
COMMON = 0.3
WORDS = 2
# How surely a photo must belong to a theme (HDBSCAN's strength, 0-1); what merely lies between themes has a tenth.
SURE = 0.3
_SEED = 0
_LONGER_WORD = re.compile(r"[^\W\d_]{4,}")


class CannotCluster(Invalid):
    """There are too few vectors, or what does the sums is not installed."""

    kind = "cannot-cluster"


@dataclass(frozen=True)
class ClusterPhoto:
    """A photo's id, its vector, and the words known of it: keywords and objects."""

    photo_id: str
    vector: Sequence[float]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class PhotoCluster:
    """A group of photos that belong together, by its name; `words` are the shares of its photos that have each."""

    name: str
    photo_ids: tuple[str, ...]
    words: Mapping[str, float]


def cluster(
    context: typer.Context,
    *,
    persona: Persona = None,
    count: Annotated[
        int | None, typer.Option(min=2, max=50, help="How many themes; default: as many as there are.")
    ] = None,
    least: Annotated[int, typer.Option(min=2, help="How many photos make a theme, where --count is not given.")] = 8,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the themes, give none.")] = False,
    json_: AsJson = None,
) -> None:
    """Find themes in the library's vectors, name them, and give each photo its theme for the strategies to use."""
    reach = api_client(context)
    who = persona_of(reach, persona)
    vectors = commonest_model(reach.pages(f"{path_of(who)}/photos/vectors", "vectors"))
    found = themes_of([_photo(one) for one in vectors], least=least, count=count)
    key = None
    if not dry_run and found:
        key = f"analyses/{who['persona_id']}/themes-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
        reach.client("s3").put_object(Bucket=reach.deployment.bucket, Key=key, Body=labels_of(found))
    themed = sum(len(theme.photo_ids) for theme in found)
    told = {
        "photos": len(vectors),
        "without_theme": len(vectors) - themed,
        "themes": [{"name": theme.name, "photos": len(theme.photo_ids)} for theme in found],
        "key": key,
    }
    rows = [(theme.name, str(len(theme.photo_ids)), ", ".join(_most_telling(theme))) for theme in found]
    empty = "No photos are near enough to each other; try fewer with --least, or --count."
    render.answer(told, lambda: render.table(("theme", "photos", "words"), rows, empty=empty), as_json=json_)


def labels_of(themes: Iterable[PhotoCluster]) -> bytes:
    """What the import reads to give each photo its theme."""
    rows = ({"sha256": photo_id, "theme": theme.name} for theme in themes for photo_id in theme.photo_ids)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def themes_of(photos: Sequence[ClusterPhoto], *, least: int, count: int | None = None) -> tuple[PhotoCluster, ...]:
    """The themes of `photos`, the largest first: groups of `least` photos or more, or `count` groups of any size.

    The same photos give the same themes in any order. Raises `CannotCluster`.
    """
    needed = max(2 * least if count is None else count, 2)
    if len(photos) < needed:
        raise CannotCluster(f"{len(photos)} photos have a vector; at least {needed} are needed. Import analyses first.")
    ordered = sorted(photos, key=lambda photo: photo.photo_id)
    groups: dict[int, list[ClusterPhoto]] = defaultdict(list)
    for photo, group in zip(ordered, _groups(ordered, least, count), strict=True):
        if group >= 0:
            groups[group].append(photo)
    found = sorted(groups.values(), key=lambda group: (-len(group), group[0].photo_id))
    return tuple(
        PhotoCluster(name, tuple(photo.photo_id for photo in group), _shares(group))
        for name, group in zip(names_of(found, ordered), found, strict=True)
    )


def names_of(groups: Sequence[Sequence[ClusterPhoto]], library: Sequence[ClusterPhoto]) -> tuple[str, ...]:
    """A name for each of `groups`, all different: its most telling words, the first of them alone where that is enough.

    A word tells the more, the more of the group's photos have it and the fewer others.
    """
    everywhere = _shares(library)
    taken: set[str] = set()
    names = []
    for number, group in enumerate(groups, start=1):
        own = _shares(group)
        render = sorted(
            (word for word in own if own[word] >= COMMON),
            key=lambda word: (-own[word] * (own[word] - everywhere[word]), word),
        )[:WORDS]
        wanted = [" ".join(render[: length + 1])[:MAX_NAME].strip() for length in range(len(render))]
        name = next((one for one in (*wanted, f"theme {number}") if one not in taken), f"theme {number}")
        taken.add(name)
        names.append(name)
    return tuple(names)


def commonest_model(vectors: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of `vectors` that the model made which made most; others cannot be compared with them."""
    found = list(vectors)
    models = Counter(str(one["model"]) for one in found)
    best = min(models, key=lambda model: (-models[model], model), default="")
    return [one for one in found if one["model"] == best]


def _photo(vector: Mapping[str, Any]) -> ClusterPhoto:
    words = (*vector["keywords"], *vector["objects"]) or tuple(_LONGER_WORD.findall(vector["caption"]))
    return ClusterPhoto(vector["photo_id"], vector["vector"], words)


def _most_telling(theme: PhotoCluster) -> list[str]:
    return sorted(theme.words, key=lambda word: (-theme.words[word], word))[: 2 * WORDS]


def _groups(photos: Sequence[ClusterPhoto], least: int, count: int | None) -> list[int]:
    """A group's number for each photo; -1 for one that is near no other."""
    try:
        from sklearn.cluster import HDBSCAN, KMeans
        from sklearn.preprocessing import normalize
    except ImportError as error:
        detail = "Clustering needs scikit-learn: pip install 'shutterpost[themes]'."
        raise CannotCluster(detail) from error
    directions = normalize([photo.vector for photo in photos])
    if count is not None:
        model = KMeans(n_clusters=count, n_init=10, random_state=_SEED)
        return [int(group) for group in model.fit_predict(directions)]
    found = HDBSCAN(min_cluster_size=least, min_samples=max(2, least // 3), copy=True).fit(directions)
    return [int(group) if sure >= SURE else -1 for group, sure in zip(found.labels_, found.probabilities_, strict=True)]


def _shares(photos: Sequence[ClusterPhoto]) -> dict[str, float]:
    counts = Counter(word for photo in photos for word in {word.strip().casefold() for word in photo.words} if word)
    return {word: count / len(photos) for word, count in counts.items()}
