"""What a doctor looks at through the API: pause, slots and their timers, connections, quotas."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from shutterpost.console.checks.findings import Finding, Severity
from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.arguments import Json, path_of
from shutterpost.console.commands.planning import entries
from shutterpost.scheduling import slot_name

# Slots are armed for a day and a half by a daily job; within the margin a timer may be firing at this moment.
_AHEAD, _MARGIN = timedelta(hours=24), timedelta(minutes=5)
# A token that refreshes itself does so ten days before its end; the others want a person two weeks before.
_REFRESHED_BY, _WARNED_BY = 8, 15


def pause(reach: ApiClient) -> Iterator[Finding]:
    """Whether everything is paused; and that the API takes the caller's signature."""
    found = reach.get("/pause")
    yield Finding(check="API", level=Severity.GREEN, found="answers")
    if found["paused"]:
        words = f"everything, since {found['since']}: {found['reason']}"
        yield Finding(check="pause", level=Severity.YELLOW, found=words, do="shutterpost resume")


def armed(
    reach: ApiClient, personas: Collection[Json], timers: Collection[str] | None, now: datetime
) -> Iterator[Finding]:
    """Whether each slot and post of the coming day has its timer; `timers` are the names of those there are, if that
    could be seen."""
    if not personas:
        do = "shutterpost personas add NAME --zone ZONE --slot 18:30"
        yield Finding(check="personas", level=Severity.YELLOW, found="there is none", do=do)
    for one in personas:
        check = f"slots of {one['name']}"
        if one["status"] != "active" or not one["slots"]:
            why = "paused" if one["status"] != "active" else "it has none"
            do = f"shutterpost personas update '{one['name']}' --status active"
            do = do if one["status"] != "active" else f"shutterpost personas update '{one['name']}' --slot 18:30"
            yield Finding(check=check, level=Severity.YELLOW, found=f"nothing goes out by itself: {why}", do=do)
            continue
        if timers is not None:
            yield _slots(reach, one, check, timers, now)
    if personas and timers is not None:
        yield _starts(reach, timers, now)


def connections(reach: ApiClient, personas: Collection[Json], now: datetime) -> Iterator[Finding]:
    """Each account: whether its token works, how long, and how much of its quota is used."""
    quotas = {row["key"]: row["quota"] for row in reach.get("/channels")["channels"]}
    out = _out_lately(reach, personas, now)
    for persona in personas:
        path = f"{path_of(persona)}/connections"
        usable = [one for one in reach.get(path)["connections"] if one["status"] != "revoked"]
        if not usable:
            do = f"shutterpost connections add CHANNEL ACCOUNT_ID --persona '{persona['name']}'"
            yield Finding(check=f"accounts of {persona['name']}", level=Severity.YELLOW, found="none", do=do)
        for one in usable:
            check = f"{one['channel']} {one['display_name']}"
            yield _connection(check, persona, reach.post(f"{path}/{segment(one['connection_id'])}/check").body)
            yield from _quota(check, quotas.get(one["channel"]), out[one["connection_id"]])


def _slots(reach: ApiClient, persona: Json, check: str, timers: Collection[str], now: datetime) -> Finding:
    path = f"{path_of(persona)}/slots"
    coming = reach.get(path, **{"from": now.isoformat(), "to": (now + _AHEAD).isoformat()})["slots"]
    lead = timedelta(seconds=persona["pick_lead_seconds"]) + _MARGIN
    at = [datetime.fromisoformat(slot["run_at"]) for slot in coming if slot["post_id"] is None]
    waiting = [when for when in at if when - lead > now]
    missing = [when for when in waiting if slot_name(persona["persona_id"], when) not in timers]
    if missing:
        found = f"{len(missing)} of {len(waiting)} of the coming day are not armed"
        do = f"shutterpost personas update '{persona['name']}' --status active, which arms them anew"
        return Finding(check=check, level=Severity.RED, found=found, do=do)
    return Finding(check=check, level=Severity.GREEN, found=f"{len(coming)} in the coming day, armed or filled")


def _starts(reach: ApiClient, timers: Collection[str], now: datetime) -> Finding:
    """Posts of the coming day that wait for their time."""
    coming = entries(reach, (now + _MARGIN).isoformat(), (now + _AHEAD).isoformat(), "UTC", status="queued")
    unarmed = [one for one in coming if not any(name.startswith(f"{one['schedule_id']}-") for name in timers)]
    if unarmed:
        posts = ", ".join(sorted({one["post_id"] for one in unarmed}))
        do = "nothing is lost: sync starts them when they are due; shutterpost post show POST tells why one is held"
        found = f"{len(unarmed)} of {len(coming)} of the coming day have no timer: {posts}"
        return Finding(check="posts", level=Severity.YELLOW, found=found, do=do)
    return Finding(check="posts", level=Severity.GREEN, found=f"{len(coming)} wait in the coming day, all armed")


def _connection(check: str, persona: Json, found: Json) -> Finding:
    again = f"shutterpost connections add {found['channel']} {found['account_id']} --persona '{persona['name']}'"
    if found["works"] is None:
        return Finding(check=check, level=Severity.UNCHECKED, found=found["detail"], do="ask again in a minute")
    if not found["works"]:
        return Finding(check=check, level=Severity.RED, found=found["detail"], do=again)
    left = found["token_days_left"]
    border = _REFRESHED_BY if found["login"] == "instagram" else _WARNED_BY
    if left is not None and left < border:
        return Finding(check=check, level=Severity.YELLOW, found=f"works, but its token ends in {left} days", do=again)
    return Finding(
        check=check, level=Severity.GREEN, found="works" + ("" if left is None else f", for {left} days more")
    )


def _quota(check: str, quota: Json | None, out: int) -> Iterator[Finding]:
    if quota is None:
        return
    full = out >= quota["posts"]
    level, do = (Severity.YELLOW, "nothing: further posts wait until there is room") if full else (Severity.GREEN, "")
    yield Finding(check=f"{check}, quota", level=level, found=f"{out} of {quota['posts']} posts in 24 hours", do=do)


def _out_lately(reach: ApiClient, personas: Collection[Json], now: datetime) -> Counter[str]:
    if not personas:
        return Counter()
    out = entries(reach, (now - _AHEAD).isoformat(), now.isoformat(), "UTC", status="success")
    return Counter(one["connection_id"] for one in out)
