"""`shutterpost post approve` and `reject`: a person's word on a pick that waits for it."""

from typing import Annotated

import typer

from shutterpost.console.client.arguments import AsJson, Json, Persona, api_client, post_of
from shutterpost.console.output import render

Post = Annotated[str, typer.Argument(help="Id of a post, or its beginning.")]


def approve(context: typer.Context, post: Post, *, persona: Persona = None, json_: AsJson = None) -> None:
    """Let a pick go out that waits for a word."""
    reach = api_client(context)
    post_id = post_of(reach, post, persona)["post_id"]
    told: Json = reach.post(f"/posts/{post_id}/approve", {}).body
    render.answer(told, lambda: render.note(f"{post_id} goes out at its slot."), as_json=json_)


def reject(
    context: typer.Context,
    post: Post,
    reason: Annotated[str | None, typer.Argument(help="Why; the decision tells it.")] = None,
    *,
    back: Annotated[bool, typer.Option("--back", help="The photo may be picked again for another slot.")] = False,
    persona: Persona = None,
    json_: AsJson = None,
) -> None:
    """Have another photo picked for the slot of a pick that waits for a word."""
    reach = api_client(context)
    post_id = post_of(reach, post, persona)["post_id"]
    told: Json = reach.post(f"/posts/{post_id}/reject", {"reason": reason, "back": back}).body
    render.answer(told, lambda: render.note(told["reason"]), as_json=json_)
