"""The steps of the publish chain, by the state of the state machine they serve."""
