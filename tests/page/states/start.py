"""States of the first steps."""

from tests.page.fake_api import Reply, example, refusal
from tests.page.stage import State

NOBODY = Reply(example("getOverview", needs=[], personas=[]))
NO_ACCOUNT = {"listConnections": Reply(example("listConnections", connections=[]))}

STATES = (
    State("start", "no-persona", "input[name=zone]", {"getOverview": NOBODY}),
    State("start", "no-account", ".command", NO_ACCOUNT),
    State("start", "connected", ".accounts"),
    State("start", "refused", "[role=alert]", {"listChannels": refusal(500, "internal", "It failed; try again.")}),
)
