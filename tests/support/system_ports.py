"""What a system has in place of AWS and its owner: executions, mail, import queues, public copies, and the clock."""

from datetime import datetime, timedelta

from infra.local.simulators import Simulators
from shutterpost.flows.notifying.conditions import Condition
from shutterpost.photos import PublicCopies
from shutterpost.runtime.clients import client
from shutterpost.scheduling import Schedule
from tests.support.simulated_channels import Bench

BUCKET = "library"
CDN = "cdn.example.test"


class SteadyClock:
    """The simulators' frozen clock, read once; only sleeping moves it."""

    def __init__(self, sim: Simulators) -> None:
        self._sim = sim
        self._now = sim.now()
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        """The simulated instant, UTC."""
        return self._now

    def sleep(self, duration: timedelta) -> None:
        """Advance the clock; the simulators do what falls due."""
        self.slept.append(duration)
        if duration > timedelta(0):
            self._now = self._sim.advance(duration.total_seconds())


class Executions:
    """Step Functions: executions by name, each name once, which run when a test runs them."""

    def __init__(self) -> None:
        self.waiting: list[Schedule] = []
        self.names: set[str] = set()

    def start(self, schedule: Schedule) -> None:
        """Keep the execution; a name that was used before is a success without effect."""
        if schedule.execution_name not in self.names:
            self.names.add(schedule.execution_name)
            self.waiting.append(schedule)


class Mailbox:
    """The subjects and texts of the owner's mails."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str]] = []

    def send(self, subject: str, text: str) -> None:
        """Keep the message."""
        self.messages.append((subject, text))


class KnownQueues:
    """The import's queues: conditions that a test sets."""

    def __init__(self) -> None:
        self.standing: list[Condition] = []

    def conditions(self) -> list[Condition]:
        """The conditions that were set."""
        return self.standing


class ServedCopies(PublicCopies):
    """Public copies that the platforms reach through the picture host, in the CDN's place."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(BUCKET, CDN)
        self._bench = bench

    def publish(self, rendition_key: str, public_key: str) -> str:
        """Copy the rendition, and serve its bytes from the picture host."""
        super().publish(rendition_key, public_key)
        body = client("s3").get_object(Bucket=BUCKET, Key=public_key)["Body"].read()
        return self._bench.pictures.put(f"/{public_key}", body)

    def url(self, public_key: str) -> str:
        """The picture host's address of the copy."""
        return f"{self._bench.pictures.base_url}/{public_key}"
