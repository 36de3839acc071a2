"""Photos, imports and look-alikes as tables for people."""

from collections.abc import Iterable

from shutterpost.console.client.arguments import Json
from shutterpost.console.output import render

_ENDS = ("imported", "already_there", "sidecar", "rejected", "waiting")
SHORT_ID = 12


def show_photos(photos: Iterable[Json]) -> None:
    """Photos, one to a line."""
    rows = [
        (
            one["photo_id"][:SHORT_ID],
            one["names"][0] if one["names"] else "",
            _score(one),
            one["theme"],
            render.shortened(one["caption"]),
            ", ".join(one["taken_by"]) or one["withheld"] or "",
        )
        for one in photos
    ]
    empty = "There is no such photo; bring some in: shutterpost photos import FOLDER."
    render.table(("photo", "name", "score", "theme", "caption", "post"), rows, empty=empty)


def show_photo(photo: Json) -> None:
    """One photo with what is known of it."""
    told = {
        "id": photo["photo_id"],
        "names": photo["names"],
        "size": f"{photo['width']} × {photo['height']}, {photo['format']}, {photo['byte_size'] / 1e6:.1f} MB",
        "taken": photo["captured_at"],
        "camera": photo["camera"],
        "score": _score(photo),
        "rating": photo["rating"],
        "sharpness": photo["sharpness"],
        "exposure": photo["exposure"],
        "theme": photo["theme"],
        "objects": photo["objects"],
        "caption": f"{photo['caption']} ({photo['caption_source']})" if photo["caption"] else "",
        "keywords": photo["keywords"],
        "alt text": photo["alt_text"],
        "credit": photo["credit"],
        "renditions": [f"{profile}: {key}" for profile, key in photo["renditions"].items()],
        "withheld": photo["withheld"],
        "posts": photo["taken_by"],
        "may be picked": photo["in_unposted"],
        "looks like": [f"{one['name']} ({one['photo_id'][:SHORT_ID]})" for one in photo["looks_like"]],
        "notes": photo["notes"],
    }
    render.facts(told, title=photo["names"][0] if photo["names"] else photo["photo_id"])


def show_import(told: Json) -> None:
    """An import's report; rejected files with their reasons."""
    title = f"{told['files']} files in {told['seconds']:.0f} s, {told['sent']} sent"
    rows = [(end.replace("_", " "), told[end]) for end in _ENDS if told[end] or end == "imported"]
    rows += [(f"  {reason}", count) for reason, count in told["rejected_by_reason"].items()]
    render.table(("outcome", "files"), rows, title=title)
    if told["rejected_files"]:
        files = [(one["file"], one["reason"], one["what_to_do"]) for one in told["rejected_files"]]
        render.table(("file", "reason", "what to do"), files, title="rejected")


def show_duplicates(told: Json) -> None:
    """Groups of look-alikes."""
    rows = [
        (
            number,
            ", ".join(f"{photo['name']} ({photo['photo_id'][:SHORT_ID]})" for photo in group["photos"]),
            group["bits"],
            "yes" if group["burst"] else "",
        )
        for number, group in enumerate(told["groups"], start=1)
    ]
    columns = ("group", "photos", "bits apart", "burst")
    render.table(columns, rows, title=f"{told['compared']} photos compared", empty="No two photos look alike.")


def _score(photo: Json) -> str:
    if photo["score"] is None:
        return ""
    return f"{photo['score']:.2f}" + (" (provisional)" if photo["provisional"] else "")
