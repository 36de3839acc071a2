"""Writing a session's suggestions: the generator is called for each channel, its texts are brought within limits."""

from collections.abc import Iterable, Iterator
from functools import partial

from shutterpost.authoring import (
    Brief,
    GenerationFailed,
    GenerationSession,
    GenerationSuggestion,
    Generator,
    PostTemplate,
    ProposedText,
    Sessions,
    SessionStatus,
    TemplateBroken,
    TemplateNotFound,
    Templates,
    suggestion_id_of,
)
from shutterpost.channels import Catalogue, ChannelRow, compose, fit_alt_text, fit_text, fits_channel
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.captions import facts_of, post_hashtags
from shutterpost.personas import Persona, Personas
from shutterpost.photos import Photo, PhotoNotFound, Photos, RenditionReader
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

_NO_TEXT = "The generator gave no text that keeps the limits and the template's constraints."


class SuggestionReport(Value):
    """What a run stored, and the channels without a text."""

    session_id: str
    stored: int
    failures: dict[str, str]


class _Work(Value):
    session: GenerationSession
    persona: Persona
    photo: Photo | None
    template: PostTemplate | None


@flow
class SuggestionWriter:
    clock: Clock
    catalogue: Catalogue
    personas: Personas
    photos: Photos
    templates: Templates
    sessions: Sessions
    generator: Generator
    renditions: RenditionReader

    def run(self, persona_id: str, session_id: str) -> SuggestionReport:
        """Write what the session still lacks; a repeat goes on where an earlier run ended.

        A channel without a text is recorded with the reason. Raises `GeneratorBusy`, so that Lambda repeats the run.
        """
        session = self.sessions.get(persona_id, session_id)
        stored, failures = 0, dict[str, str]()
        if session.generated_at is not None:
            return SuggestionReport(session_id=session_id, stored=0, failures=session.failures)
        work = self._work(session)
        for channel in session.channels:
            kept = {item.number for item in self.sessions.suggestions(session_id) if item.channel == channel}
            if len(kept) >= session.per_channel:
                continue
            if self.sessions.get(persona_id, session_id).status is SessionStatus.ABORTED:
                return SuggestionReport(session_id=session_id, stored=stored, failures=failures)
            try:
                stored += self._write(work, self.catalogue.row(channel))
            except GenerationFailed as failure:
                if not kept:
                    failures[channel] = str(failure)
        self._end(session, failures)
        return SuggestionReport(session_id=session_id, stored=stored, failures=failures)

    def _work(self, session: GenerationSession) -> _Work:
        persona = self.personas.get(session.persona_id)
        photo, template = None, None
        if session.photo_id is not None:
            try:
                photo = self.photos.get(session.persona_id, session.photo_id)
            except PhotoNotFound:
                logger.info("the photo of a session is gone", session_id=session.session_id)
        if session.template_id is not None:
            try:
                template = self.templates.get(session.created_by, session.template_id)
            except TemplateNotFound:
                logger.info("the template of a session is gone", session_id=session.session_id)
        return _Work(session=session, persona=persona, photo=photo, template=template)

    def _write(self, work: _Work, row: ChannelRow) -> int:
        brief = brief_of(work.session, work.persona, work.photo, work.template, row)
        photo = work.photo
        key = next(iter(photo.renditions.values()), None) if photo else None
        picture = None if key is None else partial(self.renditions.read, key)
        texts = [self._fitted(brief, text, row) for text in self.generator.generate(brief, picture)]
        hashtags = () if photo is None else post_hashtags(work.persona, photo)
        hashtags = hashtags or work.persona.hashtags
        contents = list(_distinct(_composed(texts, hashtags, work.template, row)))
        if not contents:
            raise GenerationFailed(_NO_TEXT)
        chosen = enumerate(contents[: work.session.per_channel], start=1)
        return sum(self.sessions.add(self._suggestion(work.session, row.key, number, text)) for number, text in chosen)

    def _suggestion(
        self, session: GenerationSession, channel: str, number: int, text: ProposedText
    ) -> GenerationSuggestion:
        return GenerationSuggestion(
            suggestion_id=suggestion_id_of(session.session_id, channel, number),
            session_id=session.session_id,
            channel=channel,
            number=number,
            content=text.content,
            alt_text=text.alt_text,
            score=text.score,
            generator=self.generator.name,
            created_at=self.clock.now(),
        )

    def _fitted(self, brief: Brief, text: ProposedText, row: ChannelRow) -> ProposedText:
        fitting = text
        if not fits_channel(text.content.strip(), row):
            fitting = self.generator.reword(brief, text) or text
        alt_text = fit_alt_text(fitting.alt_text or text.alt_text, row)
        return fitting.model_copy(update={"content": fit_text(fitting.content, row), "alt_text": alt_text})

    def _end(self, session: GenerationSession, failures: dict[str, str]) -> None:
        if len(failures) < len(session.channels):
            self.sessions.finish(self.sessions.get(session.persona_id, session.session_id), failures, self.clock.now())
            return
        reasons = "; ".join(f"{channel}: {reason}" for channel, reason in failures.items())
        self.sessions.abort(session, f"There is no text for any channel. {reasons}"[:1000], self.clock.now())


def brief_of(
    session: GenerationSession, persona: Persona, photo: Photo | None, template: PostTemplate | None, row: ChannelRow
) -> Brief:
    bodies = (template.template_body if template else "", persona.caption_template)
    return Brief(
        persona_id=persona.persona_id,
        persona_name=persona.name,
        voice=persona.voice,
        channel=row.key,
        channel_name=row.name,
        max_length=row.limits.max_text_length,
        unit=row.limits.text_unit.noun,
        max_alt_text=row.limits.max_alt_text,
        prompt=session.prompt,
        tone=session.tone,
        length=session.length,
        language=session.language,
        bodies=tuple(body for body in bodies if body),
        facts={"persona": persona.name} if photo is None else facts_of(persona, photo),
        alt_text="" if photo is None else photo.alt_text,
        wanted=session.per_channel,
    )


def _composed(
    texts: Iterable[ProposedText], hashtags: tuple[str, ...], template: PostTemplate | None, row: ChannelRow
) -> Iterator[ProposedText]:
    """Each text with the hashtags that fit; without them, or left out, where the template's constraints demand it."""
    for text in texts:
        if not text.content:
            continue
        for content in dict.fromkeys((compose(text.content, hashtags, row), text.content)):
            if fits_channel(content, row) and _allowed(content, template):
                yield text.model_copy(update={"content": content})
                break


def _allowed(content: str, template: PostTemplate | None) -> bool:
    try:
        if template is not None:
            template.constraints.check(content)
    except TemplateBroken:
        return False
    return True


def _distinct(texts: Iterable[ProposedText]) -> Iterator[ProposedText]:
    known: set[str] = set()
    for text in texts:
        key = " ".join(text.content.casefold().split())
        if key not in known:
            known.add(key)
            yield text
