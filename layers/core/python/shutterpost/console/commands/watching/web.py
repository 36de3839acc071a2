"""`shutterpost web`: the page on this machine."""

import json
import webbrowser
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from shutterpost.console import web as web_package
from shutterpost.console.client.exit_codes import DeploymentUnknown, OptionInvalid
from shutterpost.console.client.state_files import state_file
from shutterpost.console.commands.arguments import api_client
from shutterpost.console.output import render

PAGE = Path(web_package.__file__).parent / "dist"


def web(
    context: typer.Context,
    *,
    port: Annotated[int | None, typer.Option(min=1024, max=65535, help="Default: 8420, or the next free port.")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Show everything, change nothing.")] = False,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
) -> None:
    """Show the page in the browser: what needs you, the calendar and the library. It is reached from this machine
    alone, uses your AWS credentials, and ends with Ctrl-C, or after 8 hours without a request."""
    try:
        from shutterpost.console.web.account_pictures import AccountPictures
        from shutterpost.console.web.forwarding import Forwarder, Operations
        from shutterpost.console.web.pictures import Pictures
        from shutterpost.console.web.server import WebServer, hand_over, listen, serve
        from shutterpost.console.web.session import WebSession
        from shutterpost.console.web.uploads import PageUploads
    except ModuleNotFoundError as error:
        raise DeploymentUnknown(f"{error.name} is missing; install it with: pip install 'shutterpost[web]'") from error
    if not (PAGE / "index.html").is_file():
        raise DeploymentUnknown("The page is not built; build it with: make page")
    api = api_client(context)
    operations = Operations(json.loads((PAGE / "operations.json").read_text()), read_only=read_only)
    local = api.deployment.platforms_url is not None
    account_pictures = AccountPictures(state_file("account-pictures"), allow_loopback=local)
    try:
        listening = listen(port)
    except OSError as error:
        raise OptionInvalid(f"--port {port} is not free ({error.strerror}); choose another.") from error
    server = WebServer(
        page=PAGE,
        port=listening.getsockname()[1],
        forwarder=Forwarder(api, operations, account_pictures),
        pictures=Pictures(api, state_file("pictures")),
        session=WebSession(datetime.now(UTC)),
        uploads=PageUploads(api, state_file("uploads"), read_only=read_only),
        facts={"read_only": read_only},
    )
    file = hand_over(server, state_file("web"))
    try:
        render.note(f"The page is at {server.address}; it opens with {file.as_uri()} within a minute.")
        if open_:
            webbrowser.open(file.as_uri())
        serve(server, listening)
    finally:
        file.unlink(missing_ok=True)
