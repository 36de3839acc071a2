"""The base class of plain values, and values that several packs share."""

import re
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

# The JSON schema format `date-time` (RFC 3339) requires an offset, which a wall time may lack.
WallTime = Annotated[datetime, WithJsonSchema({"type": "string", "examples": ["2026-11-21T18:30:00"]})]


class Value(BaseModel):
    """Unknown fields are ignored."""

    # Deferred, because a function imports the values of every pack and uses few of them.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


# Language, script, region and variants of BCP 47; extensions are refused.
_LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$"


def _language_tag(text: str) -> str:
    if not re.fullmatch(_LANGUAGE, text):
        raise ValueError(f"{text!r} is not a language tag; use one of BCP 47, such as de or pt-BR")
    return text


Language = Annotated[
    str,
    StringConstraints(max_length=35),
    AfterValidator(_language_tag),
    WithJsonSchema({"type": "string", "maxLength": 35, "pattern": _LANGUAGE}),
]

Username = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^@?[A-Za-z0-9._]+$"),
    AfterValidator(lambda name: name.removeprefix("@")),
]


class UserTag(Value):
    """An account shown in a picture: `x` and `y` are its place, `picture` the number of the post's picture."""

    model_config = ConfigDict(extra="forbid")

    username: Username
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)
    picture: int = Field(default=1, ge=1, le=20)


# Bluesky's self-labels for a post's content.
ContentLabel = Literal["graphic-media", "nudity", "porn", "sexual"]


def _each_once(labels: tuple[ContentLabel, ...]) -> tuple[ContentLabel, ...]:
    return tuple(dict.fromkeys(labels))


class DefaultExtras(Value):
    """What the posts of a persona have beside text and pictures, on the channels that take it."""

    model_config = ConfigDict(extra="forbid")

    collaborators: tuple[Username, ...] = Field(
        default=(), max_length=20, description="Accounts that are invited as authors; each has to accept."
    )
    location_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,32}$")] | None = Field(
        default=None, description="Id of a Facebook Page that has a place."
    )
    first_comment: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_200)] | None = (
        Field(default=None, description="A comment that the account makes once the post is live.")
    )
    content_labels: Annotated[tuple[ContentLabel, ...], AfterValidator(_each_once)] = Field(
        default=(), max_length=4, description="What its pictures show, so that apps hide them behind a warning."
    )


class Extras(DefaultExtras):
    """What one post has beside text and pictures; a story is a kind of its own and has nothing else."""

    user_tags: tuple[UserTag, ...] = Field(default=(), max_length=100, description="Accounts shown in the pictures.")
    story: bool = Field(default=False, description="Publish the photo as a story, without caption and alt text.")

    @model_validator(mode="after")
    def _story_alone(self) -> Self:
        others = [name for name in self.names if name != "story"]
        if self.story and others:
            raise ValueError(f"a story has no other extras; leave out {', '.join(others)}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The extras that are set."""
        return tuple(name for name in type(self).model_fields if getattr(self, name))

    def only(self, names: "tuple[str, ...]") -> "Extras":
        """The extras of those names alone."""
        return Extras.model_construct(**{name: getattr(self, name) for name in names})

    def with_defaults(self, defaults: DefaultExtras) -> "Extras | None":
        """These, with the persona's `defaults` for what was not named, which a story does not take; `None` if none."""
        kept = {} if self.story else {name: getattr(defaults, name) for name in DefaultExtras.model_fields}
        named = {name: getattr(self, name) for name in self.model_fields_set}
        extras = Extras.model_construct(**(kept | named))
        return extras if extras.names else None

    def beside(self, defaults: DefaultExtras) -> tuple[str, ...]:
        """The names of those that are not the persona's `defaults`."""
        return tuple(name for name in self.names if getattr(self, name) != getattr(defaults, name, None))
