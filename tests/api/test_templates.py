"""Templates through the API: unique names, versions, constraints, and texts that are filled or refused by name."""

from datetime import timedelta
from typing import Any

import pytest

from shutterpost.flows.posting.captions import caption_of
from tests.api.calling import Answer, Caller
from tests.api.world import World
from tests.support.builders import a_persona, a_photo

BODY = {"name": "Launch, short", "template_body": "New: {{subject}} in {{ year }}."}


def create(caller: Caller, **fields: Any) -> Answer:
    return caller.post("/templates", {**BODY, **fields})


def created(caller: Caller, **fields: Any) -> str:
    answer = create(caller, **fields)
    assert answer.status == 201, answer
    return str(answer.body["template_id"])


def fill(caller: Caller, template_id: str, values: dict[str, str], **fields: Any) -> Answer:
    return caller.post(f"/templates/{template_id}/fill", {"values": values, **fields})


def test_a_template_is_created_listed_changed_and_removed(world: World, me: Caller) -> None:
    answer = create(me, default_channel="bluesky", description="For launches.")
    template_id = answer.body["template_id"]
    assert answer.headers["Location"] == f"/templates/{template_id}"
    assert answer.body["placeholders"] == ["subject", "year"]
    assert me.get(f"/templates/{template_id}").body == answer.body

    changed = me.patch(f"/templates/{template_id}", {"template_body": "{{subject}}!"})
    assert (changed.body["version"], changed.body["template_body"]) == (2, "{{subject}}!")
    assert changed.body["name"] == BODY["name"]
    assert me.get("/templates").body == {"templates": [changed.body], "cursor": None}

    assert me.delete(f"/templates/{template_id}").body == changed.body
    assert me.get(f"/templates/{template_id}").problem() == (404, "template-not-found")
    assert me.get("/templates").body["templates"] == []


def test_a_name_is_unique_among_the_owners_templates_until_it_is_free(world: World, me: Caller, rival: Caller) -> None:
    first = created(me)
    assert create(me, name="LAUNCH,  short").problem() == (409, "template-exists")
    created(rival)
    second = created(me, name="Other")
    assert me.patch(f"/templates/{second}", {"name": "launch, short"}).problem() == (409, "template-exists")

    assert me.patch(f"/templates/{first}", {"name": "Launch, long"}).status == 200
    assert me.patch(f"/templates/{second}", {"name": "launch, short"}).status == 200
    me.delete(f"/templates/{first}")
    created(me, name="Launch, long")


def test_a_change_of_an_older_version_is_refused(world: World, me: Caller) -> None:
    path = f"/templates/{created(me)}"
    etag = me.get(path).headers["ETag"]
    me.patch(path, {"description": "First."})
    late = me.send(me.event("PATCH", path, {"description": "Late."}, headers={"if-match": etag}))
    assert late.problem() == (412, "template-changed")
    assert me.send(me.event("DELETE", path, headers={"if-match": etag})).problem() == (412, "template-changed")
    assert me.get(path).body["description"] == "First."


def test_templates_are_listed_in_pages_in_the_order_of_creation(world: World, me: Caller, rival: Caller) -> None:
    names = [f"Number {number}" for number in range(5)]
    for name in names:
        created(me, name=name)
        world.clock.sleep(timedelta(seconds=1))
    created(rival)
    listed, cursor = [], None
    while True:
        page = me.get("/templates", limit="2", **({"cursor": cursor} if cursor else {})).body
        listed += [template["name"] for template in page["templates"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert listed == names
    assert me.get("/templates", cursor="bm8").problem() == (422, "cursor-invalid")


def test_a_template_is_filled_with_values_and_the_facts_of_a_photo(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    world.photo(persona_id, theme="forest", captured_at="2021-06-01T12:00:00Z")
    template_id = created(me, template_body="{{subject}}: {{theme}}, {{year}}", default_channel="bluesky")
    photo = {"persona_id": persona_id, "photo": "fog.jpg"}
    filled = fill(me, template_id, {"subject": "Fog"}, **photo)
    assert filled.body == {
        "text": "Fog: forest, 2021",
        "channel": "bluesky",
        "length": 17,
        "unit": "graphemes",
        "limit": 300,
    }
    assert fill(me, template_id, {"subject": "Fog", "year": "1990"}, **photo).body["text"] == "Fog: forest, 1990"


def test_what_is_unknown_or_unfilled_is_refused_by_name(world: World, me: Caller) -> None:
    template_id = created(me)
    unfilled = fill(me, template_id, {"subject": " "})
    assert unfilled.problem() == (422, "placeholder-unfilled")
    assert unfilled.body["placeholders"] == ["subject", "year"]
    unknown = fill(me, template_id, {"subject": "Fog", "year": "2026", "colour": "grey"})
    assert unknown.problem() == (422, "placeholder-unknown")
    assert unknown.body["placeholders"] == ["colour"]


def test_nothing_in_a_template_or_a_value_is_executed(world: World, me: Caller) -> None:
    template_id = created(me, template_body="{subject} %s ${year} {{subject}}")
    text = fill(me, template_id, {"subject": "{{year}} {0.__class__} ${year}"}).body["text"]
    assert text == "{subject} %s ${year} {{year}} {0.__class__} ${year}"


@pytest.mark.parametrize(
    ("constraints", "constraint"),
    [
        ({"max_length": 10}, "max_length"),
        ({"max_hashtags": 1}, "max_hashtags"),
        ({"required_hashtags": ["#moss"]}, "required_hashtags"),
        ({"never_hashtags": ["FOG"]}, "never_hashtags"),
    ],
)
def test_a_text_keeps_to_the_constraints_of_its_template(
    world: World, me: Caller, constraints: dict[str, Any], constraint: str
) -> None:
    template_id = created(me, template_body="{{subject}} #fog #sea", constraints=constraints)
    refused = fill(me, template_id, {"subject": "A long look"})
    assert refused.problem() == (422, "template-constraint")
    assert refused.body["constraint"] == constraint
    me.patch(f"/templates/{template_id}", {"constraints": {}})
    assert fill(me, template_id, {"subject": "A long look"}).status == 200


def test_a_text_keeps_to_the_limits_of_its_channel_which_may_be_disabled(world: World, me: Caller) -> None:
    template_id = created(me, template_body="{{subject}}")
    long = {"subject": "fog " * 100}
    assert fill(me, template_id, long, channel="instagram").status == 200
    assert fill(me, template_id, long, channel="bluesky").problem() == (422, "caption-too-long")
    assert fill(me, template_id, long, channel="nowhere").problem() == (422, "channel-unknown")
    assert create(me, name="x", default_channel="nowhere").problem() == (422, "channel-unknown")


@pytest.mark.parametrize(
    "body", ["{{two words}}", "{{}}", "{{open", "closed}}", "{{1st}}", "".join(f"{{{{a{n}}}}}" for n in range(41))]
)
def test_a_broken_body_is_refused(world: World, me: Caller, body: str) -> None:
    assert create(me, template_body=body).problem()[0] == 422
    template_id = created(me)
    assert me.patch(f"/templates/{template_id}", {"template_body": body}).problem() == (422, "template-invalid")


def test_a_required_placeholder_stays_in_the_body(world: World, me: Caller) -> None:
    constraints = {"required_placeholders": ["credit"]}
    assert create(me, constraints=constraints).problem()[0] == 422
    template_id = created(me, template_body="{{subject}} by {{credit}}", constraints=constraints)
    refused = me.patch(f"/templates/{template_id}", {"template_body": "{{subject}}"})
    assert refused.problem() == (422, "template-invalid")
    assert "credit" in refused.body["detail"]


def test_the_template_of_a_persona_is_filled_in_the_same_way() -> None:
    persona = a_persona(caption_template="{{ theme }} of {{year}}", default_caption="Out there.")
    photo = a_photo(theme="forest", captured_at="2021-06-01T12:00:00Z", caption="")
    assert caption_of(persona, photo).text == "forest of 2021"
    assert caption_of(persona, photo.model_copy(update={"theme": ""})).text == "Out there."
