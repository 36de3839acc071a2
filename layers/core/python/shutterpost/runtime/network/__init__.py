"""Rules for calls to hosts that others name."""
