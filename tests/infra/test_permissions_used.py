"""No function may do what its code never does: each action of a role is held against the calls in the modules that the
function imports. That none is missing is shown by the journey, where IAM is enforced."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from infra.layers import ROOT
from tests.infra.reading import Synthesised

ENTRIES = {
    "ImportPhotosRole": "import_photos/handler.py",
    "PostNextBestRole": "post_next_best/handler.py",
    "ApiRole": "schedule_post/api.py",
    "StepsRole": "schedule_post/steps.py",
    "SyncStatusRole": "sync_status/handler.py",
    "SuggestionsRole": "schedule_post/suggestions.py",
}
PLACES = (ROOT / "functions", ROOT / "layers/core/python")

# How the code asks for an action, where it is not the action's name in small letters.
CALLS = {
    "dynamodb:GetItem": r"\b\w+Item\.get\(|\bcls\.get\(|Table\.get\(",
    "dynamodb:BatchGetItem": r"\.batch_get\(",
    "dynamodb:Query": r"\.query\(",
    "dynamodb:PutItem": r"\.save\(",
    "dynamodb:UpdateItem": r"\.update\(",
    "dynamodb:DeleteItem": r"\bdelete\(\"",
    "lambda:InvokeFunction": r"\.invoke\(",
    # S3 answers 404 for what is missing only where the bucket may be listed.
    "s3:ListBucket": r"list_objects_v2|get_object|head_object|copy_object",
    "s3:GetObject": r"\.get_object\(|\.head_object\(|\.copy_object\(",
    "s3:PutObject": r"\.put_object\(|\.copy_object\(",
    # A copy takes the tags along.
    "s3:GetObjectTagging": r"_s3\.copy\(",
    "s3:PutObjectTagging": r"_s3\.copy\(",
    "iam:PassRole": r"\.create_schedule\(",
}
# Lambda does these itself, in the function's role: logs, the queue it reads, the queue of what failed.
BY_LAMBDA = re.compile(r"logs:|sqs:")


@cache
def module_file(name: str) -> Path | None:
    """The file of a module of ours."""
    for place in PLACES:
        path = place.joinpath(*name.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def imported(file: Path) -> set[Path]:
    """The files of our modules that a file imports, at once or late."""
    result = set()
    for node in ast.walk(ast.parse(file.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        result |= {path for name in names if (path := module_file(name))}
    return result


def reachable(entry: str) -> set[Path]:
    """Every file of ours that a function may load."""
    seen: set[Path] = set()
    ahead = {PLACES[0] / entry}
    while ahead:
        file = ahead.pop()
        seen.add(file)
        ahead |= imported(file) - seen
    return seen


@pytest.mark.parametrize(("role", "entry"), ENTRIES.items())
def test_a_function_calls_what_its_role_allows(prod: Synthesised, role: str, entry: str) -> None:
    source = "\n".join(file.read_text() for file in sorted(reachable(entry)))
    allowed = {action for statement in prod.template.statements(role) for action in statement.actions}
    unused = [action for action in sorted(allowed) if not BY_LAMBDA.match(action) and not called(action, source)]
    assert unused == []


def called(action: str, source: str) -> bool:
    verb = action.partition(":")[2]
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", verb).lower()
    return re.search(CALLS.get(action, rf"\b{method}\b"), source) is not None
