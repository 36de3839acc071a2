"""What repairs a failed post or a connection, as a command."""

from shlex import quote

from shutterpost.console import Json

# By `error_cause`, as in docs/runbook.md: what to do, and the command. A failure of the token is another matter.
_REPAIRS = {
    "account": ("do what the platform asks in its app, then retry it", "post retry {schedule}"),
    "quota": ("retry it when the platform accepts posts again", "post retry {schedule}"),
    "platform": ("retry it when the platform works again", "post retry {schedule}"),
    "photo": ("import the photo again, or post another one", "post show {post}"),
    "unknown": ("see what the platform said, and correct the cause", "post show {post}"),
    "text": ("post the photo again with another caption", "post show {post}"),
}
# As in `flows/notifying/accounts.py`: a person signs in at the server, which says whose account it is.
NAMED_BY_SERVER = frozenset({"mastodon", "pixelfed"})
_RETRY = ("correct the cause", "post retry {schedule}")
_CONNECTED_AGAIN = ("its account is connected; retry it", "post retry {schedule}")
_RECONNECT = "connect the account again, then retry it"


def repair(schedule: Json, connection: Json | None, persona: str) -> tuple[str, str | None]:
    """What to do after a failure, and the command if there is one, by its cause and the state of its connection."""
    successor = schedule["superseded_by"]
    if successor is not None:
        state = "was posted by" if successor["posted"] else "is planned in"
        return f"its photo {state} {successor['post_id']}, so there is nothing to do", None
    cause = schedule["error_cause"] or ""
    if cause == "token" and connection is not None and connection["status"] != "connected":
        return _RECONNECT, reconnect_command(connection, persona)
    advice, command = _by_cause(cause)
    return advice, f"shutterpost {command.format(post=schedule['post_id'], schedule=schedule['schedule_id'])}"


def advice_on(cause: str | None, *, reconnect: bool) -> str:
    """What to do after a failure with this cause, whose account must be connected again or not."""
    return _RECONNECT if reconnect else _by_cause(cause or "")[0]


def reconnect_command(connection: Json, persona: str) -> str:
    """The command that connects an account again, with the options that it was connected with."""
    named_by_server = connection["channel"] in NAMED_BY_SERVER
    options = {
        "--login": connection.get("login"),
        "--organization": connection.get("organization_id"),
        "--server": None if named_by_server else connection.get("host"),
        "--visibility": connection.get("visibility"),
        "--name": connection["display_name"],
        "--persona": persona,
    }
    given = " ".join(f"{option} {quote(value)}" for option, value in options.items() if value)
    account = connection["host"] if named_by_server else connection["account_id"]
    hidden = " --sensitive" if connection.get("sensitive") else ""
    return f"shutterpost connections add {connection['channel']} {quote(account)} {given}{hidden}"


def _by_cause(cause: str) -> tuple[str, str]:
    return _CONNECTED_AGAIN if cause == "token" else _REPAIRS.get(cause, _RETRY)


def budget_command(connection: Json, persona: str) -> str:
    """The command that sets a connection's monthly budget."""
    which = f"{connection['connection_id']} --persona {quote(persona)}"
    return f"shutterpost connections budget {which} --posts NUMBER --dollars NUMBER"


def budget_text(connection: Json) -> str:
    """What the month has used of a connection's budget; empty where posts are free."""
    use, budget = connection["budget_use"], connection["budget"]
    if use is None:
        return ""
    if budget is None:
        return "not set: nothing is posted"
    posts, money = f"{use['posts']} of {budget['posts']} posts", f"${use['dollars']:.2f} of ${budget['dollars']:.2f}"
    return f"{posts}, {money} in {use['month']}"
