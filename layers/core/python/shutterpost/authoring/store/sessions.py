"""The store of sessions and their suggestions; sessions in progress are in the index `open`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shutterpost.authoring.session import DECISION_TIME, GenerationSession, GenerationSuggestion, SessionStatus
from shutterpost.authoring.store.items import (
    LOST,
    OPEN_SESSIONS,
    AuthoringItem,
    SessionItem,
    SuggestionItem,
    persona_pk,
)
from shutterpost.runtime.commit import Write, update
from shutterpost.runtime.pages import page_limit
from shutterpost.runtime.refusals import Conflict, NotFound
from shutterpost.runtime.values import Value

_PREFIX = "SESSION#"
_ID = re.compile(r"s[0-9a-f]{19}")


class SessionNotFound(NotFound):
    kind = "session-not-found"


class SuggestionNotFound(NotFound):
    kind = "suggestion-not-found"


class SessionEnded(Conflict):
    """The session was aborted, or is completed and cannot be aborted."""

    kind = "session-ended"


class SessionPage(Value):
    sessions: tuple[GenerationSession, ...]
    cursor: str | None = None


class Sessions:
    def create(self, session: GenerationSession) -> GenerationSession:
        SessionItem(*_key(session), open_shard=OPEN_SESSIONS, **session.model_dump(mode="python")).save(
            condition=SessionItem.pk.does_not_exist()
        )
        return session

    def get(self, persona_id: str, session_id: str) -> GenerationSession:
        """The persona's session, read consistently. Raises `SessionNotFound`."""
        try:
            item = SessionItem.get(persona_pk(persona_id), f"{_PREFIX}{session_id}", consistent_read=True)
        except SessionItem.DoesNotExist:
            detail = f"Session {session_id!r} does not exist. List the persona's sessions to find its id."
            raise SessionNotFound(detail, session_id=session_id) from None
        return _session(item)

    def page(self, persona_id: str, limit: int = 50, cursor: str | None = None) -> SessionPage:
        """A page of the persona's sessions, newest first; `cursor` is the last id of the previous page.

        Raises ValueError for an invalid cursor.
        """
        if cursor is not None and not _ID.fullmatch(cursor):
            raise ValueError(cursor)
        limit = page_limit(limit)
        before = SessionItem.sk.between(_PREFIX, f"{_PREFIX}{cursor or 't'}")
        items = SessionItem.query(persona_pk(persona_id), before, scan_index_forward=False, limit=limit + 2)
        sessions = [session for item in items if (session := _session(item)).session_id != cursor]
        more = len(sessions) > limit
        return SessionPage(sessions=tuple(sessions[:limit]), cursor=sessions[limit - 1].session_id if more else None)

    def overdue(self, now: datetime, limit: int) -> Iterator[GenerationSession]:
        """Up to `limit` sessions in progress whose deadline has passed, earliest first."""
        past = AuthoringItem.deadline_at <= now
        for key in AuthoringItem.open_index.query(OPEN_SESSIONS, past, limit=limit):
            session = self.get(key.pk.partition("#")[2], key.sk.removeprefix(_PREFIX))
            if session.status is SessionStatus.IN_PROGRESS:
                yield session

    def finish(self, session: GenerationSession, failures: Mapping[str, str], now: datetime) -> None:
        """Record that generation has ended; once, and not on an aborted session."""
        actions = [
            SessionItem.generated_at.set(now),
            SessionItem.failures.set(dict(failures)),
            SessionItem.updated_at.set(now),
        ]
        if session.status is SessionStatus.IN_PROGRESS:
            actions.append(SessionItem.deadline_at.set(now + DECISION_TIME))
        unended = (SessionItem.status == session.status.value) & SessionItem.generated_at.does_not_exist()
        self._change(session, actions, unended)

    def abort(self, session: GenerationSession, reason: str, now: datetime) -> GenerationSession:
        """Abort a session in progress; returns it as it then is. Raises `SessionEnded`."""
        actions = [
            SessionItem.status.set(SessionStatus.ABORTED.value),
            SessionItem.reason.set(reason),
            *_leaving_the_index(now),
        ]
        changed = self._change(session, actions, SessionItem.status == SessionStatus.IN_PROGRESS.value)
        after = self.get(session.persona_id, session.session_id)
        if not changed and after.status is not SessionStatus.ABORTED:
            raise SessionEnded(f"Session {session.session_id} is {after.status}; it cannot be aborted any more.")
        return after

    def suggestions(self, session_id: str) -> tuple[GenerationSuggestion, ...]:
        """Every suggestion of the session by channel, read consistently."""
        behind = SuggestionItem.sk.startswith("SUGGESTION#")
        items = SuggestionItem.query(f"{_PREFIX}{session_id}", behind, consistent_read=True)
        return tuple(GenerationSuggestion.model_validate(item.attribute_values) for item in items)

    def suggestion(self, session: GenerationSession, suggestion_id: str) -> GenerationSuggestion:
        """The session's suggestion of that id. Raises `SuggestionNotFound`."""
        for suggestion in self.suggestions(session.session_id):
            if suggestion.suggestion_id == suggestion_id:
                return suggestion
        detail = f"Session {session.session_id} has no suggestion {suggestion_id!r}. Get the session to see them."
        raise SuggestionNotFound(detail, suggestion_id=suggestion_id)

    def add(self, suggestion: GenerationSuggestion) -> bool:
        """Store a suggestion; false if the session has that number for that channel already."""
        item = SuggestionItem(*_suggestion_key(suggestion), **suggestion.model_dump())
        try:
            item.save(condition=SuggestionItem.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code != LOST:
                raise
            return False
        return True

    def accepting(
        self, session: GenerationSession, suggestion: GenerationSuggestion, post_id: str, variant_id: str, now: datetime
    ) -> list[Write]:
        """The writes that accept a suggestion (`suggestion`) and complete its session (`session`), both once."""
        without_post = SessionItem.post_id.does_not_exist()
        same_post = without_post if session.post_id is None else SessionItem.post_id == session.post_id
        return [
            update(
                "suggestion",
                SuggestionItem(*_suggestion_key(suggestion)),
                [
                    SuggestionItem.accepted.set(True),
                    SuggestionItem.post_id.set(post_id),
                    SuggestionItem.variant_id.set(variant_id),
                ],
                SuggestionItem.accepted == False,  # noqa: E712 - PynamoDB's condition
            ),
            update(
                "session",
                SessionItem(*_key(session)),
                [
                    SessionItem.status.set(SessionStatus.COMPLETED.value),
                    SessionItem.post_id.set(session.post_id or post_id),
                    *_leaving_the_index(now),
                ],
                (SessionItem.status != SessionStatus.ABORTED.value) & same_post,
            ),
        ]

    def _change(self, session: GenerationSession, actions: Sequence[Action], condition: Condition) -> bool:
        try:
            SessionItem(*_key(session)).update(actions=actions, condition=condition)
        except UpdateError as error:
            if error.cause_response_code != LOST:
                raise
            return False
        return True


def _leaving_the_index(now: datetime) -> list[Action]:
    return [SessionItem.open_shard.remove(), SessionItem.deadline_at.remove(), SessionItem.updated_at.set(now)]


def _session(item: SessionItem) -> GenerationSession:
    fields = item.attribute_values
    return GenerationSession.model_validate({**fields, "failures": fields.get("failures") or {}})


def _key(session: GenerationSession) -> tuple[str, str]:
    return persona_pk(session.persona_id), f"{_PREFIX}{session.session_id}"


def _suggestion_key(suggestion: GenerationSuggestion) -> tuple[str, str]:
    return f"{_PREFIX}{suggestion.session_id}", f"SUGGESTION#{suggestion.channel}#{suggestion.number:02}"
