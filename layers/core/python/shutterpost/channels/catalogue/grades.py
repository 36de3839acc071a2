"""How exactly a channel lets a publish call be repeated after an unclear answer."""

from enum import StrEnum


class Grade(StrEnum):
    """What an unclear publish call allows; its rules are in `flows/publishing/decision.py`."""

    # The platform refuses a second post for ever: the call is repeated at once.
    A = "A"
    # It does so for an hour, and the post is looked up by an id that is already held.
    B = "B"
    # The post is looked up so, and nothing prevents a second one.
    C = "C"
    # A post is looked up by its text and time alone.
    D = "D"
    # It cannot be looked up.
    E = "E"
