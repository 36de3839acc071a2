"""Publishing: the steps of the publish chain."""
