"""Accepting a suggestion: it becomes a variant of a post, which may be a new draft. Nothing is published."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from shutterpost.authoring import GenerationSession, GenerationSuggestion, SessionEnded, Sessions, SessionStatus
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.variant_rules import own_variant
from shutterpost.flows.posting.write_variant import NewVariant, VariantWriter
from shutterpost.flows.refusals import PostChanged
from shutterpost.personas import Persona
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Write, commit
from shutterpost.runtime.values import Extras, Value
from shutterpost.scheduling import (
    Origin,
    Post,
    PostDetails,
    PostNotFound,
    Posts,
    Variant,
    VariantSource,
    post_id_of,
)

# A round is lost only if something else of the post or session was written between its reads and its transaction.
ROUNDS = 5


class Acceptance(Value):
    """Where an accepted text goes; without a post, to the session's, which is a new draft if it has none."""

    post_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    connection_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = Field(
        default=None, description="The connection to write for; default: any connection of the suggestion's channel."
    )


class Accepted(Value):
    suggestion: GenerationSuggestion
    details: PostDetails
    variant: Variant


@flow
class SuggestionAccepter:
    clock: Clock
    posts: Posts
    sessions: Sessions
    variant_writer: VariantWriter

    def accept(
        self, persona: Persona, session_id: str, suggestion_id: str, acceptance: Acceptance, *, created_by: str
    ) -> Accepted:
        """Make the suggestion a variant, in one transaction; one that was accepted before answers with its variant.

        Raises `SessionNotFound`, `SuggestionNotFound`, `SessionEnded` for an aborted session, `PostNotFound`,
        `PostChanged`, and the named refusals of writing a variant.
        """
        for _ in range(ROUNDS):
            session = self.sessions.get(persona.persona_id, session_id)
            suggestion = self.sessions.suggestion(session, suggestion_id)
            if suggestion.accepted and suggestion.post_id and suggestion.variant_id:
                details = self.posts.details(suggestion.post_id)
                variant = own_variant(details, suggestion.variant_id)
                return Accepted(suggestion=suggestion, details=details, variant=variant)
            if session.status is SessionStatus.ABORTED:
                raise SessionEnded(f"Session {session_id} is aborted ({session.reason}); create another one.")
            self._try(persona, session, suggestion, acceptance, created_by=created_by)
        raise PostChanged("The post or the session has changed meanwhile; accept the suggestion again.")

    def _try(
        self,
        persona: Persona,
        session: GenerationSession,
        suggestion: GenerationSuggestion,
        acceptance: Acceptance,
        *,
        created_by: str,
    ) -> None:
        post_id = acceptance.post_id or session.post_id
        draft = self._new_post(persona, session, suggestion, created_by)
        details = draft if post_id is None else self.posts.details(post_id)
        if details.post.persona_id != session.persona_id:
            raise PostNotFound.of(details.post.post_id)
        new = NewVariant(
            text=suggestion.content,
            alt_text=suggestion.alt_text or None,
            channel=suggestion.channel,
            connection_id=acceptance.connection_id,
            language=session.language,
            tone=session.tone,
        )
        key = suggestion.suggestion_id
        variant = self.variant_writer.write(details, new, key=key, source=VariantSource.GENERATED, dry_run=True)
        accepting = self.sessions.accepting(
            session, suggestion, post_id=variant.post_id, variant_id=variant.variant_id, now=self.clock.now()
        )
        # Whether it wins or loses, the next round reads what is stored.
        commit([*self._post_writes(details, variant, is_new=post_id is None), *accepting])

    def _post_writes(self, details: PostDetails, variant: Variant, *, is_new: bool) -> Sequence[Write]:
        if is_new:
            return self.posts.open(details.post, (variant,), ())
        return [self.posts.changing(details.post), self.posts.writing(variant)]

    def _new_post(
        self, persona: Persona, session: GenerationSession, suggestion: GenerationSuggestion, created_by: str
    ) -> PostDetails:
        """A draft with the session's photo; its id derives from the session, so that two acceptances share it."""
        post = Post(
            post_id=post_id_of("session", session.persona_id, session.session_id),
            owner=session.owner,
            created_by=created_by,
            persona_id=session.persona_id,
            photo_ids=() if session.photo_id is None else (session.photo_id,),
            base_caption=suggestion.content,
            caption_source="suggestion",
            extras=Extras().with_defaults(persona.extras),
            language=session.language,
            origin=Origin.MANUAL,
            request_key=f"session {session.session_id}",
            created_at=self.clock.now(),
        )
        return PostDetails(post=post, variants=(), schedules=())
