"""The table `personas`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from shutterpost.personas.choices import PersonaStatus
from shutterpost.personas.persona import Persona, persona_id_for
from shutterpost.personas.slots import with_past_slots
from shutterpost.runtime.pages import MAX_PAGE, page_limit
from shutterpost.runtime.refusals import Conflict, Invalid, NotFound
from shutterpost.runtime.tables import InstantAttribute, Table, bind
from shutterpost.runtime.values import Value

ROSTER = "active"
_LOST = "ConditionalCheckFailedException"
_INSTANTS = ("created_at", "updated_at", "slots_since")


class PersonaNotFound(NotFound):
    kind = "persona-not-found"

    @classmethod
    def of(cls, persona_id: str) -> Self:
        detail = f"Persona {persona_id!r} does not exist. List your personas to find its id."
        return cls(detail, persona_id=persona_id)


class PersonaExists(Conflict):
    kind = "persona-exists"


class StaleVersion(Conflict):
    kind = "stale-version"


class NameIsFixed(Invalid):
    """The persona's id is derived from its name."""

    kind = "persona-name-fixed"


class PersonaPage(Value):
    personas: tuple[Persona, ...]
    cursor: str | None = None


class ByOwner(GlobalSecondaryIndex["PersonaItem"]):
    class Meta:
        index_name = "by_owner"
        projection = AllProjection()

    owner = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)


class Roster(GlobalSecondaryIndex["PersonaItem"]):
    class Meta:
        index_name = "roster"
        projection = KeysOnlyProjection()

    roster = UnicodeAttribute(hash_key=True)
    persona_id = UnicodeAttribute(range_key=True)


class PersonasTable(Table):
    """Attributes of every item, and the table's schema. Items without `name` or `roster` are in no index."""

    class Meta:
        table_name = "personas"

    persona_id = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute()

    by_owner = ByOwner()
    on_roster = Roster()


class PersonaItem(PersonasTable):
    """A stored persona; `roster` is present while it is active."""

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
    voice = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)
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
    carousels = UnicodeAttribute(null=True)
    extras = JSONAttribute(null=True)
    keep_credit = BooleanAttribute()
    require_alt_text = BooleanAttribute(null=True)
    runway_days = NumberAttribute(null=True)
    approval = UnicodeAttribute()
    veto_hours = NumberAttribute(null=True)
    preflight_hours = NumberAttribute(null=True)
    evergreen = BooleanAttribute(null=True)
    evergreen_after_days = NumberAttribute(null=True)
    digest = UnicodeAttribute(null=True)
    digest_hour = NumberAttribute(null=True)
    status = UnicodeAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()
    version = NumberAttribute()
    slots_since = InstantAttribute(null=True)
    past_slots = JSONAttribute(null=True)
    roster = UnicodeAttribute(null=True)


class Personas:
    def create(self, persona: Persona) -> Persona:
        """Store a new persona. Raises `PersonaExists` if the owner has one with that name."""
        try:
            _item(persona).save(condition=PersonaItem.persona_id.does_not_exist())
        except PutError as error:
            if error.cause_response_code != _LOST:
                raise
            detail = f"You already have a persona named {persona.name!r}; use another name or change that persona."
            raise PersonaExists(detail, persona_id=persona.persona_id) from error
        return persona

    def get(self, persona_id: str, owner: str | None = None) -> Persona:
        """The persona, read consistently. Raises `PersonaNotFound`, also if it does not belong to `owner`."""
        try:
            item = PersonaItem.get(persona_id, consistent_read=True)
        except PersonaItem.DoesNotExist as error:
            raise PersonaNotFound.of(persona_id) from error
        # An item of another kind, such as grants, has no name.
        if item.name is None or (owner is not None and item.owner != owner):
            raise PersonaNotFound.of(persona_id)
        return _persona(item)

    def list(self, owner: str, limit: int = 50, cursor: str | None = None) -> PersonaPage:
        """A page of `owner`'s personas by name. Raises `PersonaNotFound` for an invalid cursor."""
        start = _listing_key(self.get(cursor, owner)) if cursor else None
        rows = PersonaItem.by_owner.query(owner, limit=page_limit(limit), last_evaluated_key=start)
        personas = tuple(_persona(row) for row in rows)
        more = bool(rows.last_evaluated_key) and len(personas) == limit
        return PersonaPage(personas=personas, cursor=personas[-1].persona_id if more else None)

    def update(self, persona: Persona, now: datetime) -> Persona:
        """Store a changed persona over the version that it was read with; returns it with the next version.

        Raises `StaleVersion` if the stored version differs, `NameIsFixed` if the name was changed.
        """
        if persona_id_for(persona.owner, persona.name) != persona.persona_id:
            raise NameIsFixed("A persona's name cannot be changed; create another persona.", field="name")
        changed = Persona.model_validate({**persona.model_dump(), "updated_at": now, "version": persona.version + 1})
        changed = with_past_slots(changed, self.get(persona.persona_id, persona.owner), now)
        unchanged = (PersonaItem.version == persona.version) & (PersonaItem.owner == persona.owner)
        try:
            _item(changed).save(condition=unchanged)
        except PutError as error:
            if error.cause_response_code != _LOST:
                raise
            stored = self.get(persona.persona_id, persona.owner)
            detail = f"{persona.name!r} has changed (version {stored.version}). Read it again, then change it."
            raise StaleVersion(detail, version=stored.version) from error
        return changed

    def active(self, after: str | None = None) -> Iterator[Persona]:
        """Every active persona of every owner, by id (behind `after`), read page by page."""
        behind = None if after is None else PersonaItem.persona_id > after
        for row in PersonaItem.on_roster.query(ROSTER, behind, page_size=MAX_PAGE):
            try:
                persona = self.get(row.persona_id)
            except PersonaNotFound:
                continue
            if persona.status is PersonaStatus.ACTIVE:
                yield persona

    def of_active_owners(self) -> Iterator[Persona]:
        """Every active persona, then the paused ones of their owners."""
        owners: set[str] = set()
        for persona in self.active():
            owners.add(persona.owner)
            yield persona
        for owner in sorted(owners):
            cursor: str | None = None
            while True:
                page = self.list(owner, MAX_PAGE, cursor)
                yield from (persona for persona in page.personas if persona.status is not PersonaStatus.ACTIVE)
                cursor = page.cursor
                if cursor is None:
                    break


def _item(persona: Persona) -> PersonaItem:
    plain: dict[str, Any] = persona.model_dump(mode="json", exclude=set(_INSTANTS))
    roster = ROSTER if persona.status is PersonaStatus.ACTIVE else None
    return PersonaItem(**plain, **{name: getattr(persona, name) for name in _INSTANTS}, roster=roster)


def _persona(item: PersonaItem) -> Persona:
    return Persona.model_validate(item.attribute_values)


def _listing_key(persona: Persona) -> dict[str, dict[str, str]]:
    return {name: {"S": getattr(persona, name)} for name in ("owner", "name", "persona_id")}


def use_table(name: str) -> None:
    """Keep personas in the DynamoDB table `name`; called once, at wiring."""
    bind(PersonasTable, name)
