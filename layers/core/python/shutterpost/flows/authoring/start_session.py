"""Starting a session: what is asked for is checked at once, the texts are written by another function."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shutterpost.authoring import (
    MAX_CHANNELS,
    MAX_PER_CHANNEL,
    GenerationSession,
    LengthHint,
    PostTemplate,
    Sessions,
    Templates,
    new_session,
)
from shutterpost.channels import Catalogue, ConnectionStatus, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.refusals import SessionChannelMissing, ToneRefused
from shutterpost.personas import Persona
from shutterpost.photos import Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Language, Value
from shutterpost.scheduling import PostNotFound, Posts

ChannelKey = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class SessionRequest(Value):
    prompt: str = Field(
        default="", max_length=2_000, description="What the texts should say, in a sentence. A model follows it."
    )
    channels: tuple[ChannelKey, ...] = Field(
        default=(),
        max_length=MAX_CHANNELS,
        description=(
            "Channels to write for, also ones that cannot be published to yet; default: the template's, else those "
            "of the persona's connections."
        ),
    )
    photo: str | None = Field(
        default=None, min_length=1, max_length=250, description="Photo id, its first 8 or more digits, or file name."
    )
    post_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="The post that accepted texts belong to; its first photo is the default of `photo`."
    )
    template_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    tone: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] | None = Field(
        default=None, description="One of the template's tones, if it has any."
    )
    length: LengthHint | None = None
    language: Language | None = Field(
        default=None,
        description="Language of the texts (BCP 47), such as `de`; default: the persona's, else as the prompt.",
    )
    per_channel: int = Field(default=3, ge=1, le=MAX_PER_CHANNEL, description="The most suggestions for each channel.")


@flow
class SessionStarter:
    clock: Clock
    catalogue: Catalogue
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    templates: Templates
    sessions: Sessions

    def start(
        self, persona: Persona, request: SessionRequest, request_id: str, *, created_by: str
    ) -> GenerationSession:
        """A new session in progress. Raises the named refusals of channels, photo, post, template and tone."""
        template = None if request.template_id is None else self.templates.get(created_by, request.template_id)
        _check_tone(template, request.tone)
        channels = request.channels or self._default_channels(persona, template)
        for channel in channels:
            self.catalogue.row(channel)
        session = new_session(
            now=self.clock.now(),
            request_id=request_id,
            owner=persona.owner,
            created_by=created_by,
            persona_id=persona.persona_id,
            photo_id=self._photo_id(persona, request),
            post_id=request.post_id,
            template_id=request.template_id,
            prompt=request.prompt.strip(),
            channels=tuple(dict.fromkeys(channels)),
            tone=request.tone,
            length=request.length,
            language=request.language or persona.language,
            per_channel=request.per_channel,
        )
        return self.sessions.create(session)

    def _default_channels(self, persona: Persona, template: PostTemplate | None) -> tuple[str, ...]:
        if template is not None and template.default_channel is not None:
            return (template.default_channel,)
        connections = self.connections.list(persona.persona_id)
        channels = tuple(item.channel for item in connections if item.status is ConnectionStatus.CONNECTED)
        if not channels:
            raise SessionChannelMissing(
                "Name the channels to write for; the persona has no connection.", field="channels"
            )
        return channels

    def _photo_id(self, persona: Persona, request: SessionRequest) -> str | None:
        photo_ids: tuple[str, ...] = ()
        if request.post_id is not None:
            post = self.posts.details(request.post_id).post
            if post.persona_id != persona.persona_id:
                raise PostNotFound.of(request.post_id)
            photo_ids = post.photo_ids
        if request.photo is not None:
            return self.photos.find(persona.persona_id, request.photo).photo_id
        return photo_ids[0] if photo_ids else None


def _check_tone(template: PostTemplate | None, tone: str | None) -> None:
    tones = () if template is None else template.constraints.tones
    if tone is not None and tones and tone not in tones:
        raise ToneRefused(f"The template allows the tones {', '.join(tones)}, not {tone}.", field="tone")
