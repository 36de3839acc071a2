"""Checks through the API: pause, timers of slots and posts, connections, quotas."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from shlex import quote

from shutterpost.console import Json
from shutterpost.console.checks.findings import Finding, Severity
from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.lookup import (
    active_connections,
    find_personas,
    list_calendar,
    list_connections,
    persona_path,
)
from shutterpost.console.output.repairs import NAMED_BY_SERVER, budget_command, budget_text, reconnect_command
from shutterpost.console.output.times import pause_start
from shutterpost.scheduling.timers import slot_name

# A daily job sets the timers of the next 36 hours; within the margin a timer may be firing.
_AHEAD, _MARGIN = timedelta(hours=24), timedelta(minutes=5)
# Tokens of Instagram's own login and of Threads are refreshed ten days before they expire; others need an operator.
_REFRESHED_DAYS, _WARNING_DAYS = 8, 15


def pause(api: ApiClient) -> Iterator[Finding]:
    state = api.get("/pause")
    yield Finding(check="API", level=Severity.GREEN, found="responds")
    if state["paused"]:
        found = f"everything, since {pause_start(state, find_personas(api, None))}: {state['reason']}"
        yield Finding(check="pause", level=Severity.YELLOW, found=found, do="shutterpost resume")


def timers(
    api: ApiClient, personas: Collection[Json], names: Collection[str] | None, now: datetime
) -> Iterator[Finding]:
    """Whether each slot and post of the next day has a timer; `names` are the existing timers, if they are known."""
    if not personas:
        do = "shutterpost personas add NAME --zone ZONE --slot 18:30"
        yield Finding(check="personas", level=Severity.YELLOW, found="there is none", do=do)
    for persona in personas:
        check, update = f"slots of {persona['name']}", f"shutterpost personas update {quote(persona['name'])}"
        if persona["status"] != "active":
            do = f"{update} --status active"
            yield Finding(check=check, level=Severity.YELLOW, found="the persona is paused", do=do)
        elif not persona["slots"]:
            yield Finding(check=check, level=Severity.YELLOW, found="the persona has none", do=f"{update} --slot 18:30")
        elif names is not None:
            yield _slot_timers(api, persona, check, names, now)
    if personas and names is not None:
        yield _post_timers(api, names, now)


def connections(api: ApiClient, personas: Collection[Json], now: datetime) -> Iterator[Finding]:
    """For each account, whether its token works and for how long, its server's limits, and how much quota is used."""
    quotas = {row["key"]: row["quota"] for row in api.get("/channels")["channels"]}
    published = _published_last_day(api, personas, now)
    for persona in personas:
        active = active_connections(list_connections(api, persona))
        if not active:
            do = f"shutterpost connections add CHANNEL ACCOUNT_ID --persona {quote(persona['name'])}"
            yield Finding(check=f"accounts of {persona['name']}", level=Severity.YELLOW, found="none", do=do)
        for connection in active:
            check = f"{connection['channel']} {connection['display_name']}"
            path = f"{persona_path(persona)}/connections/{segment(connection['connection_id'])}/check"
            checked: Json = api.post(path).body
            yield _connection(check, reconnect_command(connection, persona["name"]), checked)
            if checked["works"] and connection["channel"] in NAMED_BY_SERVER:
                yield _server_limits(f"{check}, limits", checked["limits"])
            yield from _budget(check, connection, persona["name"])
            yield from _quota(check, quotas.get(connection["channel"]), published[connection["connection_id"]])


def _slot_timers(api: ApiClient, persona: Json, check: str, names: Collection[str], now: datetime) -> Finding:
    span = {"from": now.isoformat(), "to": (now + _AHEAD).isoformat()}
    coming = api.get(f"{persona_path(persona)}/slots", **span)["slots"]
    lead = timedelta(seconds=persona["pick_lead_seconds"]) + _MARGIN
    free = [datetime.fromisoformat(slot["run_at"]) for slot in coming if slot["post_id"] is None]
    waiting = [at for at in free if at - lead > now]
    missing = [at for at in waiting if slot_name(persona["persona_id"], at) not in names]
    if missing:
        found = f"{len(missing)} of {len(waiting)} of the next day have no timer"
        do = f"shutterpost personas update {quote(persona['name'])} --status active"
        return Finding(check=check, level=Severity.RED, found=found, do=do)
    return Finding(check=check, level=Severity.GREEN, found=f"{len(coming)} in the next day, each with a timer or post")


def _post_timers(api: ApiClient, names: Collection[str], now: datetime) -> Finding:
    start, end = (now + _MARGIN).isoformat(), (now + _AHEAD).isoformat()
    queued = list_calendar(api, start, end, "UTC", status="queued")
    missing = [entry for entry in queued if not any(name.startswith(f"{entry['schedule_id']}-") for name in names)]
    if missing:
        posts = ", ".join(sorted({entry["post_id"] for entry in missing}))
        do = "none needed: sync publishes them when they are due; shutterpost post show POST shows why one is held"
        found = f"{len(missing)} of {len(queued)} of the next day have no timer: {posts}"
        return Finding(check="posts", level=Severity.YELLOW, found=found, do=do)
    return Finding(check="posts", level=Severity.GREEN, found=f"{len(queued)} in the next day, each with a timer")


def _connection(check: str, reconnect: str, checked: Json) -> Finding:
    if checked["works"] is None:
        return Finding(check=check, level=Severity.UNCHECKED, found=checked["detail"], do="try again in a minute")
    if not checked["works"]:
        held = f"; its posts are held until {checked['circuit']['until']}" if checked["circuit"] else ""
        return Finding(check=check, level=Severity.RED, found=f"{checked['detail']}{held}", do=reconnect)
    left = checked["token_days_left"]
    refreshed = checked["login"] == "instagram" or checked["channel"] == "threads"
    minimum = _REFRESHED_DAYS if refreshed else _WARNING_DAYS
    if left is not None and left < minimum:
        found = f"works, but its token expires in {left} days"
        return Finding(check=check, level=Severity.YELLOW, found=found, do=reconnect)
    found = "works" if left is None else f"works; its token expires in {left} days"
    if checked["was_open"] is not None:
        found += f"; its posts were held until {checked['was_open']['until']} and are started again"
    return Finding(check=check, level=Severity.GREEN, found=found)


def _server_limits(check: str, limits: Json | None) -> Finding:
    if limits is None:
        found = "the server stated none; those of the catalogue apply"
        return Finding(check=check, level=Severity.YELLOW, found=found, do="none needed: each check asks again")
    units = {"max_text_length": "characters", "max_pictures": "pictures", "max_alt_text": "characters of alt text"}
    stated = [f"{limits[name]} {unit}" for name, unit in units.items() if limits[name] is not None]
    return Finding(check=check, level=Severity.GREEN, found=f"{', '.join(stated)} (version {limits['version']})")


def _budget(check: str, connection: Json, persona: str) -> Iterator[Finding]:
    use, budget = connection["budget_use"], connection["budget"]
    if use is None:
        return
    used_up = budget and (use["posts"] >= budget["posts"] or use["dollars"] >= budget["dollars"])
    level = Severity.GREEN if budget and not used_up else Severity.YELLOW
    do = "" if level is Severity.GREEN else budget_command(connection, persona)
    yield Finding(check=f"{check}, budget", level=level, found=budget_text(connection), do=do)


def _quota(check: str, quota: Json | None, published: int) -> Iterator[Finding]:
    if quota is None:
        return
    full = published >= quota["posts"]
    level, do = (Severity.YELLOW, "none needed: further posts wait for capacity") if full else (Severity.GREEN, "")
    found = f"{published} of {quota['posts']} posts in 24 hours"
    yield Finding(check=f"{check}, quota", level=level, found=found, do=do)


def _published_last_day(api: ApiClient, personas: Collection[Json], now: datetime) -> Counter[str]:
    if not personas:
        return Counter()
    entries = list_calendar(api, (now - _AHEAD).isoformat(), now.isoformat(), "UTC", status="success")
    return Counter(entry["connection_id"] for entry in entries)
