"""Personas in DynamoDB."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from shutterpost.personas.persona import Persona, PersonaStatus, persona_id_for
from shutterpost.runtime.attributes import InstantAttribute
from shutterpost.runtime.refusals import Conflict, Invalid, NotFound
from shutterpost.runtime.tables import Table, bind
from shutterpost.runtime.values import Value

ROSTER = "active"
MAX_PAGE = 100
_LOST = "ConditionalCheckFailedException"


class PersonaNotFound(NotFound):
    """No such persona, or another owner's."""

    kind = "persona-not-found"


class PersonaExists(Conflict):
    """The owner has a persona of that name."""

    kind = "persona-exists"


class StaleVersion(Conflict):
    """The persona was changed since it was read."""

    kind = "stale-version"


class NameIsFixed(Invalid):
    """A persona keeps the name it was created with, because its id is made from it."""

    kind = "persona-name-fixed"


class PersonaPage(Value):
    """Some personas, and the `cursor` of the next page (`None` on the last)."""

    personas: tuple[Persona, ...]
    cursor: str | None = None


class ByOwner(GlobalSecondaryIndex["PersonaItem"]):
    """An owner's personas by name."""

    class Meta:
        """Index settings."""

        index_name = "by_owner"
        projection = AllProjection()

    owner = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)


class Roster(GlobalSecondaryIndex["PersonaItem"]):
    """The active personas; sparse."""

    class Meta:
        """Index settings."""

        index_name = "roster"
        projection = KeysOnlyProjection()

    roster = UnicodeAttribute(hash_key=True)
    persona_id = UnicodeAttribute(range_key=True)


class PersonaItem(Table):
    """A persona as stored; `roster` is there while it is active."""

    class Meta:
        """Table settings; the name is bound at wiring."""

        table_name = "personas"

    persona_id = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute()
    name = UnicodeAttribute()
    zone = UnicodeAttribute()
    slots = JSONAttribute()
    blackout_dates = JSONAttribute()
    jitter_minutes = NumberAttribute()
    min_gap_minutes = NumberAttribute()
    max_per_week = NumberAttribute(null=True)
    strategy = UnicodeAttribute()
    weights = JSONAttribute(null=True)
    themes = JSONAttribute(null=True)
    default_caption = UnicodeAttribute()
    caption_template = UnicodeAttribute(null=True)
    hashtags = JSONAttribute()
    hashtags_from_photo = NumberAttribute(null=True)
    hashtags_never = JSONAttribute(null=True)
    ratio_policy = UnicodeAttribute()
    once_anywhere = BooleanAttribute()
    late_grace_minutes = NumberAttribute()
    late_then = UnicodeAttribute()
    pick_lead_seconds = NumberAttribute()
    allow_provisional = BooleanAttribute()
    near_duplicate_bits = NumberAttribute()
    keep_credit = BooleanAttribute()
    runway_days = NumberAttribute(null=True)
    approval = UnicodeAttribute()
    veto_hours = NumberAttribute(null=True)
    preflight_hours = NumberAttribute(null=True)
    evergreen = BooleanAttribute(null=True)
    evergreen_after_days = NumberAttribute(null=True)
    status = UnicodeAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    version = NumberAttribute()
    roster = UnicodeAttribute(null=True)

    by_owner = ByOwner()
    on_roster = Roster()


class Personas:
    """The store of personas."""

    def __init__(self, table_name: str) -> None:
        bind(PersonaItem, table_name)

    def create(self, persona: Persona) -> Persona:
        """Store a new persona. Raises `PersonaExists` where the owner has one of that name."""
        try:
            _item(persona).save(condition=PersonaItem.persona_id.does_not_exist())
        except PutError as error:
            if error.cause_response_code != _LOST:
                raise
            detail = f"You already have a persona named {persona.name!r}; choose another name or change that one."
            raise PersonaExists(detail, persona_id=persona.persona_id) from error
        return persona

    def get(self, persona_id: str, owner: str | None = None) -> Persona:
        """The persona, read consistently. Raises `PersonaNotFound`, also where `owner` is given and it is another's."""
        try:
            persona = _persona(PersonaItem.get(persona_id, consistent_read=True))
        except PersonaItem.DoesNotExist as error:
            raise _not_found(persona_id) from error
        if owner is not None and persona.owner != owner:
            raise _not_found(persona_id)
        return persona

    def find_by_name(self, owner: str, name: str) -> Persona | None:
        """`owner`'s persona called `name`, or none."""
        try:
            return self.get(persona_id_for(owner, name), owner)
        except PersonaNotFound:
            return None

    def list(self, owner: str, limit: int = 50, cursor: str | None = None) -> PersonaPage:
        """One page of `owner`'s personas by name. Raises `PersonaNotFound` for a cursor that leads nowhere."""
        start = _listing_key(self.get(cursor, owner)) if cursor else None
        limit = max(1, min(limit, MAX_PAGE))
        rows = PersonaItem.by_owner.query(owner, limit=limit, last_evaluated_key=start)
        personas = tuple(_persona(row) for row in rows)
        more = bool(rows.last_evaluated_key) and len(personas) == limit
        return PersonaPage(personas=personas, cursor=personas[-1].persona_id if more else None)

    def update(self, persona: Persona, now: datetime) -> Persona:
        """Store `persona`'s changed fields over the version it was read with; returns it one version on.

        Raises `StaleVersion` where somebody was faster, `NameIsFixed` where its name was changed.
        """
        if persona_id_for(persona.owner, persona.name) != persona.persona_id:
            raise NameIsFixed("A persona keeps its name; create another one under the new name.", field="name")
        fresh = Persona.model_validate({**persona.model_dump(), "updated_at": now, "version": persona.version + 1})
        held = (PersonaItem.version == persona.version) & (PersonaItem.owner == persona.owner)
        try:
            _item(fresh).save(condition=held)
        except PutError as error:
            if error.cause_response_code != _LOST:
                raise
            stored = self.get(persona.persona_id, persona.owner)
            detail = (
                f"{persona.name!r} was changed meanwhile (version {stored.version}); read it again, then change it."
            )
            raise StaleVersion(detail, version=stored.version) from error
        return fresh

    def active(self) -> Iterator[Persona]:
        """Every active persona of every owner, read page by page."""
        for row in PersonaItem.on_roster.query(ROSTER, page_size=MAX_PAGE):
            try:
                persona = self.get(row.persona_id)
            except PersonaNotFound:
                continue
            if persona.status is PersonaStatus.ACTIVE:
                yield persona


def _item(persona: Persona) -> PersonaItem:
    plain: dict[str, Any] = persona.model_dump(mode="json", exclude={"created_at", "updated_at"})
    roster = ROSTER if persona.status is PersonaStatus.ACTIVE else None
    return PersonaItem(**plain, created_at=persona.created_at, updated_at=persona.updated_at, roster=roster)


def _persona(item: PersonaItem) -> Persona:
    return Persona.model_validate(item.attribute_values)


def _listing_key(persona: Persona) -> dict[str, dict[str, str]]:
    return {name: {"S": getattr(persona, name)} for name in ("owner", "name", "persona_id")}


def _not_found(persona_id: str) -> PersonaNotFound:
    return PersonaNotFound(f"There is no persona {persona_id!r}; list yours to see their ids.", persona_id=persona_id)
