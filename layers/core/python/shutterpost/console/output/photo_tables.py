"""Tables of photos, imports and similar photos."""

from collections.abc import Iterable

from shutterpost.console import Json
from shutterpost.console.output import render
from shutterpost.console.output.post_texts import short_id

_OUTCOMES = ("imported", "already_there", "sidecar", "rejected", "waiting")


def show_photos(photos: Iterable[Json]) -> None:
    rows = [
        (
            short_id(photo["photo_id"]),
            photo["names"][0] if photo["names"] else "",
            _score(photo),
            photo["theme"],
            photo["caption"],
            ", ".join(map(short_id, photo["taken_by"])) or photo["withheld"] or photo["kept_out"] or "",
        )
        for photo in photos
    ]
    empty = "There is no such photo; import photos with: shutterpost photos import FOLDER."
    render.table(("id", "name", "score", "theme", "caption", "post"), rows, empty=empty)


def show_photo(photo: Json) -> None:
    values = {
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
        "focus": ", ".join(f"{place:g}" for place in photo.get("focus") or ()),
        "credit": photo["credit"],
        "renditions": [f"{profile}: {key}" for profile, key in photo["renditions"].items()],
        "withheld": photo["withheld"],
        "kept out": photo["kept_out"],
        "posts": [short_id(post_id) for post_id in photo["taken_by"]],
        "may be picked": photo["in_unposted"] and not photo["withheld"],
        "similar photos": [f"{each['name']} ({short_id(each['photo_id'])})" for each in photo["looks_like"]],
        "notes": photo["notes"],
    }
    render.details(values, title=photo["names"][0] if photo["names"] else photo["photo_id"])


def show_import(report: Json) -> None:
    title = f"{report['files']} files in {report['seconds']:.0f} s, {report['sent']} uploaded"
    rows = [(name.replace("_", " "), report[name]) for name in _OUTCOMES if report[name] or name == "imported"]
    rows += [(f"  {reason}", count) for reason, count in report["rejected_by_reason"].items()]
    render.table(("outcome", "files"), rows, title=title)
    if report["rejected_files"]:
        files = [(each["reason"], each["summary"]) for each in report["rejected_files"]]
        render.table(("reason", "file, cause and remedy"), files, title="rejected")


def show_duplicates(report: Json) -> None:
    rows = [
        (
            number,
            ", ".join(f"{photo['name']} ({short_id(photo['photo_id'])})" for photo in group["photos"]),
            group["bits"],
            "yes" if group["burst"] else "",
        )
        for number, group in enumerate(report["groups"], start=1)
    ]
    columns = ("group", "photos", "bits apart", "burst")
    render.table(columns, rows, title=f"{report['compared']} photos compared", empty="No two photos are similar.")


def show_similar(report: Json) -> None:
    rows = [
        (
            short_id(photo["photo_id"]),
            photo["names"][0] if photo["names"] else "",
            f"{photo['similarity']:.3f}",
            "" if photo["in_unposted"] else "used",
        )
        for photo in report["photos"]
    ]
    compared = f"{report['compared']} vectors of {report['model']} compared"
    title = compared if report["whole"] else f"{compared}; the library has more"
    render.table(("id", "name", "similarity", "post"), rows, title=title, empty="No other photo has such a vector.")


def _score(photo: Json) -> str:
    if photo["score"] is None:
        return ""
    return f"{photo['score']:.2f}" + (" (provisional)" if photo["provisional"] else "")
