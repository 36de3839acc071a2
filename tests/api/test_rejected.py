"""Retrying and forgetting rejected files through the API."""

import pytest

from tests.api.calling import Caller
from tests.api.world import World, import_requests, rejected_file
from tests.support.aws import BUCKET, keys_in


def test_a_retry_asks_the_import_for_the_named_files(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    first, _, third = (rejected_file(world, persona_id, name) for name in ("a.txt", "b.txt", "c.txt"))
    answer = me.post(f"/personas/{persona_id}/rejected/retry", {"rejected_keys": [first, third, first]})
    assert (answer.status, [file["rejected_key"] for file in answer.body["files"]]) == (202, [first, third])
    assert sorted(message["rejected_key"] for message in import_requests()) == [first, third]
    # The import moves and deletes; until then the files are listed.
    assert len(me.get(f"/personas/{persona_id}/rejected").body["rejected"]) == 3


def test_a_forgotten_file_is_deleted_with_its_reason(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    first, second = (rejected_file(world, persona_id, name) for name in ("a.txt", "b.txt"))
    world.s3.put_object(Bucket=BUCKET, Key=f"photos/{persona_id}/a.txt", Body=b"the corrected one")
    answer = me.post(f"/personas/{persona_id}/rejected/forget", {"rejected_keys": [first]})
    assert (answer.status, answer.body["files"][0]["reason"]) == (200, "not-an-image")
    left = [f"photos/{persona_id}/a.txt", second, f"{second}.reason.json"]
    assert keys_in(world.s3) == left
    again = me.post(f"/personas/{persona_id}/rejected/forget", {"rejected_keys": [first]})
    assert again.problem() == (404, "rejected-not-found")


@pytest.mark.parametrize("action", ["retry", "forget"])
def test_one_unknown_file_refuses_the_request_before_anything(world: World, me: Caller, action: str) -> None:
    persona_id, other = world.persona(me), world.persona(me, "Other")
    mine, theirs = rejected_file(world, persona_id, "a.txt"), rejected_file(world, other, "b.txt")
    before = keys_in(world.s3)
    for unknown in (theirs, f"rejected/{persona_id}/none.txt", f"photos/{persona_id}/a.txt"):
        answer = me.post(f"/personas/{persona_id}/rejected/{action}", {"rejected_keys": [mine, unknown]})
        assert (answer.problem(), answer.body["rejected_key"]) == ((404, "rejected-not-found"), unknown)
    assert (keys_in(world.s3), import_requests()) == (before, [])
