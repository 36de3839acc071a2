"""Commands for a demo on this machine."""
