"""Commands about personas and connections."""

import json

import pytest

from shutterpost.channels import ConnectionStore, QuotaUse
from tests.api.world import TOKEN
from tests.support.builders import NOW
from tests.support.consoles import Console
from tests.support.folders import Deployed

ACCOUNT = ("connections", "add", "instagram", "17841400000000001", "--login", "instagram")


def test_personas_commands_create_list_show_and_update(shutterpost: Console) -> None:
    words = ("--slot", "18:30", "--slot", "sat, Sunday 09:00", "--hashtag", "sea", "--set", "max_per_week=5")
    made = shutterpost("personas", "add", "Sea", "--zone", "Europe/Lisbon", "--caption", "Salt.", *words).document
    assert made["slots"][1] == {"weekdays": ["sat", "sun"], "at": "09:00:00"}
    assert (made["hashtags"], made["max_per_week"], made["default_caption"]) == (["sea"], 5, "Salt.")
    listed = shutterpost("personas", "list").document["personas"]
    assert [item["name"] for item in listed] == ["Nature Explorer", "Sea"]
    changed = shutterpost("personas", "update", "sea", "--status", "paused", "--no-slots").document
    assert (changed["status"], changed["slots"], changed["version"]) == ("paused", [], 2)
    shown = shutterpost("personas", "show", "SEA").document
    assert (shown["status"], shown["runway"]["whole"]["photos"]) == ("paused", 0)


def test_tables_print_names_literally(shutterpost: Console) -> None:
    shutterpost("personas", "add", "[red]Sea[/red]", "--zone", "UTC", "--slot", "sat 09:00:30")
    output = shutterpost("personas", "list", "--no-json")
    assert "[red]Sea[/red]" in output.out
    assert "sat 09:00:30" in output.out
    assert "default_caption" not in shutterpost("personas", "show", "[red]", "--no-json").out


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (("show", "Nobody"), 3, "unknown"),
        (("show", "na"), 3, "ambiguous"),
        (("add", "Nature Explorer", "--zone", "UTC"), 1, "persona-exists"),
        (("add", "Other", "--zone", "Mars/Olympus"), 2, "invalid"),
        (("add", "Other", "--zone", "UTC", "--slot", "someday 09:00"), 2, "rule-unclear"),
        (("add", "Other", "--zone", "UTC", "--set", "max_per_week"), 2, "rule-unclear"),
        (("add", "Other", "--zone", "UTC", "--set", "no_such_rule=1"), 2, "invalid"),
        (("update", "nature explorer"), 2, "rule-unclear"),
    ],
)
def test_invalid_persona_commands_are_refused(shutterpost: Console, words, code: int, kind: str) -> None:
    shutterpost("personas", "add", "Nature", "--zone", "UTC") if words[1] == "na" else None
    output = shutterpost("personas", *words)
    assert (output.code, output.out) == (code, "")
    assert output.err.startswith("error: ")
    assert output.err.rstrip().endswith(f"[{kind}]")


def test_an_invalid_command_line_exits_with_2(shutterpost: Console) -> None:
    output = shutterpost("personas", "add", "Sea")
    assert output.code == 2
    assert "Missing option '--zone'" in output.err
    assert "shutterpost personas add --help" in output.err
    assert shutterpost("dance").code == 2


def test_connections_commands_add_list_and_remove(shutterpost: Console) -> None:
    output = shutterpost(*ACCOUNT, "--name", "nature", typed=f"{TOKEN}\n")
    assert output.document["status"] == "connected"
    assert TOKEN not in output.out + output.err
    assert "The platform does not tell the token's scopes." in output.err
    assert "does not tell when the token expires; 60 days are assumed." in output.err
    [listed] = shutterpost("connections", "list").document["connections"]
    assert (listed["display_name"], listed["channel"]) == ("nature", "instagram")
    assert "3 of 50" not in shutterpost("connections", "list", "--no-json").out
    quota = QuotaUse(used=3, total=50)
    ConnectionStore().note_quota(listed["persona_id"], listed["connection_id"], quota, NOW)
    assert "3 of 50" in shutterpost("connections", "list", "--no-json").out
    assert "nature" in shutterpost("connections", "list", "--no-json").out
    assert shutterpost("connections", "remove", "insta").document["status"] == "revoked"


def test_a_token_is_required_and_no_argument(shutterpost: Console) -> None:
    output = shutterpost(*ACCOUNT, "--token", TOKEN)
    assert output.code == 2
    assert TOKEN not in output.err
    output = shutterpost(*ACCOUNT, typed="\n")
    assert (output.code, output.err.rstrip()[-15:]) == (2, "[token-missing]")


def test_a_refused_token_is_not_repeated(shutterpost: Console) -> None:
    output = shutterpost(*ACCOUNT, "--expires", "tomorrow", typed=f"{TOKEN}\n")
    assert (output.code, TOKEN in output.err) == (2, False)


def test_an_unknown_connection_is_refused(shutterpost: Console) -> None:
    output = shutterpost("connections", "remove", "buffer")
    assert (output.code, "has no connection buffer" in output.err) == (3, True)


def test_a_command_needs_persona_if_there_are_several(shutterpost: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    shutterpost("personas", "add", "Sea", "--zone", "UTC")
    output = shutterpost("connections", "list")
    assert (output.code, "Choose a persona with --persona: Nature Explorer, Sea" in output.err) == (3, True)
    monkeypatch.setenv("SHUTTERPOST_PERSONA", "sea")
    assert json.loads(shutterpost("connections", "list").out) == {"connections": []}


def test_rules_are_explained_and_shown_where_they_differ(shutterpost: Console) -> None:
    [rule] = shutterpost("personas", "rules", "approval").document["rules"]
    assert (rule["default"], rule["example"]) == ('"auto"', 'approval="veto"')
    assert "--set 'approval=\"veto\"'" in shutterpost("personas", "rules", "--no-json").out
    assert shutterpost("personas", "rules", "aproval").code == 3
    shutterpost("personas", "update", "nature", "--set", 'approval="veto"')
    shown = shutterpost("personas", "show", "--no-json").out
    assert "a pick is published unless it is rejected" in shown
    assert "The least age of a post" not in shown


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("personas", "add", "X", "--zone", "UTC", "--slot", "25:00"), "error: --slot: "),
        (("personas", "add", "X", "--zone", "PST"), "error: --zone: "),
        (("personas", "update", "nature", "--set", "aproval=veto"), "list them with: shutterpost personas rules"),
        ((*ACCOUNT, "--expires", "soon"), "error: --expires: "),
    ],
)
def test_an_error_names_the_option(shutterpost: Console, words: tuple[str, ...], option: str) -> None:
    result = shutterpost(*words, typed=f"{TOKEN}\n")
    assert (result.code, option in result.err) == (2, True)


def test_revoked_connections_are_not_offered(shutterpost: Console) -> None:
    shutterpost(*ACCOUNT, "--name", "nature", typed=f"{TOKEN}\n")
    shutterpost("connections", "remove", "nature")
    assert "has no connection buffer; it has: none yet" in shutterpost("connections", "remove", "buffer").err


def test_grants_are_given_listed_and_revoked(world: Deployed, shutterpost: Console) -> None:
    given = shutterpost("personas", "grant", world.persona_id, "role/Assistant", "author").document
    assert given == {"principal": "123456789012/role/Assistant", "role": "author"}
    shutterpost("personas", "grant", world.persona_id, "123456789012/user/ansel", "viewer")
    listed = shutterpost("personas", "grants").document["grants"]
    assert [(grant["principal"], grant["role"]) for grant in listed] == [
        ("123456789012/role/Assistant", "author"),
        ("123456789012/user/ansel", "viewer"),
    ]
    result = shutterpost("personas", "revoke", world.persona_id, "role/Assistant", "--no-json")
    assert "123456789012/role/Assistant is no longer author of" in result.out
    assert [grant["role"] for grant in shutterpost("personas", "grants").document["grants"]] == ["viewer"]
    assert shutterpost("personas", "grant", world.persona_id, "role/Assistant", "owner").code != 0
