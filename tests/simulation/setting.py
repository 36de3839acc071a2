"""What a history begins with: personas, accounts, connections and photos, drawn from the seed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeAlias

from pydantic import SecretStr

from infra.local.simulators.buffer.records import BufferSetup, ChannelSetup, OrganizationSetup
from infra.local.simulators.instagram.accounts import AccountSetup
from shutterpost.channels import Budget, Connection, connection_id_of
from shutterpost.personas import ApprovalMode, Carousels, LateThen, Persona, Slot, new_persona
from shutterpost.photos import Photo
from tests.simulation.aws import FAULTY
from tests.simulation.fate import Fate
from tests.simulation.faults import OPERATIONS, Fault, Weather, every_fault
from tests.simulation.kinds import DECLARED, NewAccount
from tests.simulation.world import World

OWNER = "111122223333/role/Photographer"
# `facebook`, `instagram` (the logins of Instagram), `buffer`, or the name of a declared kind.
Kind: TypeAlias = str
LOGINS = frozenset({"facebook", "instagram"})
KINDS: tuple[Kind, ...] = ("facebook", "instagram", "buffer", *DECLARED)
STARTS = (
    datetime(2026, 11, 21, 5, tzinfo=UTC),
    datetime(2026, 3, 28, 5, tzinfo=UTC),
    datetime(2026, 10, 24, 5, tzinfo=UTC),
)
TAKEN = datetime(2025, 5, 1, 12, tzinfo=UTC)
# What the channels that take uploads ask for.
FOR_UPLOADS = ("feed", "compact")
# More than a history uses.
_BUDGET = Budget(posts=500, dollars=100)
GRACES = (0, 5, 60, 60, 360, 7 * 24 * 60)


@dataclass
class Channel:
    """A connection of a persona, and how its account is reached on the platform."""

    persona_id: str
    connection_id: str
    kind: Kind
    account_id: str
    token: str
    organization_id: str | None = None


@dataclass
class Setting:
    """Everybody and everything there is at the beginning."""

    personas: list[Persona] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    photos: int = 0
    # The kinds of renditions that each photo has.
    renditions: tuple[str, ...] = ("feed",)

    def of(self, persona_id: str) -> list[Channel]:
        """A persona's connections."""
        return [channel for channel in self.channels if channel.persona_id == persona_id]


def start_of(fate: Fate) -> datetime:
    """When the history begins."""
    return fate.choice("start", STARTS)


def weather_of(fate: Fate, operations: Sequence[str] = OPERATIONS) -> Weather:
    """How bad it will be: some histories have all faults, others a few, so that none hides another."""
    level = fate.choice("faults", (0.0, 0.004, 0.012, 0.03))
    some = frozenset(fault for fault in Fault if fate.draw(f"with {fault}") < 0.6)
    return Weather(
        breaks=level,
        breaks_writes=fate.choice("write faults", (level, 0.2, 0.5)),
        breaks_reads=fate.choice("read faults", (level, level, 0.1, 0.3)),
        preempts=fate.choice("preempts", (0.0, 0.02, 0.15)),
        kinds=frozenset(Fault) if fate.draw("all faults") < 0.4 else some,
        lag=fate.choice("lag", (0.0, 0.0, 0.1)),
        latest=fate.choice("latest", (10.0, 100.0, 200.0)),
        focus=fate.choice("focus", every_fault(operations)) if fate.draw("has focus") < 0.5 else None,
    )


def furnish(world: World, kinds: Sequence[Kind] = ()) -> Setting:
    """Make it all, with nothing going wrong yet: connections of `kinds`, or of Instagram's and Buffer's."""
    fate, setting = world.fate, Setting(renditions=FOR_UPLOADS if set(kinds) & set(DECLARED) else ("feed",))
    world.renditions = setting.renditions
    settings = world.platforms.world.settings
    settings.processing_seconds = fate.choice("processing", (0.3, 8.0, 45.0))
    settings.sending_seconds = fate.choice("sending", (1.0, 30.0, 900.0))
    settings.refuse_past_due = fate.draw("past due") < 0.5
    shared = fate.draw("shared account") < 0.25
    same_photos = fate.draw("same photos") < 0.5
    for number in range(fate.choice("personas", (1, 2, 2))):
        persona = world.stores.personas.create(_persona(world, number))
        setting.personas.append(persona)
        for kind in _some_of(fate, number, kinds) if kinds else _kinds(fate, number):
            setting.channels.append(connect(world, persona, kind, 0 if shared else number))
        for photo in range(fate.choice(f"photos {number}", (1, 2, 4))):
            add_photo(world, setting, persona, photo if shared and same_photos else 100 * number + photo)
    return setting


def add_photo(
    world: World, setting: Setting, persona: Persona, number: int, *, faulty: bool | None = None, **facts: Any
) -> Photo:
    """A photo with its rendition, as import leaves it; `faulty` ones are refused by Instagram."""
    setting.photos += 1
    if faulty is None:
        faulty = number % 100 < 4 and world.fate.draw(f"faulty {number}") < 0.08
    photo_id = f"{FAULTY}{number:063x}" if faulty else f"{number:064x}"
    renditions = {name: f"renditions/{persona.persona_id}/{photo_id}/{name}.jpg" for name in setting.renditions}
    for rendition in renditions.values():
        world.account.objects.put(rendition, photo_id, world.kernel.now())
    photo: dict[str, Any] = {
        "persona_id": persona.persona_id,
        "owner": persona.owner,
        "photo_id": photo_id,
        "names": (f"photo-{number}.jpg",),
        "keys": (f"photos/{persona.persona_id}/photo-{number}.jpg",),
        "format": "JPEG",
        "width": 1200,
        "height": 900,
        "byte_size": 1000,
        "imported_at": world.kernel.now(),
        "score": 9 - number % 7,
        "renditions": renditions,
        "caption": "A calm lake." if world.fate.draw(f"caption {number}") < 0.3 else f"Photo number {number}.",
        "alt_text": f"Photo {number}",
        # Those that a persona begins with are bursts of two.
        "dhash": f"{1 << number % 2:016x}",
        "captured_at": TAKEN + timedelta(minutes=number // 2, seconds=number % 2),
    }
    return world.stores.photos.record(Photo.model_validate({**photo, **facts})).photo


def _persona(world: World, number: int) -> Persona:
    fate, now = world.fate, world.kernel.now()
    key = f"persona {number}"
    hours = sorted({6 + int(fate.draw(f"{key} slot {n}") * 16) for n in range(fate.choice(f"{key} slots", (1, 1, 2)))})
    slots = tuple(Slot(at=time(hour, fate.choice(f"{key} minute {hour}", (0, 2, 30)))) for hour in hours)
    tomorrow = (now + timedelta(days=1)).date()
    rules: dict[str, Any] = {
        "slots": slots,
        "late_grace_minutes": fate.choice(f"{key} grace", GRACES),
        "late_then": fate.choice(f"{key} late", list(LateThen)),
        "approval": fate.choice(f"{key} approval", [ApprovalMode.AUTO, ApprovalMode.AUTO, *ApprovalMode]),
        "veto_hours": fate.choice(f"{key} veto", (1, 3)),
        "once_anywhere": fate.draw(f"{key} once") < 0.15,
        "min_gap_minutes": fate.choice(f"{key} gap", (0, 0, 0, 45)),
        "max_per_week": fate.choice(f"{key} week", (None, None, None, 2)),
        "blackout_dates": (tomorrow,) if fate.draw(f"{key} blackout") < 0.1 else (),
        "preflight_hours": fate.choice(f"{key} preflight", (0, 0, 3)),
        "near_duplicate_bits": 0,
        "carousels": fate.choice(f"{key} carousels", (Carousels.OFF, Carousels.OFFER, Carousels.AUTO, Carousels.AUTO)),
    }
    zone = fate.choice(f"{key} zone", ("Europe/Berlin", "UTC"))
    return new_persona(owner=OWNER, name=f"Persona {number}", zone=zone, now=now, **rules)


def _kinds(fate: Fate, number: int) -> list[Kind]:
    options: list[list[Kind]] = [
        ["facebook", "buffer"],
        ["instagram", "buffer"],
        ["facebook"],
        ["buffer"],
        ["instagram"],
    ]
    return fate.choice(f"kinds {number}", options)


def channel_of(kind: Kind) -> str:
    """The channel's name in the catalogue."""
    return "instagram" if kind in LOGINS else DECLARED[kind].channel if kind in DECLARED else kind


def _some_of(fate: Fate, number: int, kinds: Sequence[Kind]) -> list[Kind]:
    """One, two or three of `kinds`."""
    left, count = list(kinds), fate.choice(f"kind count {number}", (1, 1, 2, 3))
    return [left.pop(int(fate.draw(f"kind {number} {place}") * len(left))) for place in range(min(count, len(left)))]


def connect(world: World, persona: Persona, kind: Kind, account: int) -> Channel:
    """Set up an account on its platform, and connect it to the persona."""
    token = f"{kind}-token-{account}" + ("" if kind in DECLARED else f"-{persona.persona_id}")
    channel = _account(world, persona, kind, account, token)
    reconnect(world, channel)
    return channel


def _account(world: World, persona: Persona, kind: Kind, account: int, token: str) -> Channel:
    simulated, now = world.platforms.world, world.kernel.now()
    if kind in DECLARED:
        name, owner = DECLARED[kind].channel, None
        account_id = DECLARED[kind].configure(simulated, NewAccount(account, token, world.fate, now))
    elif kind == "buffer":
        organization = OrganizationSetup(
            id=f"{account + 1:024x}", name="Studio", channels=[ChannelSetup(id=f"{account + 17:024x}", name="nature")]
        )
        simulated.buffer.configure(BufferSetup(api_key=token, organizations=[organization]))
        name, account_id, owner = "buffer", f"{account + 17:024x}", organization.id
    else:
        name, account_id, owner = "instagram", f"1784140000000000{account}", None
        quota = world.fate.choice(f"quota {account}", (50, 50, 50, 2, 1))
        setup = AccountSetup(token=token, kind=kind, ig_user_id=account_id, username="nature", quota_total=quota)
        simulated.instagram.accounts.configure(setup, now)
    connection_id = connection_id_of(persona.persona_id, name, account_id)
    return Channel(persona.persona_id, connection_id, kind, account_id, token, owner)


def reconnect(world: World, channel: Channel) -> Connection:
    """Give the connection its token, as a person who connects the account does."""
    declared, now = DECLARED.get(channel.kind), world.kernel.now()
    secret = channel.token
    if declared and declared.connected:
        secret = declared.connected(world.platforms.world, channel.token, now)
    world.tokens.put(channel.persona_id, channel.connection_id, SecretStr(secret))
    login: Any = declared.login if declared else channel.kind if channel.kind in LOGINS else None
    connection = world.stores.connections.connect(
        persona_id=channel.persona_id,
        owner=OWNER,
        channel=channel_of(channel.kind),
        account_id=channel.account_id,
        display_name=channel.kind,
        login=login,
        organization_id=channel.organization_id,
        host=declared.server if declared else None,
        now=now,
    )
    if declared and declared.needs_budget:
        return world.stores.connections.set_budget(channel.persona_id, connection.connection_id, _BUDGET)
    return connection
