"""Commands about webhooks."""

from tests.api.examples import an_event
from tests.support.consoles import Console
from tests.support.folders import Deployed

URL = "https://hooks.example.org/shutterpost"


def test_webhooks_commands_set_show_log_replay_and_remove(shutterpost: Console, world: Deployed) -> None:
    made = shutterpost("webhooks", "set", URL).document
    assert made["secret"].startswith("whsec_")
    assert shutterpost("webhooks", "show", "--no-json").out.strip() == URL
    assert shutterpost("webhooks", "log", "--no-json").out.strip() == "Nothing was sent in the last 30 days."
    delivery_id = an_event(world.world, world.persona_id)
    [listed] = shutterpost("webhooks", "log").document["deliveries"]
    assert listed["delivery_id"] == delivery_id
    assert "pending" in shutterpost("webhooks", "replay", delivery_id, "--no-json").out
    assert shutterpost("webhooks", "remove", "--no-json").out.strip() == f"Removed: {URL}"
    gone = shutterpost("webhooks", "show")
    assert gone.code == 3
    assert "shutterpost webhooks set URL" in gone.err


def test_an_address_that_is_not_https_is_refused(shutterpost: Console) -> None:
    refused = shutterpost("webhooks", "set", "http://hooks.example.org/")
    assert refused.code != 0
    assert refused.err.rstrip().endswith("[webhook-invalid]")
