"""The causes after which a photo can be picked again, stated independently for the oracles."""

RETURNING = frozenset({"account", "token", "quota", "platform"})
