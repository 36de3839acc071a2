"""The causes after which a photo can be picked again, written down a second time for the oracles."""

RETURNING = frozenset({"account", "token", "quota", "platform"})
