"""The named choices of a persona's rules."""

from enum import StrEnum


class PersonaStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"


class RatioPolicy(StrEnum):
    PAD = "pad"
    CROP = "crop"
    SKIP = "skip"


class ApprovalMode(StrEnum):
    """Review mode for new picks: none, publish unless rejected, or publish only if approved."""

    AUTO = "auto"
    VETO = "veto"
    APPROVAL = "approval"


class Digest(StrEnum):
    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class LateThen(StrEnum):
    NEXT_SLOT = "next_slot"
    SKIP = "skip"
