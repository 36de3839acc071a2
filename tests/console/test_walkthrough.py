"""The README's walk-through runs as printed."""

import shlex

import pytest

from tests.console.walkthrough import COMMANDS, commands_written_down
from tests.support.consoles import Console
from tests.support.folders import Deployed

PHOTOS = ("dunes.jpg", "fog.jpg", "rain.jpg")


def words_of(line: str) -> list[str]:
    """The arguments of the console in a line."""
    name, *words = shlex.split(line.partition("|")[0])
    assert name == "shutterpost"
    return words


def test_the_readme_has_the_recorded_commands() -> None:
    written = commands_written_down()
    photo, post = words_of(written[2])[2], words_of(written[5])[2]
    assert written == [line.replace("{photo}", photo).replace("{post}", post) for line in COMMANDS]


@pytest.mark.parametrize("channel", ["buffer", "instagram"])
def test_the_readme_s_commands_work(shutterpost: Console, world: Deployed, channel: str) -> None:
    world.world.connection(world.caller, world.persona_id, channel)
    for name in PHOTOS:
        world.world.photo(world.persona_id, name)
    listing, photos, first, again, sync, show = map(words_of, commands_written_down())
    assert [persona["name"] for persona in shutterpost(*listing).document["personas"]] == ["Nature Explorer"]
    name = shutterpost(*photos).document["photos"][0]["names"][0]
    there = first[2]
    post = shutterpost(*(name if term == there else term for term in first)).document
    assert post["base_caption"] == "A stunning mountain vista."
    refused = shutterpost(*(name if term == there else term for term in again))
    assert (refused.code, post["post_id"] in refused.err) == (1, True)
    assert shutterpost(*sync).document["looked_at"] == 0
    assert "events" in shutterpost(*(post["post_id"] if term == show[2] else term for term in show)).document
