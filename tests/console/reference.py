"""Generates parts of docs/console.md: `python -m tests.console.reference` rewrites them."""

from pathlib import Path
from typing import Any

from shutterpost.console.client.exit_codes import MEANINGS, ExitCode
from tests.support.consoles import commands

FILE = Path(__file__).parents[2] / "docs" / "console.md"


def regenerate(text: str) -> str:
    """`text` with the generated part between each `<!-- NAME -->` and `<!-- end -->`."""
    for name, part in (("commands", _commands()), ("exit codes", _exits())):
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        text = before + mark + part + end + after
    return text


def _commands() -> str:
    lines = []
    for name, command in commands().items():
        options = ", ".join(f"`{_option(each)}`" for each in command.params if each.param_type_name == "option")
        lines += [
            f"### `{' '.join([name, *_arguments(command)])}`\n",
            f"{command.help}\n",
            f"Options: {options}\n",
            f"```sh\n{command.epilog.removeprefix('Example: ')}\n```\n",
        ]
    return "\n".join(lines) + "\n"


def _arguments(command: Any) -> list[str]:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    return [each.name.upper() if each.required else f"[{each.name.upper()}]" for each in arguments]


def _option(option: Any) -> str:
    name = max(option.opts, key=len)
    return f"{name}/{option.secondary_opts[0]}" if option.secondary_opts else name


def _exits() -> str:
    rows = ["| Code | Means |", "|---|---|"]
    return "\n".join([*rows, *(_row(str(int(code)), MEANINGS[code]) for code in ExitCode)]) + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    FILE.write_text(regenerate(FILE.read_text("utf-8")), "utf-8")
