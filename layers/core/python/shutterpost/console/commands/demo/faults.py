"""`shutterpost demo faults`: makes calls to the simulated platforms of a running demo fail."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from shutterpost.console import Json
from shutterpost.console.client.exit_codes import DeploymentUnknown, OptionInvalid
from shutterpost.console.commands.arguments import AsJson, api_client, command_group
from shutterpost.console.output import render

demo = command_group("A demo that runs on this machine.")
faults = command_group("Failing calls to the simulated platforms.")
demo.add_typer(faults, name="faults")
_TIMEOUT_SECONDS = 10
_UNPROCESSABLE = 422
_COLUMNS = ("platform", "operation", "kind", "calls", "code", "subcode", "status", "after")


class SimulatedPlatform(StrEnum):
    INSTAGRAM = "instagram"
    BUFFER = "buffer"


@faults.command("add", epilog="Example: shutterpost demo faults add instagram create_container --kind throttle")
def add(
    context: typer.Context,
    platform: Annotated[SimulatedPlatform, typer.Argument(help="instagram or buffer.")],
    operation: Annotated[str, typer.Argument(help="What fails, such as media_publish or createPost; * for all.")],
    *,
    kind: Annotated[
        str,
        typer.Option(help="refuse, throttle, slow, drop_before, effect_then_drop or effect_then_error."),
    ] = "refuse",
    count: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many calls fail.")] = 1,
    after: Annotated[int, typer.Option(min=0, max=1_000_000, help="How many calls succeed first.")] = 0,
    code: Annotated[str | None, typer.Option(help="The platform's error code.")] = None,
    subcode: Annotated[int | None, typer.Option(help="Instagram's error subcode.")] = None,
    status: Annotated[int | None, typer.Option(min=400, max=599, help="The HTTP status.")] = None,
    json_: AsJson = None,
) -> None:
    """Let the next calls of an operation fail."""
    number = int(code) if code is not None and code.isdecimal() else code
    given = {"kind": kind, "count": count, "after": after, "code": number, "subcode": subcode, "status": status}
    fault = {"platform": platform.value, "operation": operation, **given}
    _call(context, "POST", {name: value for name, value in fault.items() if value is not None})
    _show(context, as_json=json_)


@faults.command("list", epilog="Example: shutterpost demo faults list")
def list_(context: typer.Context, *, json_: AsJson = None) -> None:
    """List the faults that are left."""
    _show(context, as_json=json_)


@faults.command("clear", epilog="Example: shutterpost demo faults clear")
def clear(context: typer.Context, *, json_: AsJson = None) -> None:
    """Remove the faults that are left."""
    _call(context, "DELETE")
    _show(context, as_json=json_)


def _show(context: typer.Context, *, as_json: bool | None) -> None:
    left: list[Json] = _call(context, "GET")["faults"]
    rows = [(each["platform"], each["operation"], each["kind"], each["count"], *_numbers(each)) for each in left]
    render.respond({"faults": left}, lambda: render.table(_COLUMNS, rows, empty="There is no fault."), as_json=as_json)


def _numbers(fault: Json) -> tuple[Any, ...]:
    return fault["code"], fault["subcode"], fault["status"], fault["after"] or None


def _call(context: typer.Context, method: str, body: Json | None = None) -> Any:
    """The simulators' answer. Raises `DeploymentUnknown` if no demo answers, and `OptionInvalid`."""
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    address = api_client(context).deployment.platforms_url
    if address is None:
        raise DeploymentUnknown("This deployment has no simulated platforms; start a demo with: make demo KEEP=1.")
    data = None if body is None else json.dumps(body).encode()
    # The address is that of the demo's own description.
    request = Request(f"{address}/_control/faults", data, method=method)  # noqa: S310
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            return json.load(response)
    except HTTPError as error:
        if error.code != _UNPROCESSABLE:
            raise DeploymentUnknown(f"The simulated platforms answer {error.code}; start the demo again.") from error
        reasons = "; ".join(str(each["msg"]).removeprefix("Value error, ") for each in json.load(error)["errors"])
        raise OptionInvalid(f"The fault is invalid: {reasons}") from None
    except (URLError, TimeoutError) as error:
        raise DeploymentUnknown("The demo does not answer; start one with: make demo KEEP=1.") from error
