"""Photos and rejected files through the API."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shutterpost.photos import Analysis
from shutterpost.runtime.clients import client
from tests.api.calling import Caller
from tests.api.world import World, rejected_file
from tests.support.builders import sha


def test_unposted_photos_are_listed_best_first_in_pages(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    for name, score in (("low.jpg", 2.0), ("high.jpg", 9.0), ("middle.jpg", 5.5)):
        world.photo(persona_id, name, score=score)
    path = f"/personas/{persona_id}/photos"
    first = me.get(path, unposted="true", limit="2")
    second = me.get(path, unposted="true", limit="2", cursor=first.body["cursor"])
    names = [photo["names"][0] for page in (first, second) for photo in page.body["photos"]]
    assert names == ["high.jpg", "middle.jpg", "low.jpg"]
    assert second.body["cursor"] is None


def test_all_photos_are_listed_by_id_in_pages(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    world.photo(persona_id, "rain.jpg")
    me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"})
    path = f"/personas/{persona_id}/photos"
    first = me.get(path, limit="1")
    second = me.get(path, limit="1", cursor=first.body["cursor"])
    photo_ids = [item["photo_id"] for page in (first, second) for item in page.body["photos"]]
    assert photo_ids == sorted([photo.photo_id, sha("rain.jpg")])
    unposted = me.get(path, unposted="true").body["photos"]
    assert [item["names"] for item in unposted] == [["rain.jpg"]]


@pytest.mark.parametrize("unposted", ["true", "false"])
@pytest.mark.parametrize("cursor", ["bm9ib2R5", "*", ""])
def test_a_cursor_that_no_page_gave_is_refused(world: World, me: Caller, unposted: str, cursor: str) -> None:
    answer = me.get(f"/personas/{world.persona(me)}/photos", unposted=unposted, cursor=cursor)
    assert answer.problem() == (422, "cursor-invalid")


def test_a_photo_is_found_by_id_beginning_or_name(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    photo = world.photo(persona_id, "Brume d'été (1).jpg")
    for text in (photo.photo_id, photo.photo_id[:8], "Brume d'été (1).jpg"):
        answer = me.get(f"/personas/{persona_id}/photos/{text}")
        assert (answer.status, answer.body["photo_id"]) == (200, photo.photo_id)


def test_an_unknown_or_ambiguous_photo_is_refused_by_name(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    for number in range(2):
        world.photo(persona_id, "twin.jpg", photo_id=sha(f"twin {number}"))
    path = f"/personas/{persona_id}/photos"
    assert me.get(f"{path}/rain.jpg").problem() == (404, "photo-not-found")
    answer = me.get(f"{path}/twin.jpg")
    assert answer.problem() == (409, "photo-ambiguous")
    assert answer.body["photo_ids"] == sorted([sha("twin 0"), sha("twin 1")])


def test_rejected_files_are_listed_with_their_reasons_in_pages(world: World, me: Caller, rival: Caller) -> None:
    persona_id = world.persona(me)
    others = world.persona(rival, "Rival")
    for owner, name in ((persona_id, "a.txt"), (persona_id, "b.txt"), (persona_id, "c.txt"), (others, "d.txt")):
        rejected_file(world, owner, name)
    path = f"/personas/{persona_id}/rejected"
    first = me.get(path, limit="2")
    second = me.get(path, limit="2", cursor=first.body["cursor"])
    result = [item for page in (first, second) for item in page.body["rejected"]]
    assert [item["rejected_key"] for item in result] == [f"rejected/{persona_id}/{name}.txt" for name in "abc"]
    assert {item["reason"] for item in result} == {"not-an-image"}
    assert second.body["cursor"] is None


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
def test_a_reason_that_is_removed_after_the_listing_is_left_out(world: World, me: Caller, code: str) -> None:
    persona_id = world.persona(me)
    for name in ("kept.txt", "removed.txt"):
        rejected_file(world, persona_id, name)

    # A role that may list one prefix only gets 403 for an object that does not exist.
    def vanish(params: dict[str, Any], **_: Any) -> None:
        if "removed.txt" in params["url_path"]:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")

    events = client("s3").meta.events
    events.register("before-call.s3.GetObject", vanish)
    try:
        answer = me.get(f"/personas/{persona_id}/rejected")
    finally:
        events.unregister("before-call.s3.GetObject", vanish)
    assert answer.status == 200
    assert [item["rejected_key"] for item in answer.body["rejected"]] == [f"rejected/{persona_id}/kept.txt"]


def test_photos_that_look_alike_are_listed_in_groups(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    for name, dhash in {"a.jpg": "0" * 16, "b.jpg": "0" * 15 + "7", "far.jpg": "f" * 16}.items():
        world.photo(persona_id, name, dhash=dhash)
    answer = me.get(f"/personas/{persona_id}/photos/duplicates").body
    [group] = answer["groups"]
    assert [photo["name"] for photo in group["photos"]] == ["a.jpg", "b.jpg"]
    assert (group["bits"], group["burst"], answer["compared"], answer["whole"]) == (3, False, 3, True)


@pytest.mark.parametrize("cursor", ["GET", "AA"])
def test_a_cursor_with_control_characters_is_refused(world: World, me: Caller, cursor: str) -> None:
    answer = me.get(f"/personas/{world.persona(me)}/rejected", cursor=cursor)
    assert answer.problem() == (422, "cursor-invalid")


def give_vectors(world: World, persona_id: str, vectors: dict[str, tuple[float, ...]]) -> None:
    """Photos with vectors of the model `two`."""
    for name, vector in vectors.items():
        photo = world.photo(persona_id, name)
        analysis = Analysis(photo=name, aesthetic_score=7.0, embedding=vector, embedding_model="two")
        world.services.photos.record_analysis(persona_id, photo.owner, analysis, stated_at=world.clock.now())


def test_photos_are_searched_by_a_photo_and_by_a_vector(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    world.connection(me, persona_id)
    give_vectors(world, persona_id, {"fog.jpg": (1.0, 0.0), "mist.jpg": (0.8, 0.6), "sun.jpg": (-1.0, 0.0)})
    path = f"/personas/{persona_id}/photos"

    like = me.get(f"{path}/fog.jpg/similar").body
    assert [(each["names"], round(each["similarity"], 3)) for each in like["photos"]] == [
        (["mist.jpg"], 0.8),
        (["sun.jpg"], -1.0),
    ]
    assert (like["model"], like["compared"], like["whole"]) == ("two", 2, True)
    words = {"model": "two", "vector": [1.0, 0.1]}
    result = me.post(f"{path}/search", {**words, "limit": 2}).body
    assert [each["photo_id"] for each in result["photos"]] == [sha("fog.jpg"), sha("mist.jpg")]

    me.post(f"/personas/{persona_id}/posts", {"photo": "mist.jpg"})
    assert [each["names"] for each in me.get(f"{path}/fog.jpg/similar", unposted="true").body["photos"]] == [
        ["sun.jpg"]
    ]
    free = me.post(f"{path}/search", {**words, "unposted": True}).body["photos"]
    assert [each["names"] for each in free] == [["fog.jpg"], ["sun.jpg"]]
    assert [each["in_unposted"] for each in me.get(f"{path}/fog.jpg/similar").body["photos"]] == [False, True]


def test_a_search_without_a_comparable_vector_is_refused(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    give_vectors(world, persona_id, {"fog.jpg": (1.0, 0.0)})
    world.photo(persona_id, "plain.jpg")
    path = f"/personas/{persona_id}/photos"
    assert me.get(f"{path}/plain.jpg/similar").problem() == (409, "photo-without-vector")
    for body in ({"model": "three", "vector": [1.0, 0.0]}, {"model": "two", "vector": [1.0, 0.0, 0.0]}):
        answer = me.post(f"{path}/search", body)
        assert answer.problem() == (422, "vector-unfit")
        assert answer.body["models"] == {"two": 2}
    assert me.post(f"{path}/search", {"model": "two", "vector": [0.0, 0.0]}).broken() == {"vector": "value_error"}


def test_vectors_are_listed_with_their_photos_analyses(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        world.photo(persona_id, name)
    photos = world.services.photos
    for name, objects in (("a.jpg", ("bird",)), ("c.jpg", ())):
        analysis = Analysis(
            photo=name, aesthetic_score=7.0, detected_objects=objects, embedding=(3.0, 4.0), embedding_model="two"
        )
        owner = photos.find(persona_id, name).owner
        photos.record_analysis(persona_id, owner, analysis, stated_at=world.clock.now())
    path = f"/personas/{persona_id}/photos/vectors"
    first = me.get(path, limit="2").body
    second = me.get(path, limit="2", cursor=first["cursor"]).body
    result = {item["photo_id"]: item for item in (*first["vectors"], *second["vectors"])}
    assert result.keys() == {sha("a.jpg"), sha("c.jpg")}
    assert (result[sha("a.jpg")]["vector"], result[sha("a.jpg")]["model"]) == ([3.0, 4.0], "two")
    assert result[sha("a.jpg")]["objects"] == ["bird"]
    assert second["cursor"] is None


# Characters that end a path, separate its segments, or mean something in a query or an escape.
AWKWARD_NAMES = ["a?b.jpg", "#1 fog.jpg", "100%41.jpg", "a&name=b+c.jpg", 'the "fog".jpg', "c;d=e.jpg", "a`b.jpg"]


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_a_photo_of_any_name_is_found_by_the_query(world: World, me: Caller, name: str) -> None:
    persona_id = world.persona(me)
    photo = world.photo(persona_id, name)
    world.photo(persona_id, "other.jpg")
    path = f"/personas/{persona_id}/photos"
    for text in (name, photo.photo_id, photo.photo_id[:8]):
        page = me.get(path, name=text).body
        assert [item["photo_id"] for item in page["photos"]] == [photo.photo_id]
        assert page["cursor"] is None
    assert me.get(f"{path}/{photo.photo_id}/explain").status == 200


def test_photos_are_filtered_by_name_and_by_use(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    for number in range(2):
        world.photo(persona_id, "twin.jpg", photo_id=sha(f"twin {number}"))
    path = f"/personas/{persona_id}/photos"
    assert me.get(path, name="rain.jpg").body["photos"] == []
    assert {item["photo_id"] for item in me.get(path, name="twin.jpg").body["photos"]} == {sha("twin 0"), sha("twin 1")}
    me.post(f"/personas/{persona_id}/posts", {"photo": photo.photo_id})
    assert len(me.get(path, name="fog.jpg").body["photos"]) == 1
    assert me.get(path, name="fog.jpg", unposted="true").body["photos"] == []


@pytest.mark.parametrize("name", ["a?b.jpg", "#1 fog.jpg"])
def test_a_name_that_a_path_cannot_have_is_refused_with_the_way_to_find_it(world: World, me: Caller, name: str) -> None:
    persona_id = world.persona(me)
    world.photo(persona_id, name)
    answer = me.get(f"/personas/{persona_id}/photos/{name}")
    assert answer.problem() == (404, "route-unknown")
    assert "photos?name=NAME" in answer.body["detail"]
