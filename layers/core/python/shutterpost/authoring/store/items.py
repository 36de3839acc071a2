"""Items of the table `authoring`. Attributes have the names of the values' fields.

| item | pk | sk |
|---|---|---|
| PostTemplate | `OWNER#{owner}` | `TEMPLATE#{template_id}` |
| its name | `OWNER#{owner}` | `NAME#{name in small letters}` |
| GenerationSession | `PERSONA#{persona_id}` | `SESSION#{session_id}` |
| GenerationSuggestion | `SESSION#{session_id}` | `SUGGESTION#{channel}#{number}` |
| Spending | `PERSONA#{persona_id}` | `SPENT#{day}` |
"""

from pynamodb.attributes import (
    BooleanAttribute,
    DiscriminatorAttribute,
    JSONAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from shutterpost.runtime.tables import InstantAttribute, Table, bind

LOST = "ConditionalCheckFailedException"
OPEN_SESSIONS = "sessions"


class OpenIndex(GlobalSecondaryIndex["AuthoringItem"]):
    """The sessions in progress by the instant at which sync ends them; sparse."""

    class Meta:
        index_name = "open"
        projection = AllProjection()

    open_shard = UnicodeAttribute(hash_key=True)
    deadline_at = InstantAttribute(range_key=True)


class AuthoringItem(Table):
    class Meta:
        table_name = "authoring"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    open_shard = UnicodeAttribute(null=True)
    deadline_at = InstantAttribute(null=True)

    open_index = OpenIndex()


class TemplateItem(AuthoringItem, discriminator="Template"):
    template_id = UnicodeAttribute()
    owner = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute()
    template_body = UnicodeAttribute()
    default_channel = UnicodeAttribute(null=True)
    constraints = JSONAttribute()
    version = NumberAttribute()
    created_at = InstantAttribute()
    updated_at = InstantAttribute()


class TemplateNameItem(AuthoringItem, discriminator="TemplateName"):
    template_id = UnicodeAttribute()


class SessionItem(AuthoringItem, discriminator="Session"):
    session_id = UnicodeAttribute()
    owner = UnicodeAttribute()
    created_by = UnicodeAttribute()
    persona_id = UnicodeAttribute()
    photo_id = UnicodeAttribute(null=True)
    post_id = UnicodeAttribute(null=True)
    template_id = UnicodeAttribute(null=True)
    prompt = UnicodeAttribute()
    channels = JSONAttribute()
    tone = UnicodeAttribute(null=True)
    length = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)
    per_channel = NumberAttribute()
    status = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    generated_at = InstantAttribute(null=True)
    failures = JSONAttribute(null=True)
    created_at = InstantAttribute()
    updated_at = InstantAttribute()


class SuggestionItem(AuthoringItem, discriminator="Suggestion"):
    suggestion_id = UnicodeAttribute()
    session_id = UnicodeAttribute()
    channel = UnicodeAttribute()
    number = NumberAttribute()
    content = UnicodeAttribute()
    alt_text = UnicodeAttribute()
    score = NumberAttribute(null=True)
    generator = UnicodeAttribute()
    accepted = BooleanAttribute()
    post_id = UnicodeAttribute(null=True)
    variant_id = UnicodeAttribute(null=True)
    created_at = InstantAttribute()


class SpendingItem(AuthoringItem, discriminator="Spending"):
    """What a persona's texts cost on a day in UTC; DynamoDB removes it after `expires_at`."""

    expires_at = TTLAttribute()
    tokens = NumberAttribute()
    micros = NumberAttribute()


def persona_pk(persona_id: str) -> str:
    return f"PERSONA#{persona_id}"


def use_table(name: str) -> None:
    """Keep what the pack stores in the DynamoDB table `name`; called once, at wiring."""
    bind(AuthoringItem, name)
