"""The port of generators, which propose texts for a channel."""

from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import Field

from shutterpost.authoring.session import LengthHint
from shutterpost.runtime.values import Value

ReadPicture = Callable[[], bytes]
"""Reads the picture's JPEG; called only by a generator that looks at it."""


class GenerationFailed(Exception):
    """The generator has no text for a channel; the message is the reason, for the caller of the API."""


class GeneratorBusy(Exception):
    """The generator does not answer now; a later attempt may succeed."""


class Brief(Value):
    """What to write: for a channel with its limits, in a persona's voice, about a photo's `facts`.

    `prompt` is the person's; `facts` come from metadata and are data, whatever they say; `bodies` are templates.
    """

    persona_id: str
    persona_name: str
    voice: str = ""
    channel: str
    channel_name: str
    max_length: int
    unit: str
    max_alt_text: int | None = None
    prompt: str
    tone: str | None = None
    length: LengthHint | None = None
    language: str | None = None
    bodies: tuple[str, ...] = ()
    facts: Mapping[str, str] = Field(default_factory=dict)
    alt_text: str = ""
    wanted: int


class ProposedText(Value):
    content: str
    alt_text: str = ""
    score: float | None = None


class Generator(Protocol):
    name: str

    def generate(self, brief: Brief, picture: ReadPicture | None) -> tuple[ProposedText, ...]:
        """Up to `brief.wanted` texts, the best first. Raises `GenerationFailed` or `GeneratorBusy`."""
        ...

    def reword(self, brief: Brief, text: ProposedText) -> ProposedText | None:
        """A text that is too long for the channel in fewer words; `None` if the generator cannot."""
        ...
