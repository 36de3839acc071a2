"""Makes a platform fetch a public copy without publishing it, for `shutterpost doctor --try`.

Instagram fetches the picture of each container. A container that is not published is visible to nobody and expires
after a day; an account may create 400 a day.
"""

from datetime import timedelta

from shutterpost.channels import (
    Catalogue,
    Cause,
    ChannelFactory,
    ConnectionStore,
    Failure,
    Message,
    Picture,
    RemoteState,
    Status,
    Tokens,
)
from shutterpost.flows.flow import flow
from shutterpost.photos import PublicCopies
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

# Between the reads of the container's status; together less than the console waits for the function.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 20))
_NO_CALL = "{} publishes by itself and has no call that fetches a picture without publishing it."


class FetchReport(Value):
    """Whether the platform fetched the picture, with its reason; `fetched` is `None` where that is not known."""

    fetched: bool | None
    detail: str


@flow
class FetchTrial:
    """Creates one submission of a public copy, and publishes nothing."""

    clock: Clock
    catalogue: Catalogue
    connections: ConnectionStore
    tokens: Tokens
    channels: ChannelFactory
    copies: PublicCopies

    def run(self, persona_id: str, connection_id: str, public_key: str) -> FetchReport:
        """Wait until the platform has fetched the copy at `public_key`, refused it, or `PAUSES` are over.

        Raises `ConnectionUnknown`.
        """
        connection = self.connections.get(persona_id, connection_id)
        row = self.catalogue.row(connection.channel)
        if row.media == "upload":
            return FetchReport(fetched=None, detail=f"{row.name} takes uploads and fetches no picture.")
        if row.hands_over:
            return FetchReport(fetched=None, detail=_NO_CALL.format(row.name))
        account = self.tokens.account(connection)
        if isinstance(account, Failure):
            return _report_of(account)
        channel = self.channels(connection.channel)
        picture = Picture(url=self.copies.url(public_key))
        submitted = channel.submit(account, Message(text="", pictures=(picture,), run_at=self.clock.now()))
        if isinstance(submitted, Failure):
            return _report_of(submitted)
        for pause in PAUSES:
            self.clock.sleep(pause)
            status = channel.status(account, submitted.ref)
            if not isinstance(status, Status) or status.state is not RemoteState.WORKING:
                return _report_of(status)
        seconds = sum(PAUSES, timedelta()).total_seconds()
        return FetchReport(fetched=None, detail=f"The platform was still working after {seconds:.0f} seconds.")


def _report_of(status: Status | Failure) -> FetchReport:
    failure = status.failure if isinstance(status, Status) else status
    if isinstance(status, Status) and status.state is RemoteState.READY:
        report = FetchReport(fetched=True, detail="The platform fetched the picture.")
    elif failure is None:
        state = status.state if isinstance(status, Status) else status.kind
        report = FetchReport(fetched=None, detail=f"The platform names the state {state} and no reason.")
    else:
        # The picture is known to be good, so what is wrong with it for the platform is the way to it.
        refused = failure.cause is Cause.PHOTO or isinstance(status, Status)
        report = FetchReport(fetched=False if refused else None, detail=f"{failure.message} ({failure.code})")
    logger.info("fetch tried", **report.model_dump(mode="json"))
    return report
