"""Commands about templates."""

from tests.support.consoles import Console
from tests.support.folders import Deployed

BODY = "New: {{subject}}, {{year}}"


def test_templates_are_added_listed_changed_filled_and_removed(shutterpost: Console, world: Deployed) -> None:
    assert "shutterpost templates add" in shutterpost("templates", "list", "--no-json").out
    added = shutterpost("templates", "add", "launch", BODY, "--max-length", "40", "--tone", "dark").document
    assert added["constraints"]["tones"] == ["dark"]
    assert BODY in shutterpost("templates", "list", "--no-json").out
    assert shutterpost("templates", "show", "lau").document == added

    changed = shutterpost("templates", "change", "launch", "--max-length", "60", "--channel", "bluesky").document
    assert changed["constraints"] == {**added["constraints"], "max_length": 60}
    filled = shutterpost("templates", "fill", "launch", "subject=a = b", "year=2026", "--no-json")
    assert filled.out.strip() == "New: a = b, 2026"
    assert shutterpost("templates", "remove", "launch", "--no-json").out.strip() == "Removed: launch"
    assert shutterpost("templates", "list").document == {"templates": []}


def test_a_template_is_filled_with_the_facts_of_a_photo(shutterpost: Console, world: Deployed) -> None:
    world.world.photo(world.persona_id, "moss.jpg", theme="forest")
    shutterpost("templates", "add", "theme", "{{theme}} by {{who}}")
    filled = shutterpost("templates", "fill", "theme", "who=me", "--photo", "moss.jpg", "--no-json")
    assert filled.out.strip() == "forest by me"


def test_a_filled_template_becomes_a_draft(shutterpost: Console, world: Deployed) -> None:
    world.world.photo(world.persona_id, "moss.jpg", theme="forest")
    shutterpost("templates", "add", "theme", "{{theme}} by {{who}}")
    draft = shutterpost("templates", "fill", "theme", "who=me", "--photo", "moss.jpg", "--draft").document
    shown = shutterpost("post", "show", draft["post_id"]).document
    assert (shown["status"], shown["base_caption"], shown["photo_ids"]) == ("draft", "forest by me", draft["photo_ids"])
    assert len(draft["photo_ids"]) == 1
    alone = shutterpost("templates", "fill", "theme", "who=me", "theme=fog", "--draft").document
    assert (alone["status"], alone["base_caption"], alone["photo_ids"]) == ("draft", "fog by me", [])


def test_what_is_wrong_is_named(shutterpost: Console) -> None:
    shutterpost("templates", "add", "launch", BODY)
    unfilled = shutterpost("templates", "fill", "launch", "subject=Fog")
    assert (unfilled.code, "year" in unfilled.err) == (2, True)
    assert "NAME=TEXT" in shutterpost("templates", "fill", "launch", "subject").err
    assert shutterpost("templates", "change", "launch").code == 2
    unknown = shutterpost("templates", "show", "other")
    assert (unknown.code, "launch" in unknown.err) == (3, True)
