"""What commands have in common: options, and finding what a person names by its name or the beginning of its id."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Annotated, Any

import typer

from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.exit_codes import Ambiguous, ApiRefused, Exit
from shutterpost.runtime.refusals import NotFound

PERSONA_VARIABLE = "SHUTTERPOST_PERSONA"
Persona = Annotated[
    str | None,
    typer.Option(
        "--persona",
        "-p",
        envvar=PERSONA_VARIABLE,
        help="Id, name or the beginning of one; default: the only one.",
    ),
]
AsJson = Annotated[
    bool | None,
    typer.Option("--json/--no-json", help="JSON, as it is when piped; or tables also there.", show_default=False),
]
Limit = Annotated[int, typer.Option(min=0, help="How many at most; 0 for all.")]
ConnectionsResponse = Annotated[
    list[str] | None,
    typer.Option("--connection", "-c", help="Id, name or channel of a connection; repeatable. Default: all."),
]
Json = dict[str, Any]

_POST_ID = re.compile(r"p[0-9a-f]{16}")
_LEAST, _LOOKED_AT = 4, 1000


class ThingUnknown(NotFound):
    """Nothing has that name or id."""

    kind = "unknown"


def api_client(context: typer.Context) -> ApiClient:
    """How to reach the deployment that was asked for, found at its first use."""
    reach: Any = context.obj.reach()
    if not isinstance(reach, ApiClient):
        raise TypeError("The deployment was not chosen.")
    return reach


def persona_of(reach: ApiClient, wanted: str | None) -> Json:
    """The persona of that id, name or unique beginning; without one, the only persona there is.

    Raises `ThingUnknown` and `Ambiguous`.
    """
    known = list(reach.pages("/personas", "personas"))
    names = ", ".join(one["name"] for one in known)
    if not known:
        raise ThingUnknown("There is no persona yet; make one: shutterpost personas add NAME --zone ZONE.")
    if wanted is None:
        if len(known) > 1:
            raise Ambiguous(f"Say which with --persona: {names}; or set {PERSONA_VARIABLE}.")
        return known[0]
    return _one_of(known, wanted, ("persona_id", "name"), f"There is no persona {wanted}; there are: {names}.")


def connection_of(reach: ApiClient, persona: Json, wanted: str) -> Json:
    """The persona's connection of that id, account, name, channel or unique beginning. Raises as `persona_of`."""
    found: list[Json] = reach.get(f"{path_of(persona)}/connections")["connections"]
    usable = [one for one in found if one["status"] != "revoked"]
    words = ("connection_id", "display_name", "account_id", "channel")
    known = ", ".join(f"{one['display_name']} ({one['channel']})" for one in found) or "none yet"
    return _one_of(usable or found, wanted, words, f"{persona['name']} has no connection {wanted}; it has: {known}.")


def connections_of(reach: ApiClient, persona: Json, wanted: Iterable[str] | None) -> list[str]:
    """Ids of the connections that are named, none for none."""
    return [connection_of(reach, persona, one)["connection_id"] for one in wanted or ()]


def post_of(reach: ApiClient, wanted: str, persona: str | None = None) -> Json:
    """The post of that id, or of its unique beginning among the latest posts. Raises as `persona_of`."""
    post_id, _, _ = wanted.partition("-")
    if _POST_ID.fullmatch(post_id):
        found: Json = reach.get(f"/posts/{post_id}")
        return found
    nothing = f"There is no post {wanted}; list them: shutterpost post list."
    if len(post_id) < _LEAST:
        raise ThingUnknown(f"Give {_LEAST} or more characters of the post's id. {nothing}")
    personas = [persona_of(reach, persona)] if persona else list(reach.pages("/personas", "personas"))
    latest = (post for one in personas for post in islice(reach.pages(f"{path_of(one)}/posts", "posts"), _LOOKED_AT))
    return post_of(reach, _one_of(list(latest), post_id, ("post_id",), nothing)["post_id"])


def schedules_of(post: Json, wanted: str, connections: Iterable[str] | None, statuses: Iterable[str]) -> list[Json]:
    """The post's schedules that a command is about: those of the connections named, by id, name or channel, or of a
    schedule's own id; of these the ones in one of `statuses`, or all where none is, for the API to say why not.

    Raises `ThingUnknown` where a connection has none of it.
    """
    found: list[Json] = post["schedules"]
    named = [*(connections or ()), *([wanted.partition("-")[2]] if "-" in wanted else [])]
    for name in named:
        if not any(name in {one["connection_id"], one["channel"], one["schedule_id"]} for one in found):
            there = ", ".join(f"{one['connection_id']} ({one['channel']})" for one in found)
            raise ThingUnknown(f"Post {post['post_id']} has nothing on {name}; it has: {there}.")
    if named:
        found = [one for one in found if {one["connection_id"], one["channel"], one["schedule_id"]} & set(named)]
    return [one for one in found if one["status"] in set(statuses)] or found


def path_of(persona: Json) -> str:
    """The persona in the API."""
    return f"/personas/{segment(persona['persona_id'])}"


def each(things: Iterable[Json], act: Any) -> tuple[list[Any], list[Json]]:
    """What `act` gives for each of `things`, and what was refused of them; raises where all were."""
    done: list[Any] = []
    refused: list[tuple[Json, ApiRefused]] = []
    for one in things:
        try:
            done.append(act(one))
        except ApiRefused as refusal:
            refused.append((one, refusal))
    if refused and not done:
        raise refused[0][1]
    return done, [
        {"schedule_id": one["schedule_id"], "kind": refusal.problem, "detail": refusal.detail}
        for one, refusal in refused
    ]


def limited(found: Iterable[Json], limit: int) -> list[Json]:
    """The first `limit` of `found`, or all for 0."""
    return list(islice(found, limit or None))


def leave(code: Exit) -> None:
    """End the command with `code`, what had to be said being said."""
    raise typer.Exit(code)


def _one_of(found: list[Json], wanted: str, names: tuple[str, ...], nothing: str) -> Json:
    text = wanted.casefold()
    for fits in (str.__eq__, str.startswith):
        fitting = [one for one in found if any(fits(str(one[name]).casefold(), text) for name in names)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            several = ", ".join(str(one[names[0]]) for one in fitting)
            raise Ambiguous(f"{wanted} could be any of {several}; say more of it.")
    raise ThingUnknown(nothing)
