"""PostTemplate: a text with placeholders and its rules. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from shutterpost.runtime.refusals import Invalid
from shutterpost.runtime.texts import HASHTAG, around_placeholders, fill, placeholders_in
from shutterpost.runtime.values import Value

MAX_PLACEHOLDERS = 40
_NAME = re.compile(r"[^\W\d]\w{0,39}")


class PlaceholderUnknown(Invalid):
    """Values are given for placeholders that the template does not have; `members["placeholders"]` names them."""

    kind = "placeholder-unknown"


class TemplateBroken(Invalid):
    """The filled text breaks a constraint of its template."""

    kind = "template-constraint"


def _tidy(name: Any) -> Any:
    return " ".join(unicodedata.normalize("NFC", name).split()) if isinstance(name, str) else name


def _hashtag(text: Any) -> Any:
    return text.strip().removeprefix("#") if isinstance(text, str) else text


TemplateName = Annotated[str, StringConstraints(min_length=1, max_length=80), BeforeValidator(_tidy)]
Placeholder = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w{0,39}$")]
Tone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
HashtagName = Annotated[str, StringConstraints(pattern=r"^\w{1,100}$"), BeforeValidator(_hashtag)]


class Constraints(Value):
    """What a filled text must keep to, beside its channel's limits."""

    max_length: int | None = Field(default=None, ge=1, le=10_000, description="The most characters; null for no limit.")
    tones: tuple[Tone, ...] = Field(
        default=(), max_length=20, description="The tones that a session may ask for; empty for any."
    )
    required_placeholders: tuple[Placeholder, ...] = Field(
        default=(), max_length=MAX_PLACEHOLDERS, description="Placeholders that the body must keep when it is changed."
    )
    max_hashtags: int | None = Field(default=None, ge=0, le=60, description="The most hashtags; null for no limit.")
    required_hashtags: tuple[HashtagName, ...] = Field(
        default=(), max_length=20, description="Hashtags that the text must have."
    )
    never_hashtags: tuple[HashtagName, ...] = Field(
        default=(), max_length=60, description="Hashtags that the text must not have."
    )

    def check(self, text: str) -> None:
        """Raise `TemplateBroken` where `text` breaks a constraint."""
        tags = [tag.removeprefix("#") for tag in HASHTAG.findall(text)]
        known = {tag.casefold() for tag in tags}
        if self.max_length is not None and len(text) > self.max_length:
            raise _broken("max_length", f"The text has {len(text)} characters; the template allows {self.max_length}.")
        if self.max_hashtags is not None and len(tags) > self.max_hashtags:
            raise _broken(
                "max_hashtags", f"The text has {len(tags)} hashtags; the template allows {self.max_hashtags}."
            )
        missing = [tag for tag in self.required_hashtags if tag.casefold() not in known]
        if missing:
            raise _broken("required_hashtags", f"The text lacks #{', #'.join(missing)}.")
        refused = [tag for tag in self.never_hashtags if tag.casefold() in known]
        if refused:
            raise _broken("never_hashtags", f"The template does not allow #{', #'.join(refused)}.")


class TemplateRules(Value):
    """What a person states of a template."""

    name: TemplateName = Field(description="Unique among the caller's templates, without regard to case.")
    description: str = Field(default="", max_length=1_000, description="What the template is for.")
    template_body: str = Field(
        min_length=1, max_length=10_000, description="The text, with `{{placeholders}}`; nothing in it is executed."
    )
    default_channel: str | None = Field(
        default=None, min_length=1, max_length=40, description="The channel whose limits a filled text must keep."
    )
    constraints: Constraints = Constraints()

    @model_validator(mode="after")
    def _usable(self) -> "TemplateRules":
        names = placeholders_in(self.template_body)
        misnamed = [name for name in names if not _NAME.fullmatch(name)]
        if misnamed:
            listed = ", ".join(f"{{{{{name}}}}}" for name in misnamed)
            raise ValueError(f"{listed}: a placeholder is one word of letters, digits and _, up to 40 characters")
        if len(names) > MAX_PLACEHOLDERS:
            raise ValueError(f"use at most {MAX_PLACEHOLDERS} placeholders, not {len(names)}")
        rest = around_placeholders(self.template_body)
        if "{{" in rest or "}}" in rest:
            raise ValueError("a placeholder is not closed or not opened; write {{name}}")
        missing = [name for name in self.constraints.required_placeholders if name not in names]
        if missing:
            raise ValueError(f"the body lacks the required placeholder {', '.join(missing)}")
        return self


class PostTemplate(TemplateRules):
    template_id: str
    owner: str
    version: int = 1
    created_at: datetime
    updated_at: datetime

    def fill(self, values: Mapping[str, str], facts: Mapping[str, str] | None = None) -> str:
        """The text with `values`, else `facts`. Raises the refusals of values and of constraints."""
        known = placeholders_in(self.template_body)
        unknown = [name for name in values if name not in known]
        if unknown:
            has = ", ".join(known) or "none"
            detail = f"{self.name} has no placeholder {', '.join(unknown)}; it has {has}."
            raise PlaceholderUnknown(detail, field="values", placeholders=unknown)
        text = fill(self.template_body, {**(facts or {}), **values})
        self.constraints.check(text)
        return text


def new_template(*, owner: str, now: datetime, request_id: str, **rules: Any) -> PostTemplate:
    """A template of `owner`, whose id derives from the request. Raises pydantic's `ValidationError`."""
    template_id = timed_id("t", now, owner, request_id)
    return PostTemplate(template_id=template_id, owner=owner, created_at=now, updated_at=now, **rules)


def timed_id(prefix: str, now: datetime, *parts: str) -> str:
    """An id that sorts by `now`; the rest is a hash of `parts`."""
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{prefix}{int(now.timestamp() * 1000):011x}{digest[:8]}"


def _broken(constraint: str, detail: str) -> TemplateBroken:
    return TemplateBroken(detail, field="values", constraint=constraint)
