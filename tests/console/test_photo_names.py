"""Photos whose file names have characters that end a path."""

import pytest

from tests.support.builders import sha
from tests.support.consoles import Console
from tests.support.folders import Deployed


@pytest.mark.parametrize("name", ["a?b.jpg", "#1 fog.jpg", "100%41.jpg", "a&b=c+d.jpg"])
def test_a_photo_of_any_name_is_shown_and_explained(world: Deployed, shutterpost: Console, name: str) -> None:
    photo = world.world.photo(world.persona_id, name)
    assert shutterpost("photos", "show", name).document["photo_id"] == photo.photo_id
    assert shutterpost("explain", name).document["photo_id"] == photo.photo_id


def test_an_unknown_or_ambiguous_photo_is_refused(world: Deployed, shutterpost: Console) -> None:
    for number in range(2):
        world.world.photo(world.persona_id, "twin.jpg", photo_id=sha(f"twin {number}"))
    unknown, ambiguous = shutterpost("photos", "show", "rain?.jpg"), shutterpost("explain", "twin.jpg")
    assert "has no photo rain?.jpg" in unknown.err
    assert sha("twin 0")[:12] in ambiguous.err
    assert unknown.code == ambiguous.code != 0


def test_photos_are_edited_and_kept_out_by_name(world: Deployed, shutterpost: Console) -> None:
    for name in ("fog.jpg", "rain.jpg"):
        world.world.photo(world.persona_id, name)
    words = ("--caption", "Mine.", "--alt-text", "Grey.", "--keyword", "fog", "--rating", "3", "--theme", "weather")
    focus = ("--focus", "0.25, 1")
    assert shutterpost("photos", "edit", "fog.jpg", *words, *focus).document["results"][0]["kind"] is None
    shown = shutterpost("photos", "show", "fog.jpg").document
    assert (shown["caption"], shown["alt_text"], shown["rating"], shown["theme"]) == ("Mine.", "Grey.", 3, "weather")
    assert shown["focus"] == [0.25, 1]
    assert shutterpost("photos", "edit", "fog.jpg", "--focus", "left").code == 2
    out = shutterpost("photos", "keep-out", "fog.jpg", "rain.jpg", "gone.jpg", "--reason", "Blurred.")
    assert (out.code, "photo-not-found" in out.out) == (1, True)
    assert shutterpost("photos", "list", "--unposted").document["photos"] == []
    assert "Blurred." in shutterpost("photos", "show", "rain.jpg", "--no-json").out
    assert shutterpost("photos", "keep-out", "rain.jpg", "--undo").code == 0
    assert [photo["names"] for photo in shutterpost("photos", "list", "--unposted").document["photos"]] == [
        ["rain.jpg"]
    ]
    assert shutterpost("photos", "edit", "fog.jpg").code == 2
    assert shutterpost("photos", "keep-out", "fog.jpg").code == 2
    other = shutterpost("photos", "show", "rain.jpg").document["photo_id"]
    assert shutterpost("photos", "edit", "fog.jpg", "--kept-with", "rain.jpg").code == 0
    assert shutterpost("photos", "show", "fog.jpg").document["kept_with"] == [other]
