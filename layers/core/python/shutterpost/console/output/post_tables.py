"""Posts and schedules as tables for people."""

from collections.abc import Iterable

from shutterpost.console.client.arguments import Json
from shutterpost.console.output import render
from shutterpost.console.output.times import shown

_SCHEDULES = ("channel", "when", "status", "step", "where", "trouble", "schedule")


def show_posts(posts: Iterable[Json], zone: str) -> None:
    """Posts, one to a line, with times in `zone`."""
    rows = [
        (
            one["post_id"],
            one["status"],
            ", ".join(sorted({shown(schedule["run_at"], zone) for schedule in one["schedules"]})),
            ", ".join(schedule["channel"] for schedule in one["schedules"]),
            render.shortened(one["title"] or one["base_caption"]),
            one["origin"],
        )
        for one in posts
    ]
    empty = "There is no such post; schedule one: shutterpost post schedule PHOTO."
    render.table(("post", "status", f"when ({zone})", "where", "what", "from"), rows, empty=empty)


def show_schedules(schedules: Iterable[Json], title: str = "") -> None:
    """Schedules, one to a line, each with its time in its own zone."""
    rows = [
        (
            one["channel"],
            shown(one["next_run_at"] or one["run_at"], one["zone"]),
            f"{one['status']} (cancel asked for)" if one["cancel_requested"] else one["status"],
            one["step"],
            one["external_url"],
            one["error_message"],
            one["schedule_id"],
        )
        for one in schedules
    ]
    render.table(_SCHEDULES, rows, title=title)


def show_post(post: Json) -> None:
    """A post with all that belongs to it."""
    told = {
        "status": post["status"] + (", archived" if post["archived"] else ""),
        "photo": post["photo_ids"],
        "title": post["title"],
        "caption": post["base_caption"],
        "tags": post["tags"],
        "from": post["origin"],
        "why": (post.get("decision") or {}).get("reason"),
    }
    render.facts(told, title=post["post_id"])
    show_schedules(post["schedules"])
    rows = [
        (one["at"], one["outcome"], one["error_code"], one["external_url"] or one["error_message"])
        for one in post.get("events", ())
    ]
    if rows:
        render.table(("at (UTC)", "outcome", "code", "what was found"), rows, title="what was tried")
