"""The permissions of each function."""

import re

import pytest

from tests.infra.reading import Statement, Synthesised, text

FUNCTION_ROLES = ("ImportPhotosRole", "PostNextBestRole", "ApiRole", "StepsRole", "SyncStatusRole", "SuggestionsRole")
READ = {"GetItem", "BatchGetItem", "Query"}
WRITE = {"PutItem", "UpdateItem"}
DELETE = {"DeleteItem"}
EVERY_TABLE = {"Personas", "Photos", "Channels", "Posts", "Authoring"}
ARMING = {"CreateSchedule", "UpdateSchedule", "DeleteSchedule"}


def test_every_function_has_a_role_of_its_own(prod: Synthesised) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in prod.template.of("AWS::Lambda::Function").values()]
    assert len(set(roles)) == len(roles) == len(FUNCTION_ROLES)
    assert all(any(role.startswith(name) for name in FUNCTION_ROLES) for role in roles)


def test_no_role_borrows_a_policy_of_aws(prod: Synthesised) -> None:
    assert not [role for role in prod.template.of("AWS::IAM::Role").values() if "ManagedPolicyArns" in role]


def test_no_action_is_a_wildcard_and_only_log_delivery_is_on_everything(prod: Synthesised) -> None:
    for role in prod.template.of("AWS::IAM::Role"):
        for statement in prod.template.statements(role):
            assert not [action for action in statement.actions if "*" in action]
            if "*" in statement.resources:
                assert role.startswith("ChainRole")
                assert all(action.startswith("logs:") for action in statement.actions)


def test_wildcards_end_what_is_our_own(prod: Synthesised) -> None:
    prefixes = ("photos", "analyses", "rejected", "renditions", "public")
    tokens = "parameter/shutterpost/prod/tokens/"
    names = (tokens, f"{tokens}sessions/", "schedule/shutterpost-prod/")
    ours = (*(f"/{prefix}/*" for prefix in prefixes), *(f":{name}*" for name in names))
    for role in FUNCTION_ROLES:
        for statement in prod.template.statements(role):
            wide = {arn for arn in statement.resources if "*" in arn and not arn.endswith(ours)}
            assert not wide or statement.actions == {"scheduler:ListSchedules"}


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        ("ApiRole", {"PutParameter", "DeleteParameter"}),
        ("StepsRole", {"GetParameter", "PutParameter"}),
        ("SyncStatusRole", {"GetParameter", "PutParameter"}),
        ("PostNextBestRole", set()),
        ("ImportPhotosRole", set()),
        ("SuggestionsRole", set()),
    ],
)
def test_tokens_are_read_only_by_who_calls_a_platform(prod: Synthesised, role: str, verbs: set[str]) -> None:
    assert prod.template.actions(role, "ssm") == verbs
    assert not prod.template.actions(role, "kms")
    for verb in verbs:
        (arn,) = prod.template.allowed(role, f"ssm:{verb}")
        sessions = "sessions/" if (role, verb) == ("StepsRole", "PutParameter") else ""
        assert arn.endswith(f":parameter/shutterpost/prod/tokens/{sessions}*")


@pytest.mark.parametrize(
    ("role", "read", "written", "deleted"),
    [
        ("ImportPhotosRole", {"Personas", "Photos", "Channels"}, {"Photos"}, set()),
        ("PostNextBestRole", {"Personas", "Photos", "Channels", "Posts"}, {"Photos", "Posts"}, set()),
        ("ApiRole", EVERY_TABLE, EVERY_TABLE, {"Authoring", "Posts"}),
        ("StepsRole", {"Personas", "Photos", "Channels", "Posts"}, {"Photos", "Channels", "Posts"}, set()),
        ("SyncStatusRole", EVERY_TABLE, EVERY_TABLE - {"Personas"}, set()),
        ("SuggestionsRole", {"Personas", "Photos", "Authoring"}, {"Authoring"}, set()),
    ],
)
def test_tables_are_open_to_who_needs_them(
    prod: Synthesised, role: str, read: set[str], written: set[str], deleted: set[str]
) -> None:
    assert prod.template.actions(role, "dynamodb") - DELETE == READ | WRITE
    assert _tables(prod.template.allowed(role, "dynamodb:DeleteItem")) == deleted
    for verb in READ:
        assert _tables(prod.template.allowed(role, f"dynamodb:{verb}")) == read
    for verb in WRITE:
        assert _tables(prod.template.allowed(role, f"dynamodb:{verb}")) == written


@pytest.mark.parametrize(
    ("role", "prefixes"),
    [
        (
            "ImportPhotosRole",
            {
                "GetObject": {"photos", "analyses", "rejected"},
                "GetObjectTagging": {"photos", "analyses", "rejected"},
                "DeleteObject": {"photos", "analyses", "rejected"},
                "PutObject": {"photos", "analyses", "renditions", "rejected"},
                "PutObjectTagging": {"photos", "analyses", "rejected"},
            },
        ),
        ("StepsRole", {"GetObject": {"renditions"}, "PutObject": {"public"}, "DeleteObject": {"public"}}),
        ("SyncStatusRole", {"GetObject": {"renditions"}, "PutObject": {"public"}, "DeleteObject": {"public"}}),
        ("ApiRole", {"GetObject": {"rejected"}, "DeleteObject": {"rejected"}}),
        ("PostNextBestRole", {}),
        ("SuggestionsRole", {}),
    ],
)
def test_the_library_is_open_by_prefix(prod: Synthesised, role: str, prefixes: dict[str, set[str]]) -> None:
    assert prod.template.actions(role, "s3") - {"ListBucket"} == set(prefixes)
    for verb, expected in prefixes.items():
        arns = prod.template.allowed(role, f"s3:{verb}")
        assert all(":s3:::shutterpost-prod-library-<" in arn for arn in arns)
        assert {arn.split("/")[-2] for arn in arns} == expected


def test_the_api_lists_rejected_photos_and_nothing_else(prod: Synthesised) -> None:
    (listing,) = _granting(prod, "ApiRole", "s3:ListBucket")
    assert listing.condition == {"StringLike": {"s3:prefix": "rejected/*"}}


@pytest.mark.parametrize("role", ["PostNextBestRole", "ApiRole", "SyncStatusRole"])
def test_who_arms_timers_passes_one_role_to_the_scheduler(prod: Synthesised, role: str) -> None:
    (passing,) = _granting(prod, role, "iam:PassRole")
    (passed,) = passing.resources
    assert passed.startswith("<TimersTimerRole")
    assert passing.condition == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    assert prod.template.actions(role, "scheduler") - {"ListSchedules"} == ARMING
    for verb in ARMING:
        (arn,) = prod.template.allowed(role, f"scheduler:{verb}")
        assert arn.endswith(":schedule/shutterpost-prod/*")


@pytest.mark.parametrize("role", ["ImportPhotosRole", "StepsRole"])
def test_who_arms_no_timer_may_not(prod: Synthesised, role: str) -> None:
    assert not prod.template.actions(role, "scheduler")
    assert not prod.template.actions(role, "iam")


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        ("PostNextBestRole", {"StartExecution"}),
        ("ApiRole", {"StartExecution"}),
        ("StepsRole", {"StartExecution"}),
        ("SyncStatusRole", {"StartExecution"}),
        ("ImportPhotosRole", set()),
    ],
)
def test_chains_are_started_and_never_stopped(prod: Synthesised, role: str, verbs: set[str]) -> None:
    assert prod.template.actions(role, "states") == verbs
    for arn in prod.template.allowed(role, "states:StartExecution"):
        assert arn.endswith(":stateMachine:shutterpost-prod-publish")


@pytest.mark.parametrize("role", FUNCTION_ROLES)
def test_only_sync_notifies_the_owner_through_the_topic(prod: Synthesised, role: str) -> None:
    assert prod.template.actions(role, "sns") == ({"Publish"} if role == "SyncStatusRole" else set())
    for arn in prod.template.allowed(role, "sns:Publish"):
        assert arn.startswith("<AlarmsTopic")


@pytest.mark.parametrize(
    ("role", "functions"),
    [
        ("ApiRole", {"PostNextBest", "SyncStatus", "Suggestions"}),
        ("ChainRole", {"Steps"}),
        ("TimersTimerRole", {"PostNextBest", "Steps"}),
        ("TimersJobRole", {"PostNextBest", "SyncAlias", "NotifyAlias", "DailyAlias"}),
        ("StepsRole", set()),
        ("PostNextBestRole", set()),
        ("SyncStatusRole", set()),
        ("ImportPhotosRole", set()),
        ("SuggestionsRole", set()),
    ],
)
def test_functions_are_invoked_by_who_should(prod: Synthesised, role: str, functions: set[str]) -> None:
    arns = prod.template.allowed(role, "lambda:InvokeFunction")
    assert {re.split("Function|(?<=Alias)", arn.strip("<>"))[0] for arn in arns} == functions


@pytest.mark.parametrize("role", ["TimersTimerRole", "TimersJobRole"])
def test_the_scheduler_assumes_its_roles_for_this_group_alone(prod: Synthesised, role: str) -> None:
    (trust,) = prod.template.only("AWS::IAM::Role", named=role)["AssumeRolePolicyDocument"]["Statement"]
    ((group, _),) = prod.template.of("AWS::Scheduler::ScheduleGroup").items()
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": {"Ref": "AWS::AccountId"},
            "aws:SourceArn": {"Fn::GetAtt": [group, "Arn"]},
        }
    }
    verbs = {action for statement in prod.template.statements(role) for action in statement.actions}
    assert verbs == {"lambda:InvokeFunction", "sqs:SendMessage"}


TRUSTED = {
    **dict.fromkeys(FUNCTION_ROLES, "lambda.amazonaws.com"),
    **dict.fromkeys(("TimersTimerRole", "TimersJobRole"), "scheduler.amazonaws.com"),
    "ChainRole": "states.amazonaws.com",
}


def test_each_role_is_assumed_by_its_service_alone(either: Synthesised) -> None:
    roles = either.template.of("AWS::IAM::Role")
    assert len(roles) == len(TRUSTED)
    for name, service in TRUSTED.items():
        (trust,) = either.template.only("AWS::IAM::Role", named=name)["AssumeRolePolicyDocument"]["Statement"]
        assert (trust["Effect"], trust["Action"]) == ("Allow", "sts:AssumeRole")
        assert trust["Principal"] == {"Service": service}


def test_the_api_function_is_invoked_by_its_own_api_alone(either: Synthesised) -> None:
    permission = either.template.only("AWS::Lambda::Permission")
    ((api, _),) = either.template.of("AWS::ApiGatewayV2::Api").items()
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert text(permission["FunctionName"]).startswith("<ApiFunction")
    assert text(permission["SourceArn"]).endswith(f":<AWS::AccountId>:<{api}>/*/*")


def _granting(synthesised: Synthesised, role: str, action: str) -> list[Statement]:
    return [statement for statement in synthesised.template.statements(role) if action in statement.actions]


def _tables(arns: set[str]) -> set[str]:
    return {name for name in EVERY_TABLE for arn in arns if f"<{name}Table" in arn}
