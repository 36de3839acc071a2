"""The adapter of each channel."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

from shutterpost.channels.answers.known import ReportUnknown
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.ports import Channel, ChannelFactory, PictureReader, SessionStore
from shutterpost.runtime.clock import Clock, SystemClock
from shutterpost.runtime.settings import PlatformSettings


@dataclass(frozen=True, slots=True)
class Tools:
    """What adapters are made of; `report` receives unknown answers, `pictures` reads what is uploaded."""

    settings: PlatformSettings
    report: ReportUnknown
    pictures: PictureReader
    sessions: SessionStore
    clock: Clock = field(default_factory=SystemClock)


def adapters(tools: Tools) -> ChannelFactory:
    """Adapters, each imported and created at its first use: a function loads those of its own posts alone."""
    created: dict[str, Channel] = {}

    def adapter(channel: str) -> Channel:
        row = catalogue().active(channel)
        name = row.adapter or row.key
        if name not in created:
            created[name] = _class_of(name)(tools)
        return created[name]

    return adapter


def _class_of(name: str) -> Callable[[Tools], Channel]:
    made: Callable[[Tools], Channel] = import_module(f"shutterpost.channels.{name}").Adapter
    return made
