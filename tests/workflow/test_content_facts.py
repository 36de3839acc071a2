"""The language and content labels of a post, from its persona or its own, as each channel states them."""

from typing import Any

import pytest

from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.posting.write_variant import VariantContent
from shutterpost.flows.refusals import ExtraNotTaken, PostIsOut
from shutterpost.flows.wiring import build_variant_writer
from shutterpost.personas import Persona
from shutterpost.runtime.values import DefaultExtras, Extras
from shutterpost.scheduling import PostDetails, ScheduleStatus
from tests.support.schedules import now_of
from tests.support.system import System, soon

NUDITY = Extras(content_labels=("nudity",))


def a_persona(system: System, *kinds: Any, **rules: Any) -> Persona:
    persona = system.add_persona(**rules)
    for kind in kinds:
        system.connect(persona, kind)
    return persona


def post(system: System, persona: Persona, **fields: Any) -> PostDetails:
    photo = system.add_photo(persona, 1, score=5.0)
    request = PhotoRequest(photo=photo.photo_id, caption="A still morning.", **fields)
    return system.poster.post(persona, request, request_key="one")


def record(system: System) -> dict[str, Any]:
    """The record of the only post on Bluesky."""
    [shown] = system.bench.sim.bluesky_posts()
    return dict(shown["value"])


def status(system: System) -> dict[str, Any]:
    """The only status on Mastodon or Pixelfed."""
    [shown] = system.bench.sim.statuses()
    return dict(shown)


def test_a_post_keeps_the_language_that_its_persona_had(system: System) -> None:
    persona = a_persona(system, "bluesky", "mastodon", "instagram", language="de-AT")
    opened = post(system, persona, at=soon(system))
    system.stores.personas.update(persona.model_copy(update={"language": "fr"}), system.clock.now())
    system.advance_to(soon(system))
    system.run_executions()

    done = system.stores.posts.details(opened.post.post_id).schedules
    assert {schedule.status for schedule in done} == {ScheduleStatus.SUCCESS}
    assert record(system)["langs"] == ["de-AT"]
    assert status(system)["language"] == "de"
    assert system.bench.sim.violations() == []


@pytest.mark.parametrize(
    ("of_persona", "of_post", "stated"), [("de", "fr", ["fr"]), (None, "pt-BR", ["pt-BR"]), (None, None, None)]
)
def test_a_post_may_state_its_own_language(
    system: System, of_persona: str | None, of_post: str | None, stated: list[str] | None
) -> None:
    post(system, a_persona(system, "bluesky", language=of_persona), language=of_post)
    system.run_executions()
    assert record(system).get("langs") == stated


def test_a_variants_own_language_is_stated_for_its_text(system: System) -> None:
    opened = post(system, a_persona(system, "bluesky", "mastodon", language="de"), at=soon(system))
    [on_bluesky] = [item for item in opened.variants if item.channel == "bluesky"]
    content = VariantContent(text="A still morning, in English.", language="en")
    build_variant_writer(system.stores).change(opened, on_bluesky.variant_id, content)
    system.advance_to(soon(system))
    system.run_executions()
    assert (record(system)["langs"], status(system)["language"]) == (["en"], "de")


@pytest.mark.parametrize(
    "change", [PostChange(language="fr"), PostChange(extras=Extras(content_labels=("graphic-media",)))]
)
def test_content_facts_change_until_the_post_begins(system: System, change: PostChange) -> None:
    opened = post(system, a_persona(system, "bluesky", language="de"), at=soon(system), extras=NUDITY)
    system.editor.change(opened, change)
    system.advance_to(soon(system))
    system.run_executions()
    changed = system.stores.posts.details(opened.post.post_id)
    with pytest.raises(PostIsOut):
        system.editor.change(changed, change)

    value = record(system)
    shown = (value["langs"], [label["val"] for label in value["labels"]["values"]])
    assert shown == ((["fr"], ["nudity"]) if change.language else (["de"], ["graphic-media"]))


def test_a_post_may_return_to_no_language(system: System) -> None:
    opened = post(system, a_persona(system, "bluesky", language="de"), at=soon(system))
    system.editor.change(opened, PostChange(language=None))
    system.advance_to(soon(system))
    system.run_executions()
    assert "langs" not in record(system)


def test_the_personas_content_labels_hide_its_pictures_where_a_channel_can(system: System) -> None:
    labels = DefaultExtras(content_labels=("sexual", "nudity", "sexual"))
    opened = post(system, a_persona(system, "bluesky", "mastodon", "instagram", extras=labels))
    system.run_executions()

    assert {now_of(system, item).status for item in opened.schedules} == {ScheduleStatus.SUCCESS}
    assert record(system)["labels"] == {
        "$type": "com.atproto.label.defs#selfLabels",
        "values": [{"val": "sexual"}, {"val": "nudity"}],
    }
    assert status(system)["sensitive"] is True


@pytest.mark.parametrize("kind", ["mastodon", "pixelfed"])
@pytest.mark.parametrize(("extras", "sensitive"), [(NUDITY, True), (Extras(), False)])
def test_a_label_makes_a_status_sensitive(system: System, kind: Any, extras: Extras, *, sensitive: bool) -> None:
    post(system, a_persona(system, kind), extras=extras)
    system.run_executions()
    assert status(system)["sensitive"] is sensitive


def test_a_post_without_labels_has_none_in_its_record(system: System) -> None:
    post(system, a_persona(system, "bluesky"))
    system.run_executions()
    assert "labels" not in record(system)


def test_labels_that_no_connection_can_show_are_refused(system: System) -> None:
    persona = a_persona(system, "instagram")
    with pytest.raises(ExtraNotTaken, match="Content labels: Instagram takes none"):
        post(system, persona, extras=NUDITY)
