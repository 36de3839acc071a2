"""The adapter of each channel."""

from shutterpost.channels.answers.known import ReportUnknown
from shutterpost.channels.catalogue import catalogue
from shutterpost.channels.ports import Channel, ChannelFactory
from shutterpost.channels.refusals import ChannelDisabled
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.settings import PlatformSettings


def adapters(
    settings: PlatformSettings, clock: Clock | None = None, report: ReportUnknown | None = None
) -> ChannelFactory:
    """Adapters, each created at its first use; `report` receives unknown answers (default: log and metric)."""
    created: dict[str, Channel] = {}

    def adapter(channel: str) -> Channel:
        row = catalogue().active(channel)
        if channel not in created:
            created[channel] = _make(row.key, settings, clock, report)
        return created[channel]

    return adapter


def _make(key: str, settings: PlatformSettings, clock: Clock | None, report: ReportUnknown | None) -> Channel:
    # Imported late: a function that never calls a platform need not load an HTTP client.
    if key == "instagram":
        from shutterpost.channels.instagram import InstagramChannel

        return InstagramChannel(settings, clock, report)
    if key == "buffer":
        from shutterpost.channels.buffer import BufferChannel

        return BufferChannel(settings, clock, report)
    raise ChannelDisabled(f"There is no adapter for {key} yet.", channel=key)
