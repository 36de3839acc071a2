"""Generates parts of docs/console.md and docs/persona-rules.md: `python -m tests.console.reference` rewrites them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from shutterpost.console.client.exit_codes import MEANINGS, ExitCode
from shutterpost.flows.posting.failure_policy import MEANINGS as PHOTO_MEANINGS
from shutterpost.flows.posting.failure_policy import PHOTO_RULES, PhotoRule
from shutterpost.personas.rule_reference import rule_references
from tests.support.consoles import commands

DOCS = Path(__file__).parents[2] / "docs"
FILE, RULES = DOCS / "console.md", DOCS / "persona-rules.md"


def regenerate(text: str) -> str:
    """`text` with the generated part between each `<!-- NAME -->` and `<!-- end -->`."""
    for name, part in PARTS.items():
        if f"<!-- {name} -->\n" not in text:
            continue
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        text = before + mark + part() + end + after
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


def _rules() -> str:
    rows = ["| Rule | Effect | Values | Default | Example |", "|---|---|---|---|---|"]
    for rule in rule_references():
        cells = (f"`{rule.name}`", rule.effect, rule.values, f"`{rule.default}`", f"`--set '{rule.example}'`")
        rows.append(_row(*cells))
    return "\n".join(rows) + "\n"


def _failures() -> str:
    rows = ["| Cause of the failure | The photo | The slot of a pick |", "|---|---|---|"]
    for cause, rule in PHOTO_RULES.items():
        slot = "It gets the next best photo." if rule is PhotoRule.STAYS_OUT else "It stays empty."
        rows.append(_row(f"`{cause}`", PHOTO_MEANINGS[rule], slot))
    return "\n".join(rows) + "\n"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


PARTS: dict[str, Callable[[], str]] = {
    "commands": _commands,
    "exit codes": _exits,
    "rules": _rules,
    "failures": _failures,
}


if __name__ == "__main__":
    for page in (FILE, RULES):
        page.write_text(regenerate(page.read_text("utf-8")), "utf-8")
