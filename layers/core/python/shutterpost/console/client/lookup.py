"""Finds personas, connections, photos, posts and schedules by name or by the beginning of an id."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.exit_codes import Ambiguous, ApiRefused, OptionMissing, UnknownName

PERSONA_VARIABLE = "SHUTTERPOST_PERSONA"
NO_PERSONA = "There is no persona yet; create one: shutterpost personas add NAME --zone ZONE."
_POST_ID = re.compile(r"p[0-9a-f]{16}")
_MIN_PREFIX, _MAX_POSTS = 4, 1000
_CONNECTION_NAMES = ("connection_id", "display_name", "account_id", "channel")
Result = TypeVar("Result")


def find_persona(api: ApiClient, name: str | None) -> Json:
    """The persona with that id, name or unique beginning; or the only one. Raises `UnknownName` and `Ambiguous`."""
    personas = list(api.pages("/personas", "personas"))
    names = ", ".join(persona["name"] for persona in personas)
    if not personas:
        raise UnknownName(NO_PERSONA)
    if name is None:
        if len(personas) > 1:
            raise Ambiguous(f"Choose a persona with --persona: {names}; or set {PERSONA_VARIABLE}.")
        return personas[0]
    return _match(personas, name, ("persona_id", "name"), f"There is no persona {name}; there are: {names}.")


def find_personas(api: ApiClient, name: str | None) -> list[Json]:
    """The persona with that name, or all personas. Raises as `find_persona`."""
    return [find_persona(api, name)] if name else list(api.pages("/personas", "personas"))


def find_connection(api: ApiClient, persona: Json, name: str) -> Json:
    """The persona's connection with that id, account, name, channel or unique beginning. Raises as `find_persona`."""
    connections = list_connections(api, persona)
    active = active_connections(connections)
    missing = f"{persona['name']} has no connection {name}; it has: {connection_names(active)}."
    return _match(active or connections, name, _CONNECTION_NAMES, missing)


def find_connection_ids(api: ApiClient, persona: Json, names: Iterable[str] | None) -> list[str]:
    return [find_connection(api, persona, name)["connection_id"] for name in names or ()]


def only_connection_id(api: ApiClient, persona: Json) -> str:
    """The id of the persona's only active connection. Raises `OptionMissing` if there are none or several."""
    connections = active_connections(list_connections(api, persona))
    if len(connections) == 1:
        return str(connections[0]["connection_id"])
    choose = f"Choose a connection with --connection: {connection_names(connections)}."
    raise OptionMissing(choose if connections else "Connect an account first.", field="connection")


def list_connections(api: ApiClient, persona: Json) -> list[Json]:
    connections: list[Json] = api.get(f"{persona_path(persona)}/connections")["connections"]
    return connections


def active_connections(connections: Iterable[Json]) -> list[Json]:
    return [connection for connection in connections if connection["status"] != "revoked"]


def connection_names(connections: Iterable[Json]) -> str:
    return ", ".join(f"{each['display_name']} ({each['channel']})" for each in connections) or "none yet"


def find_photo(api: ApiClient, persona: Json, name: str) -> Json:
    """The persona's photo with that file name, id or beginning of an id. Raises as `find_persona`."""
    # In the query, as an HTTP API cuts a path at a ? or # of a file name.
    photos: list[Json] = api.get(f"{persona_path(persona)}/photos", name=name)["photos"]
    if len(photos) > 1:
        several = ", ".join(photo["photo_id"][:12] for photo in photos)
        raise Ambiguous(f"{name} is the name of more than one photo; give the beginning of an id: {several}.")
    if not photos:
        raise UnknownName(f"{persona['name']} has no photo {name}; list photos with: shutterpost photos list.")
    return photos[0]


def find_rejected(files: Iterable[Json], name: str) -> Json:
    """The rejected file of that file name, upload key or rejected key. Raises as `find_persona`."""
    named = [each for each in files if name in {each["key"], each["rejected_key"], each["key"].rpartition("/")[2]}]
    if len(named) > 1:
        several = ", ".join(each["rejected_key"] for each in named)
        raise Ambiguous(f"{name} is the name of more than one rejected file; give its key: {several}.")
    if not named:
        raise UnknownName(f"There is no rejected file {name}; list them with: shutterpost photos rejected.")
    return named[0]


def find_post(api: ApiClient, name: str, persona: str | None = None) -> Json:
    """The post with that id, or with that unique beginning among the latest posts. Raises as `find_persona`."""
    post_id, _, _ = name.partition("-")
    if _POST_ID.fullmatch(post_id):
        post: Json = api.get(f"/posts/{post_id}")
        return post
    missing = f"There is no post {name}; list posts with: shutterpost post list."
    if len(post_id) < _MIN_PREFIX:
        raise UnknownName(f"Give {_MIN_PREFIX} or more characters of the post's id. {missing}")
    latest = (
        post
        for each in find_personas(api, persona)
        for post in islice(api.pages(f"{persona_path(each)}/posts", "posts"), _MAX_POSTS)
    )
    return find_post(api, _match(list(latest), post_id, ("post_id",), missing)["post_id"])


def find_template(api: ApiClient, name: str) -> Json:
    """The caller's template with that id, name or unique beginning. Raises as `find_persona`."""
    templates = list(api.pages("/templates", "templates"))
    names = ", ".join(each["name"] for each in templates) or "none yet"
    return _match(templates, name, ("template_id", "name"), f"There is no template {name}; there are: {names}.")


def find_session(api: ApiClient, name: str, persona: str | None) -> Json:
    """The session of that id or unique beginning, with its suggestions. Raises as `find_persona`."""
    path = f"{persona_path(find_persona(api, persona))}/sessions"
    latest = list(islice(api.pages(path, "sessions"), _MAX_POSTS))
    missing = f"There is no session {name}; list sessions with: shutterpost suggest list."
    session_id = _match(latest, name, ("session_id",), missing)["session_id"]
    session: Json = api.get(f"{path}/{segment(session_id)}")
    return session


def select_schedules(post: Json, name: str, connections: Iterable[str] | None, statuses: Iterable[str]) -> list[Json]:
    """The post's schedules on the given connections (ids or channels), or the one whose id `name` is.

    Of these, the ones in one of `statuses`; if there are none, all of them, so that the API explains the refusal.
    Raises `UnknownName` if a connection has no schedule of the post.
    """
    schedules: list[Json] = post["schedules"]
    named = {*(connections or ()), *([name.partition("-")[2]] if "-" in name else [])}
    for wanted in sorted(named):
        if not any(wanted in _schedule_names(schedule) for schedule in schedules):
            existing = ", ".join(f"{each['connection_id']} ({each['channel']})" for each in schedules)
            raise UnknownName(f"Post {post['post_id']} has no schedule on {wanted}; it has: {existing}.")
    if named:
        schedules = [schedule for schedule in schedules if _schedule_names(schedule) & named]
    return [schedule for schedule in schedules if schedule["status"] in set(statuses)] or schedules


def list_calendar(api: ApiClient, start: str, end: str, zone: str, **query: str) -> list[Json]:
    """The calendar's entries from `start` (included) to `end` (excluded), in `zone`."""
    return list(api.pages("/calendar", "entries", **{"from": start, "to": end, "zone": zone, **query}))


def persona_path(persona: Json) -> str:
    return f"/personas/{segment(persona['persona_id'])}"


def apply_to_each(schedules: Iterable[Json], act: Callable[[Json], Result]) -> tuple[list[Result], list[Json]]:
    """The results of `act` on each schedule, and the refusals; raises if every one was refused."""
    results: list[Result] = []
    refusals: list[tuple[Json, ApiRefused]] = []
    for schedule in schedules:
        try:
            results.append(act(schedule))
        except ApiRefused as refusal:
            refusals.append((schedule, refusal))
    if refusals and not results:
        raise refusals[0][1]
    return results, [
        {"schedule_id": schedule["schedule_id"], "kind": refusal.problem, "detail": refusal.detail}
        for schedule, refusal in refusals
    ]


def take(items: Iterable[Json], limit: int) -> list[Json]:
    """The first `limit` items, or all for 0."""
    return list(islice(items, limit or None))


def batches(items: Iterable[Result], size: int) -> Iterator[list[Result]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def _schedule_names(schedule: Json) -> set[str]:
    return {schedule["connection_id"], schedule["channel"], schedule["schedule_id"]}


def _match(items: list[Json], name: str, attributes: tuple[str, ...], missing: str) -> Json:
    text = name.casefold()
    for matches in (str.__eq__, str.startswith):
        matching = [item for item in items if any(matches(str(item[key]).casefold(), text) for key in attributes)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            several = ", ".join(str(item[attributes[0]]) for item in matching)
            raise Ambiguous(f"{name} matches {several}; give more characters.")
    raise UnknownName(missing)
