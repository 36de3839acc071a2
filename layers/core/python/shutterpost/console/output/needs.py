"""What needs a person, with the commands that repair it."""

from collections.abc import Mapping
from shlex import quote

from shutterpost.console import Json
from shutterpost.console.output.repairs import advice_on, reconnect_command
from shutterpost.console.output.times import format_time, pause_start

# By the API's operation.
_COMMANDS = {
    "approvePost": "post approve {post_id}",
    "cancelPost": "post cancel {post_id}",
    "getPost": "post show {post_id}",
    "listRejected": "photos rejected --persona {persona}",
    "rejectPost": "post reject {post_id}",
    "resetConnection": "connections reset {connection_id} --persona {persona}",
    "resume": "resume",
    "retrySchedule": "post retry {schedule_id}",
    "setBudget": "connections budget {connection_id} --persona {persona} --posts NUMBER --dollars NUMBER",
    "syncPersona": "sync",
}
_IMPORT, _CONNECT = "photos import FOLDER --persona {persona}", "connections add CHANNEL ACCOUNT_ID --persona {persona}"

_UNTIL = {
    "review": "{why} by {until}",
    "circuit_open": "its posts are held until {until}, because {why}",
}


def shown_need(need: Json, names: Mapping[str, str], pause: Json) -> Json:
    """What, why and until when; `do` and perhaps `or` are commands. `names` are those of the personas, by id."""
    commands = [_command(repair, need, names.get(need["persona_id"], "")) for repair in need["repairs"]]
    do, *others = commands or [_filled(_IMPORT, need, names[need["persona_id"]])]
    shown = {"what": need["what"], "why": _why(need, pause), "until": need["until"], "do": do}
    return {**shown, "or": others[0]} if others else shown


def _why(need: Json, pause: Json) -> str:
    if need["kind"] == "paused":
        return f"Paused since {pause_start(pause, pause['zones'])}: {pause['reason']}"
    if need["kind"] == "failed":
        reconnect = need["repairs"][0]["operation"] == "connectAccount"
        return f"{need['why']}; {advice_on(need['cause'], reconnect=reconnect)}"
    if need["until"]:
        until = f"{format_time(need['until'], need['zone'])} ({need['zone']})"
        return _UNTIL[need["kind"]].format(why=need["why"], until=until)
    return str(need["why"])


def _command(repair: Json, need: Json, persona: str) -> str:
    operation, body = repair["operation"], repair["body"]
    if operation == "connectAccount" and body:
        return reconnect_command(body, persona)
    if operation == "connectAccount":
        return _filled(_CONNECT, need, persona)
    if operation == "resolveSchedule":
        return f"shutterpost post resolve {need['schedule_id']} {'--not-live' if body else '--live URL'}"
    return _filled(_COMMANDS[operation], need, persona)


def _filled(command: str, need: Json, persona: str) -> str:
    return "shutterpost " + command.format(**{**need, "persona": quote(persona)})
