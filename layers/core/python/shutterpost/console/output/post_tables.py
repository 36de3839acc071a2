"""Tables of posts and schedules."""

from collections.abc import Iterable

from shutterpost.console import Json
from shutterpost.console.output import render
from shutterpost.console.output.holds import held_because, status_text
from shutterpost.console.output.post_texts import comment_text, counted, extras_text, failure_text, name_of, short_id
from shutterpost.console.output.repairs import repair
from shutterpost.console.output.times import format_time

_SCHEDULE_COLUMNS = ("channel", "when", "status", "held because", "step", "where", "cause", "code", "error", "schedule")
_LINE = 60


def show_posts(posts: Iterable[Json], zone: str) -> None:
    """Print posts, one per line, with times in `zone`."""
    rows = [
        (
            short_id(post["post_id"]),
            post["status"],
            "\n".join(format_time(instant, zone) for instant in sorted({each["run_at"] for each in post["schedules"]})),
            ", ".join(schedule["channel"] for schedule in post["schedules"]),
            name_of(post),
            post["title"] or post["base_caption"],
            post["origin"],
            held_because(post["schedules"]),
        )
        for post in posts
    ]
    empty = "There is no such post; schedule a photo with: shutterpost post schedule PHOTO."
    columns = ("post", "status", "when", "where", "photo", "what", "from", "held because")
    render.table(columns, rows, title=f"Times in {zone}", empty=empty)


def show_schedules(schedules: Iterable[Json], title: str = "") -> None:
    rows = [
        (
            schedule["channel"],
            format_time(schedule["next_run_at"] or schedule["run_at"], schedule["zone"]),
            status_text(schedule, schedule["zone"]),
            held_because([schedule]),
            schedule["step"],
            schedule["external_url"],
            schedule["error_cause"],
            schedule["error_code"],
            schedule["error_message"],
            schedule["schedule_id"],
        )
        for schedule in schedules
    ]
    render.table(_SCHEDULE_COLUMNS, rows, title=title)


def show_account_posts(posts: Iterable[Json], zone: str) -> None:
    """Print what an account shows; times in `zone`."""
    rows = [
        (
            format_time(post["posted_at"], zone),
            "by hand" if post["post_id"] is None else short_id(post["post_id"]),
            post["media"],
            _first_line(post["text"] or ""),
            post["external_url"],
        )
        for post in posts
    ]
    columns = ("posted at", "post", "of", "text", "address")
    render.table(columns, rows, title=f"times in {zone}" if rows else "", empty="No post is listed.")


def _first_line(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= _LINE else f"{line[: _LINE - 1]}…"


def show_post(post: Json, connections: Iterable[Json]) -> None:
    """Print a post; `connections` are those of its persona."""
    archived = ", archived" if post["archived"] and post["status"] != "archived" else ""
    values = {
        "status": post["status"] + archived,
        "photo": [*post["photo_names"], *(short_id(photo_id) for photo_id in post["photo_ids"])],
        "title": post["title"],
        "caption": post["base_caption"],
        "hashtags": post["hashtags"],
        "tags": post["tags"],
        "language": post.get("language"),
        "extras": extras_text(post.get("extras")),
        "from": post["origin"],
        "why": _why(post.get("decision")),
    }
    render.details(values, title=post["post_id"])
    for variant in post.get("variants", ()):
        if variant["own_text"]:
            show_variant(variant)
    show_schedules(post["schedules"])
    zone = post["schedules"][0]["zone"] if post["schedules"] else "UTC"
    rows = [
        (
            format_time(event["at"], zone),
            event["outcome"],
            event["error_code"],
            event["external_url"] or event["error_message"],
            event["raw"],
        )
        for event in post.get("events", ())
    ]
    if rows:
        columns = ("at", "outcome", "code", "result", "the platform's words")
        render.table(columns, rows, title=f"attempts, times in {zone}")
    accounts = {connection["connection_id"]: connection for connection in connections}
    for schedule in post["schedules"]:
        if schedule["status"] == "success" and schedule.get("first_comment"):
            render.line(comment_text(schedule))
        if schedule["status"] == "failed":
            advice, command = repair(schedule, accounts.get(schedule["connection_id"]), schedule["persona_id"])
            todo = f"{advice}: {command}" if command else f"{advice}."
            render.line(f"{schedule['channel']} failed ({failure_text(schedule)}); {todo}")


def _why(decision: Json | None) -> str | None:
    return " ".join((decision["reason"], *decision["notes"])) if decision else None


def show_variant(variant: Json) -> None:
    """Print a variant, its text counted as its channel counts it."""
    values = {
        "status": variant["status"],
        "for": variant["connection_id"] or f"any connection of {variant['channel']}",
        "label": variant["label"],
        "tone": variant["tone"],
        "text": variant["text"],
        "counted": counted(variant["count"]),
        "language": variant.get("language"),
        "alt text": variant["alt_text"],
        "source": variant["source"],
    }
    render.details(values, title=f"{variant['channel']}: variant {variant['variant_id']}")


def show_preview(preview: Json) -> None:
    for variant in preview["variants"]:
        values = {
            "to": variant["account"] or f"any connection of {variant['channel']}",
            "text": variant["text"],
            "counted": counted(variant["count"]),
            "pictures": len(variant["photo_ids"]),
            "alt text": variant["alt_text"],
            "language": variant.get("language"),
            "extras": extras_text(variant.get("extras")),
            "prevented by": "\n".join(f"{item['detail']} [{item['kind']}]" for item in variant["impediments"]),
            "note": "\n".join(item["detail"] for item in variant["warnings"]),
        }
        render.details(values, title=f"{variant['channel']}: variant {variant['variant_id']}")


def show_channel_texts(preview: Json) -> None:
    """Print how a post's caption and hashtags would fit each channel."""
    for fitted in preview["channels"]:
        values = {
            "text": fitted["text"],
            "counted": counted(fitted["count"]),
            "caption": "cut at the end of a word" if fitted["is_cut"] else "whole",
            "hashtags left out": ", ".join(fitted["hashtags_left_out"]),
        }
        render.details(values, title=fitted["channel"])
