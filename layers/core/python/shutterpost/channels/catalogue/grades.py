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

    @property
    def unclear_outcome(self) -> str:
        """What happens after a publish call without a clear answer, for the owner of the account."""
        return _UNCLEAR_OUTCOMES[self]


_UNCLEAR_OUTCOMES = {
    Grade.A: "A post without a clear answer is sent again at once; the platform takes it only once.",
    Grade.B: "A post without a clear answer is looked up and sent again; for an hour the platform takes it only once.",
    Grade.C: "A post without a clear answer is looked up twice, and sent again if it is not there.",
    Grade.D: "A post without a clear answer is looked for by its text and time; if that is not clear, you are asked.",
    Grade.E: "The platform does not show this account's posts to apps: after a post without a clear answer you are "
    "asked whether it is live, and it is not sent again.",
}
