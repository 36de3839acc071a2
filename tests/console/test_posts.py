"""Commands about posts."""

import json
from typing import Any

import pytest

from shutterpost.scheduling import ScheduleStatus, StaleWrite, Step
from tests.api.calling import Caller
from tests.support.builders import NOW
from tests.support.consoles import Console
from tests.support.folders import Deployed

AT = "2026-04-01T18:30"


@pytest.fixture
def ready(world: Deployed) -> Deployed:
    """A persona with a slot, two connections and photos."""
    caller = world.caller
    caller.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "09:00"}]})
    for channel in ("instagram", "buffer"):
        world.world.connection(caller, world.persona_id, channel)
    for name in ("fog.jpg", "rain.jpg", "[Ä] 1.jpg"):
        world.world.photo(world.persona_id, name)
    return world


def settle(world: Deployed, post_id: str, status: ScheduleStatus, **facts: Any) -> None:
    """Move all schedules of a post to `processing`, then to `status`."""
    schedules = world.world.services.schedules
    for schedule in world.world.services.posts.details(post_id).schedules:
        begun = schedules.move(schedule, ScheduleStatus.PROCESSING, now=NOW, step=Step.PUBLISHING)
        assert not isinstance(begun, StaleWrite)
        schedules.move(begun, status, now=NOW, **facts)


def test_schedule_uses_the_persona_s_zone(shutterpost: Console, ready: Deployed) -> None:
    words = ("--at", AT, "-c", "buffer", "--caption", "Fog.", "--hashtag", "sea", "--title", "T", "--alt-text", "Grey.")
    post = shutterpost("post", "schedule", "fog.jpg", *words).document
    [schedule] = post["schedules"]
    assert (schedule["channel"], schedule["run_at"]) == ("buffer", "2026-04-01T16:30:00Z")
    assert (post["base_caption"], post["hashtags"], post["title"]) == ("Fog.", ["sea"], "T")
    output = shutterpost("post", "list", "--no-json")
    assert "Wed 01 Apr 2026 18:30" in output.out
    assert f"\n{post['post_id'][:12]} " in output.out
    assert shutterpost("post", "show", post["post_id"][:12]).document["post_id"] == post["post_id"]


def test_a_dry_run_changes_nothing(shutterpost: Console, ready: Deployed) -> None:
    assert "nothing was changed" in shutterpost("post", "schedule", "fog.jpg", "--at", AT, "--dry-run", "--no-json").out
    assert shutterpost("post", "now", "fog.jpg", "--dry-run").document["schedules"]
    assert shutterpost("post", "list").document["posts"] == []


def test_post_now_with_once_is_idempotent(shutterpost: Console, ready: Deployed) -> None:
    first = shutterpost("post", "now", "[Ä] 1.jpg", "--once", "fog").document
    assert shutterpost("post", "now", "[Ä] 1.jpg", "--once", "fog").document["post_id"] == first["post_id"]
    assert len(ready.world.executions.started) == 2
    output = shutterpost("post", "now", "[Ä] 1.jpg")
    assert output.code == 1
    assert output.err.rstrip().endswith("[photo-already-posted]")


def test_show_finds_a_post_by_the_beginning_of_its_id(shutterpost: Console, ready: Deployed) -> None:
    post = shutterpost("post", "schedule", "fog.jpg", "--at", AT).document
    assert shutterpost("post", "show", post["post_id"][:8]).document["variants"][0]["text"].startswith("Fog over")
    assert "Fog over the valley." in shutterpost("post", "show", post["post_id"], "--no-json").out
    assert shutterpost("post", "show", "p00000000").code == 3
    assert shutterpost("post", "show", "p0").code == 3
    assert shutterpost("post", "show", "p0123456789abcdef").code == 3


def test_move_changes_one_or_all_schedules(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "schedule", "fog.jpg", "--at", AT).document["post_id"]
    moved = shutterpost("post", "move", post_id, "--at", "2026-04-02T08:00", "-c", "instagram").document
    [item] = moved["schedules"]
    assert (item["channel"], item["run_at"], moved["refused"]) == ("instagram", "2026-04-02T06:00:00Z", [])
    both = shutterpost("post", "move", post_id[:10], "--at", "2026-04-03T08:00", "--zone", "UTC").document["schedules"]
    assert {entry["run_at"] for entry in both} == {"2026-04-03T08:00:00Z"}
    own = both[0]["schedule_id"]
    assert [
        schedule["schedule_id"] for schedule in shutterpost("post", "move", own, "--now").document["schedules"]
    ] == [own]
    assert "follow it with" in shutterpost("post", "move", own, "--now", "--no-json").out


def test_a_post_moves_to_a_slot_and_swaps_with_another(shutterpost: Console, ready: Deployed) -> None:
    first, second = (
        shutterpost("post", "schedule", name, "--at", at).document["post_id"]
        for name, at in (("fog.jpg", AT), ("rain.jpg", "2026-04-02T18:30"))
    )
    moved = shutterpost("post", "move", first, "--slot", "2026-04-03 09:00").document["schedules"]
    assert {schedule["run_at"] for schedule in moved} == {"2026-04-03T07:00:00Z"}
    assert shutterpost("post", "move", first, "--slot", AT, "-c", "instagram").code == 2
    assert shutterpost("post", "move", first, "--slot", AT).err.rstrip().endswith("[slot-unknown]")
    assert shutterpost("post", "move", first, "--day", "2026-04-04", "-c", "instagram").code == 2
    on_day = shutterpost("post", "move", first, "--day", "2026-04-04").document["schedules"]
    assert {schedule["run_at"] for schedule in on_day} == {"2026-04-04T07:00:00Z"}
    shutterpost("post", "move", first, "--slot", "2026-04-03 09:00")
    swapped = shutterpost("post", "swap", first[:9], second).document["posts"]
    assert [{schedule["run_at"] for schedule in post["schedules"]} for post in swapped] == [
        {"2026-04-02T16:30:00Z"},
        {"2026-04-03T07:00:00Z"},
    ]
    assert second in shutterpost("post", "swap", first, second, "--no-json").out


def test_cancel_and_archive_a_post(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "schedule", "fog.jpg", "--at", AT).document["post_id"]
    assert shutterpost("post", "archive", post_id).code == 1
    assert {schedule["status"] for schedule in shutterpost("post", "cancel", post_id).document["schedules"]} == {
        "cancelled"
    }
    late = shutterpost("post", "skip", post_id)
    assert (late.code, late.err.rstrip()[-17:]) == (1, "[nothing-to-skip]")
    assert shutterpost("post", "archive", post_id).document["archived"] is True
    assert shutterpost("post", "list").document["posts"] == []
    assert [post["post_id"] for post in shutterpost("post", "list", "--archived").document["posts"]] == [post_id]
    assert shutterpost("post", "archive", post_id, "--undo").document["archived"] is False


def test_edit_changes_a_waiting_post(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "schedule", "fog.jpg", "--at", AT).document["post_id"]
    assert shutterpost("post", "edit", post_id, "--caption", "Evening.").document["base_caption"] == "Evening."
    assert shutterpost("post", "edit", post_id).code == 2
    tried = shutterpost("post", "edit", post_id, "--caption", "x" * 2201, "--dry-run", "--no-json")
    assert (tried.code, "2201 of 2200 characters" in tried.out, "[caption-too-long]" in tried.out) == (0, True, True)
    assert shutterpost("post", "show", post_id).document["base_caption"] == "Evening."


def test_skip_and_retry_a_post(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "schedule", "fog.jpg", "--at", AT, "-c", "instagram").document["post_id"]
    [skipped] = shutterpost("post", "skip", post_id, "--reason", "Not this week.").document["schedules"]
    assert (skipped["status"], skipped["error_message"]) == ("skipped", "Not this week.")
    [queued] = shutterpost("post", "retry", post_id, "--at", "2026-04-05T10:00").document["schedules"]
    assert (queued["status"], queued["run_at"]) == ("queued", "2026-04-05T08:00:00Z")


def test_retry_by_code_retries_all_matching_posts(shutterpost: Console, ready: Deployed) -> None:
    for name in ("fog.jpg", "rain.jpg"):
        shutterpost(
            "post", "skip", shutterpost("post", "schedule", name, "--at", AT, "-c", "buffer").document["post_id"]
        )
    report = shutterpost("post", "retry", "--code", "skipped-by-person").document
    assert (len(report["retried"]), report["refused"]) == (2, [])
    assert shutterpost("post", "retry").code == 2


def test_resolve_records_the_operator_s_verdict(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "now", "fog.jpg", "-c", "instagram").document["post_id"]
    settle(ready, post_id, ScheduleStatus.UNKNOWN)
    assert [post["status"] for post in shutterpost("post", "list", "--status", "unknown").document["posts"]] == [
        "unknown"
    ]
    resolved = shutterpost("post", "resolve", post_id, "--live", "https://www.instagram.com/p/ABC/")
    [report] = resolved.document["schedules"]
    assert "The address was not checked, because the platform cannot tell" in resolved.err
    assert (report["told"], report["told_url"]) == ("live", "https://www.instagram.com/p/ABC/")
    [report] = shutterpost("post", "resolve", post_id, "--not-live").document["schedules"]
    assert report["told"] == "not_live"
    assert shutterpost("post", "resolve", post_id).code == 2


def test_remove_deletes_a_live_post_or_prints_where(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "now", "fog.jpg", "-c", "instagram").document["post_id"]
    settle(ready, post_id, ScheduleStatus.SUCCESS, external_id="1", external_url="https://example.test/p/1")
    report = {"schedule_id": "s", "removed": False, "detail": "It cannot be.", "external_url": "https://example.test"}
    ready.world.functions.reports["remove"] = report
    output = shutterpost("post", "remove", post_id)
    assert (output.code, json.loads(output.out)["removals"]) == (1, [report])
    ready.world.functions.reports["remove"] = {**report, "removed": True}
    assert shutterpost("post", "remove", post_id).code == 0


def test_a_partial_refusal_is_reported(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "schedule", "fog.jpg", "--at", AT).document["post_id"]
    shutterpost("post", "skip", post_id)
    ready.caller.delete(f"/personas/{ready.persona_id}/connections/{_buffer(ready.caller, ready.persona_id)}")
    output = shutterpost("post", "retry", post_id)
    document = json.loads(output.out)
    assert output.code == 1
    assert [schedule["channel"] for schedule in document["schedules"]] == ["instagram"]
    assert [item["kind"] for item in document["refused"]] == ["connection-not-connected"]
    assert "connect" in output.err


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (("schedule", "none.jpg", "--at", AT), 3, "photo-not-found"),
        (("schedule", "fog.jpg", "--at", "whenever"), 2, "time-unclear"),
        (("schedule", "fog.jpg", "--at", "2020-01-01"), 2, "time-in-past"),
        (("schedule", "fog.jpg", "--at", AT, "-c", "mastodon"), 3, "unknown"),
        (("schedule", "fog.jpg", "--at", AT, "--caption", "long " * 500), 2, "caption-too-long"),
        (("move", "p0123456789abcdef"), 2, "word-missing"),
        (("resolve", "p0123456789abcdef", "--live", "it is there"), 2, "option-invalid"),
        (("resolve", "p0123456789abcdef", "--live", "http://instagram.com/"), 2, "option-invalid"),
    ],
)
def test_invalid_post_commands_are_refused(shutterpost: Console, ready: Deployed, words, code: int, kind: str) -> None:
    output = shutterpost("post", *words)
    assert (output.code, output.out, output.err.rstrip().endswith(f"[{kind}]")) == (code, "", True)


def test_schedule_occupies_the_slot_that_it_names(shutterpost: Console, ready: Deployed) -> None:
    post = shutterpost("post", "schedule", "fog.jpg", "--slot", "2026-04-03 09:00").document
    assert (post["slot_at"], post["schedules"][0]["run_at"]) == ("2026-04-03T07:00:00Z", "2026-04-03T07:00:00Z")
    taken = shutterpost("post", "schedule", "rain.jpg", "--slot", "2026-04-03 09:00")
    assert (taken.code, taken.err.rstrip().endswith("[slot-taken]")) == (1, True)
    assert shutterpost("post", "schedule", "rain.jpg", "--slot", AT, "--at", AT).code == 2


def test_schedule_without_a_time_uses_the_next_free_slot(shutterpost: Console, ready: Deployed) -> None:
    post = shutterpost("post", "schedule", "fog.jpg").document
    assert {schedule["run_at"] for schedule in post["schedules"]} == {"2026-03-02T08:00:00Z"}
    shutterpost("personas", "update", "nature", "--no-slots")
    output = shutterpost("post", "schedule", "rain.jpg")
    assert (output.code, output.err.rstrip()[-14:]) == (1, "[no-free-slot]")


def _buffer(caller: Caller, persona_id: str) -> str:
    connections = caller.get(f"/personas/{persona_id}/connections").body["connections"]
    return str(next(item["connection_id"] for item in connections if item["channel"] == "buffer"))


def test_a_draft_is_scheduled_later(shutterpost: Console, ready: Deployed) -> None:
    drafted = shutterpost("post", "draft", "fog.jpg", "-c", "instagram", "--caption", "Fog.").document
    assert (drafted["schedules"], drafted["base_caption"]) == ([], "Fog.")
    planned = shutterpost("post", "reschedule", drafted["post_id"], "--at", AT).document
    [schedule] = planned["schedules"]
    assert (schedule["channel"], schedule["run_at"]) == ("instagram", "2026-04-01T16:30:00Z")
    assert "already" in shutterpost("post", "reschedule", drafted["post_id"], "--at", AT).err


def test_reroute_changes_the_connection(shutterpost: Console, ready: Deployed) -> None:
    post = shutterpost("post", "schedule", "fog.jpg", "--at", AT, "-c", "instagram").document
    [changed] = shutterpost("post", "reroute", post["post_id"], "buffer").document["schedules"]
    assert (changed["channel"], changed["run_at"]) == ("buffer", post["schedules"][0]["run_at"])
    refused = shutterpost("post", "reroute", post["post_id"], "mastodon")
    assert refused.code != 0
    assert "has no connection mastodon" in refused.err


def test_write_adds_changes_and_removes_one_variant(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "draft", "fog.jpg", "-c", "instagram", "--caption", "Long.").document["post_id"]
    words = ("post", "write", post_id, "--connection", "instagram", "--text", "Short.", "--label", "short")
    assert shutterpost(*words, "--dry-run").document["count"]["length"] == len("Short.")
    short = shutterpost(*words).document
    assert (short["label"], short["channel"], short["source"]) == ("short", "instagram", "manual")
    chosen = ("post", "write", post_id, "--variant", short["variant_id"])
    assert shutterpost(*chosen, "--tone", "calm").document["tone"] == "calm"
    shown = shutterpost("post", "show", post_id, "--no-json").out
    assert short["variant_id"] in shown
    sent = shutterpost("post", "preview", post_id, "--no-json").out
    assert "6 of 2200 characters, 0 of 30 hashtags, 0 of 20 mentions" in " ".join(sent.split())
    assert "prevented by" not in sent
    by_channel = " ".join(shutterpost("post", "preview", post_id, "--channels", "--no-json").out.split())
    assert "bluesky text Long. counted 5 of 300 graphemes, 5 of 3000 bytes caption whole" in by_channel
    assert "6 of 2200 characters" in shown
    assert shutterpost("post", "reschedule", post_id, "--at", AT).err.rstrip().endswith("[variant-ambiguous]")
    named = shutterpost("post", "reschedule", post_id, "--at", AT, "--variant", short["variant_id"]).document
    assert [each["variant_id"] for each in named["schedules"]] == [short["variant_id"]]
    other = shutterpost("post", "write", post_id, "--channel", "x", "--text", "For X.").document
    left = shutterpost("post", "write", post_id, "--variant", other["variant_id"], "--remove").document["variants"]
    assert other["variant_id"] not in {each["variant_id"] for each in left}
    assert shutterpost("post", "write", post_id).code == 2
    assert shutterpost(*chosen).code == 2


def test_a_draft_of_a_text_gets_a_photo_or_is_deleted(shutterpost: Console, ready: Deployed) -> None:
    words = ("--caption", "An idea.", "--tag", "ideas", "--meta", "campaign_id=spring")
    draft = shutterpost("post", "draft", *words).document
    assert (draft["photo_ids"], draft["tags"], draft["metadata"]) == ([], ["ideas"], {"campaign_id": "spring"})
    assert "no photo" in shutterpost("post", "list", "--no-json").out
    assert shutterpost("post", "edit", draft["post_id"], "--photo", "fog.jpg").document["photo_names"] == ["fog.jpg"]
    assert "is deleted" in shutterpost("post", "delete", draft["post_id"], "--no-json").out
    assert shutterpost("post", "show", draft["post_id"]).code == 3
    assert shutterpost("post", "draft", "--meta", "campaign_id").code == 2
    assert shutterpost("post", "draft").err.rstrip().endswith("[post-empty]")


def test_list_narrows_by_what_the_api_knows(shutterpost: Console, ready: Deployed) -> None:
    draft = shutterpost("post", "draft", "--caption", "An idea.", "--tag", "ideas").document["post_id"]
    planned = shutterpost("post", "schedule", "fog.jpg", "--at", AT, "-c", "buffer").document["post_id"]

    def listed(*words: str) -> list[str]:
        return [post["post_id"] for post in shutterpost("post", "list", *words).document["posts"]]

    assert set(listed()) == {planned, draft}
    assert listed("--status", "draft") == listed("--tag", "ideas") == listed("--source", "manual") == [draft]
    assert listed("-c", "buffer") == listed("--channel", "buffer") == [planned]
    assert listed("--until", "2000-01-01") == []
    assert shutterpost("post", "list", "--status", "gone").code == 2


@pytest.mark.usefixtures("ready")
def test_a_carousel_is_scheduled_and_put_in_another_order(shutterpost: Console) -> None:
    command = ("post", "schedule", "fog.jpg", "--with", "rain.jpg", "--with", "[Ä] 1.jpg", "--at", AT)
    post = shutterpost(*command).document
    assert post["photo_names"] == ["fog.jpg", "rain.jpg", "[Ä] 1.jpg"]
    order = ("--order", "[Ä] 1.jpg", "--order", "fog.jpg", "--order", "rain.jpg")
    edited = shutterpost("post", "edit", post["post_id"], *order).document
    assert edited["photo_names"] == ["[Ä] 1.jpg", "fog.jpg", "rain.jpg"]


def test_extras_are_options_that_an_edit_changes_one_by_one(shutterpost: Console, ready: Deployed) -> None:
    given = ("--extra", "collaborator=anna", "--extra", "user_tag=bert:0.5:0.25", "--extra", "first_comment=More.")
    post = shutterpost("post", "schedule", "fog.jpg", "--at", AT, "-c", "instagram", *given).document
    assert post["extras"] == {
        "collaborators": ["anna"],
        "location_id": None,
        "first_comment": "More.",
        "content_labels": [],
        "user_tags": [{"username": "bert", "x": 0.5, "y": 0.25, "picture": 1}],
        "story": False,
    }
    shown = shutterpost("post", "show", post["post_id"], "--no-json").out
    assert "collaborator anna" in shown
    assert "bert tagged in picture 1" in shown

    edited = shutterpost("post", "edit", post["post_id"], "--extra", "first_comment=Later.").document["extras"]
    assert (edited["first_comment"], edited["collaborators"]) == ("Later.", ["anna"])
    story = shutterpost("post", "edit", post["post_id"], "--extra", "story").document["extras"]
    assert (story["story"], story["collaborators"]) == (True, [])
    assert shutterpost("post", "edit", post["post_id"], "--extra", "none").document["extras"] is None


@pytest.mark.parametrize("option", ["colaborator=anna", "user_tag=anna", "user_tag=anna:x:y", "first_comment="])
def test_an_option_that_names_no_extra_is_refused(shutterpost: Console, ready: Deployed, option: str) -> None:
    refused = shutterpost("post", "now", "fog.jpg", "--extra", option)

    assert refused.code == 2
    assert "user_tag=" in refused.err


def test_what_a_channel_leaves_out_is_said_at_once(shutterpost: Console, ready: Deployed) -> None:
    said_of = shutterpost("post", "schedule", "fog.jpg", "--at", AT, "--extra", "first_comment=More.", "--no-json").out
    assert "First comment: Buffer takes none. It is left out there." in said_of


def test_what_became_of_a_first_comment_is_shown(shutterpost: Console, ready: Deployed) -> None:
    post = shutterpost("post", "now", "fog.jpg", "-c", "instagram", "--extra", "first_comment=More.").document
    settle(ready, post["post_id"], ScheduleStatus.SUCCESS, first_comment="unclear", first_comment_note="Look at it.")
    shown = shutterpost("post", "show", post["post_id"], "--no-json").out
    assert "instagram, first comment: unclear. Look at it." in shown


def test_a_posts_language_is_an_option_of_what_makes_and_changes_it(shutterpost: Console, ready: Deployed) -> None:
    post = shutterpost("post", "schedule", "fog.jpg", "--at", AT, "--language", "fr").document
    assert post["language"] == "fr"
    assert shutterpost("post", "edit", post["post_id"], "--language", "it").document["language"] == "it"
    own = ("--channel", "bluesky", "--text", "Fog.", "--language", "en")
    assert shutterpost("post", "write", post["post_id"], *own).document["language"] == "en"
    refused = shutterpost("post", "edit", post["post_id"], "--language", "german")
    assert (refused.code, "'german' is not a language tag; use one of BCP 47" in refused.err) == (2, True)
    shown = shutterpost("post", "preview", post["post_id"], "--no-json").out
    assert "en" in [line.split()[-1] for line in shown.splitlines() if "language" in line]


def test_content_labels_are_extras(shutterpost: Console, ready: Deployed) -> None:
    given = ("--extra", "content_label=nudity", "--extra", "content_label=graphic-media")
    post = shutterpost("post", "draft", "--caption", "Fog.", *given).document
    assert post["extras"]["content_labels"] == ["nudity", "graphic-media"]
    assert "content label graphic-media" in shutterpost("post", "show", post["post_id"], "--no-json").out
    shutterpost("personas", "update", "nature", "--set", 'extras={"content_labels": ["sexual"]}')
    assert shutterpost("post", "draft", "--caption", "Fog.").document["extras"]["content_labels"] == ["sexual"]
    assert shutterpost("post", "draft", "--caption", "Fog.", "--extra", "none").document["extras"] is None
