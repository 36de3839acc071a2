"""A template filled by a person: with values, with the facts of a photo, or with both."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shutterpost.authoring import MAX_PLACEHOLDERS, PostTemplate
from shutterpost.channels import Catalogue, TextUnit, check_text, count_text
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.captions import facts_of
from shutterpost.personas import Persona
from shutterpost.photos import Photos
from shutterpost.runtime.values import Value


class FilledText(Value):
    """A filled template, and its length as the channel counts it, which has room for `limit`; else in characters."""

    text: str
    channel: str | None
    length: int
    unit: TextUnit
    limit: int | None


class Filling(Value):
    """What to fill a template with: `values` by placeholder, which override the facts of `photo`."""

    values: dict[
        Annotated[str, StringConstraints(max_length=40)], Annotated[str, StringConstraints(max_length=5_000)]
    ] = Field(default_factory=dict, max_length=MAX_PLACEHOLDERS)
    photo: str | None = Field(default=None, min_length=1, max_length=250)
    channel: str | None = Field(default=None, min_length=1, max_length=40)


@flow
class TemplateFiller:
    catalogue: Catalogue
    photos: Photos

    def fill(self, template: PostTemplate, filling: Filling, persona: Persona | None = None) -> FilledText:
        """The text, checked against the template's constraints and the channel's limits.

        `persona` has the photo. Raises the named refusals of placeholders, constraints, photo, channel and text.
        """
        facts = {}
        if persona is not None and filling.photo is not None:
            facts = facts_of(persona, self.photos.find(persona.persona_id, filling.photo))
        text = template.fill(filling.values, facts)
        channel = filling.channel or template.default_channel
        if channel is None:
            return FilledText(text=text, channel=None, length=len(text), unit=TextUnit.CHARACTERS, limit=None)
        row = self.catalogue.row(channel)
        check_text(text, row)
        count = count_text(text, row)
        return FilledText(text=text, channel=channel, length=count.length, unit=count.unit, limit=count.max_length)
