"""Three personas in zones with different DST rules, their accounts on all channels, and their photos."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from infra.local.simulators.buffer.records import BufferSetup, ChannelSetup, OrganizationSetup
from infra.local.simulators.instagram.accounts import AccountSetup, digest
from shutterpost.channels import Connection, Failure, connection_id_of
from shutterpost.personas import ApprovalMode, Persona, Slot, new_persona
from tests.simulation.setting import OWNER, Channel, Kind, Setting, add_photo
from tests.simulation.setting import reconnect as store_token
from tests.simulation.world import World

# The last of them has a leap day.
STARTS = (
    datetime(2026, 11, 21, 5, tzinfo=UTC),
    datetime(2027, 6, 1, 5, tzinfo=UTC),
    datetime(2027, 11, 1, 5, tzinfo=UTC),
)
PICTURES = {".jpg", ".jpeg", ".png", ".heic", ".tif", ".tiff", ".webp"}
THEMES = ("lakes", "peaks", "towns")
# The share of the photos that arrive during the year.
ARRIVING = 0.075
BATCH = 25


@dataclass(frozen=True)
class Plan:
    """A persona as it is set up; `share` of the photos are its own from the beginning."""

    name: str
    zone: str
    slots: tuple[time, ...]
    kinds: tuple[Kind, ...]
    share: float
    rules: dict[str, Any] = field(default_factory=dict)


# Slots lie in the hour that spring leaves out, and in the one that autumn has twice. The third has too few photos.
PLANS = (
    Plan("Alps", "Europe/Berlin", (time(2, 30), time(18, 30)), ("instagram", "buffer"), 0.58),
    Plan(
        "Bay",
        "America/New_York",
        (time(1, 30),),
        ("facebook", "buffer"),
        0.30,
        {"strategy": "thematic_rotation", "themes": [{"name": name} for name in THEMES], "approval": ApprovalMode.VETO},
    ),
    Plan("Cove", "Australia/Lord_Howe", (time(2, 15),), ("facebook",), 0.06, {"late_grace_minutes": 240}),
)


@dataclass
class Account:
    """A connection's account on its platform; `broken_at` is when the platform began to refuse its token."""

    persona: Persona
    channel: Channel
    number: int
    renewed: int = 0
    broken_at: datetime | None = None

    @property
    def name(self) -> str:
        """The connection's display name, by which mails are recognized."""
        return f"{self.persona.name.lower()}-{self.channel.kind}"


@dataclass
class Library:
    """What is known of the photos that are not in the library yet: own files, or numbers."""

    photos: list[dict[str, Any]]
    stored: int = 0

    def take(self, count: int) -> list[dict[str, Any]]:
        """The next photos that nobody has imported."""
        taken, self.photos = self.photos[:count], self.photos[count:]
        self.stored += len(taken)
        return taken


@dataclass
class Year:
    """The world of a year."""

    world: World
    library: Library
    setting: Setting = field(default_factory=Setting)
    accounts: list[Account] = field(default_factory=list)

    def stock(self, persona: Persona, count: int) -> None:
        """Import the next `count` photos for the persona, as far as there are any."""
        taken = self.library.take(count)
        for facts in taken:
            number = self.setting.photos + 1
            faulty = self.world.fate.draw(f"fault of photo {number}") < 0.004
            add_photo(self.world, self.setting, persona, number, **{"faulty": faulty, **facts})

    def reconnect(self, account: Account) -> None:
        """Connect the account with a new token, as its owner does."""
        account.renewed += 1
        account.broken_at = None
        account.channel.token = f"{account.channel.kind}-token-{account.number}-{account.renewed}"
        _register(self.world, account)
        connection = store_token(self.world, account.channel)
        self.world.stores.connections.connect(
            persona_id=connection.persona_id,
            owner=OWNER,
            channel=connection.channel,
            account_id=connection.account_id,
            display_name=account.name,
            login=connection.login,
            organization_id=connection.organization_id,
            now=self.world.kernel.now(),
        )

    def refuse(self, account: Account) -> None:
        """Let the platform refuse the account's token from now on."""
        simulated, now = self.world.platforms.world, self.world.kernel.now()
        account.broken_at = account.broken_at or now
        if account.channel.kind == "buffer":
            simulated.buffer.accounts.pop(digest(account.channel.token), None)
            return
        for token in simulated.instagram.accounts.tokens.values():
            if token.account.ig_user_id == account.channel.account_id:
                token.expires_at = min(token.expires_at, now)

    def broken_since(self, account: Account) -> datetime | None:
        """Since when the platform refuses the stored token, if it does."""
        simulated, now = self.world.platforms.world, self.world.kernel.now()
        connection = self.connection(account)
        stored = self.world.tokens.account(connection)
        if isinstance(stored, Failure):
            return account.broken_at or now
        token = digest(stored.token.get_secret_value())
        if account.channel.kind == "buffer":
            return None if token in simulated.buffer.accounts else account.broken_at or now
        known = simulated.instagram.accounts.tokens.get(token)
        ended = known.expires_at if known else now
        return ended if ended <= now else None

    def connection(self, account: Account) -> Connection:
        """The account's connection, as it is stored."""
        return self.world.stores.connections.get(account.persona.persona_id, account.channel.connection_id)


def furnish(world: World, photos: Sequence[dict[str, Any]]) -> Year:
    """Set everything up, with nothing going wrong yet."""
    year = Year(world, Library(list(photos)))
    total = len(photos)
    for number, plan in enumerate(PLANS):
        slots = tuple(Slot(at=at) for at in plan.slots)
        persona = world.stores.personas.create(
            new_persona(
                owner=OWNER, name=plan.name, zone=plan.zone, now=world.kernel.now(), **{"slots": slots, **plan.rules}
            )
        )
        year.setting.personas.append(persona)
        for kind in plan.kinds:
            _connect(year, persona, kind, number)
        year.stock(persona, round(total * plan.share * (1 - ARRIVING)))
    return year


def made_up(world: World, count: int) -> list[dict[str, Any]]:
    """Photos by number, with scores, themes and hashes drawn from the seed; some have no analysis."""
    rng = world.fate.scatter("photos")
    return [
        {
            "score": round(rng.uniform(2.0, 9.9), 2),
            "provisional": rng.random() < 0.05,
            "theme": rng.choice(THEMES),
            "dhash": f"{rng.getrandbits(64):016x}",
            "sharpness": 100.0,
            "exposure": 0.5,
            "caption": "" if rng.random() < 0.2 else f"{rng.choice(THEMES).title()} in the light of day {number}.",
        }
        for number in range(count)
    ]


def from_folder(folder: Path, analyses: Path | None) -> list[dict[str, Any]]:
    """The pictures of a folder with their analyses; without one, a photo's score is provisional."""
    known = {key: line for line in _lines(analyses) for key in (line.get("sha256"), line.get("photo")) if key}
    photos = []
    for path in sorted(item for item in folder.rglob("*") if item.suffix.lower() in PICTURES):
        photo_id = hashlib.sha256(path.read_bytes()).hexdigest()
        analysis = known.get(photo_id) or known.get(path.name) or {}
        photos.append(
            {
                "photo_id": photo_id,
                "names": (path.name,),
                "score": analysis.get("aesthetic_score", 5.0),
                "provisional": "aesthetic_score" not in analysis,
                "theme": analysis.get("theme") or "",
                "caption": analysis.get("caption") or "",
            }
        )
    return photos


def _lines(analyses: Path | None) -> Iterator[dict[str, Any]]:
    lines: Iterable[str] = analyses.read_text("utf-8").splitlines() if analyses else ()
    return (json.loads(line) for line in lines if line.strip())


def _connect(year: Year, persona: Persona, kind: Kind, number: int) -> None:
    if kind == "buffer":
        name, account_id, organization = "buffer", f"{number + 17:024x}", f"{number + 1:024x}"
    else:
        name, account_id, organization = "instagram", f"1784140000000000{number}", None
    connection_id = connection_id_of(persona.persona_id, name, account_id)
    channel = Channel(persona.persona_id, connection_id, kind, account_id, "", organization)
    account = Account(persona, channel, number)
    year.setting.channels.append(channel)
    year.accounts.append(account)
    year.reconnect(account)


def _register(world: World, account: Account) -> None:
    channel, simulated = account.channel, world.platforms.world
    if channel.kind == "buffer":
        organization = OrganizationSetup(
            id=channel.organization_id, name="Studio", channels=[ChannelSetup(id=channel.account_id, name=account.name)]
        )
        simulated.buffer.configure(BufferSetup(api_key=channel.token, organizations=[organization]))
        return
    setup = AccountSetup(token=channel.token, kind=channel.kind, ig_user_id=channel.account_id, username=account.name)
    simulated.instagram.accounts.configure(setup, world.kernel.now())
