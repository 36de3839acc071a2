"""Generation sessions: texts proposed for each channel, of which a person accepts some."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Depends, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import ConfigDict, Field, StringConstraints

from schedule_post.access import Author, Viewer
from schedule_post.http import post_responses
from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor, invalid_cursors_refused
from schedule_post.http.post_responses import PostResponse, VariantResponse
from schedule_post.http.router import LOCATION, PersonaId, Routes, documented
from schedule_post.routes.posts import post_response, request_id
from schedule_post.wiring import Wired
from shutterpost.authoring import GenerationSession, GenerationSuggestion, LengthHint, SessionStatus
from shutterpost.flows.authoring.accept import Acceptance
from shutterpost.flows.authoring.start_session import SessionRequest
from shutterpost.runtime.values import Value

routes = Routes()
TAGS = ["Suggestions"]
SessionId = Annotated[str, Path(max_length=64, description="Id of one of the persona's sessions.")]
_EXAMPLE: Final[dict[str, Any]] = {
    "prompt": "Announce the new series about fog, calm and dry.",
    "photo": "DSC_0042.jpg",
    "channels": ["instagram", "bluesky"],
    "tone": "calm",
    "per_channel": 3,
}


SuggestionId = Annotated[str, Path(max_length=120, description="Id of one of the session's suggestions.")]


class CreateSessionRequest(SessionRequest):
    """What to write about, and for which channels."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})


class AbortSessionRequest(Value):
    """The reason to abort a session."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Not needed any more."}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] = "Aborted."


class AcceptSuggestionRequest(Acceptance):
    """The post and the connection that an accepted text is for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"connection_id": "c0123456789ab"}]})


class SessionResponse(Value):
    """A request for texts. It is `completed` once a suggestion was accepted; more of them still can be.

    `generated_at` is when the last suggestion was stored; until then poll. `failures` are the channels without a
    suggestion, with the reason. `reason` is why an `aborted` session ended.
    """

    session_id: str
    persona_id: str
    photo_id: str | None
    post_id: str | None
    template_id: str | None
    prompt: str
    channels: tuple[str, ...]
    tone: str | None
    length: LengthHint | None
    language: str | None
    per_channel: int
    created_by: str
    status: SessionStatus
    reason: str | None
    generated_at: datetime | None
    failures: dict[str, str]
    created_at: datetime
    updated_at: datetime


class SuggestionResponse(Value):
    """A proposed text within the limits of its channel; `post_id` and `variant_id` are what accepting it made."""

    suggestion_id: str
    channel: str
    number: int
    content: str
    alt_text: str
    score: float | None
    generator: str
    accepted: bool
    post_id: str | None
    variant_id: str | None
    created_at: datetime


class SessionWithSuggestionsResponse(SessionResponse):
    """A session and its suggestions by channel, all that were stored."""

    suggestions: tuple[SuggestionResponse, ...] = Field(default=())


class AcceptedSuggestionResponse(Value):
    """An accepted suggestion, the variant that it became, and the variant's post."""

    suggestion: SuggestionResponse
    variant: VariantResponse
    post: PostResponse


class SessionsResponse(Value):
    sessions: tuple[SessionResponse, ...]
    cursor: str | None


@routes.post(
    "/personas/<persona_id>/sessions",
    summary="Create a session",
    description=(
        "Has texts written for each channel, in the background: get the session at `Location` until `generated_at` is "
        "set. Nothing is published, and nothing of a post is changed before a suggestion is accepted."
    ),
    operation_id="createSession",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(404, headers=LOCATION, _202="Accepted: the session."),
)
def create_session(
    persona_id: PersonaId,
    body: CreateSessionRequest,
    access: Author,
    services: Wired,
    own_id: Annotated[str, Depends(request_id)],
) -> Response[SessionResponse]:
    persona = access.persona(persona_id)
    session = services.session_starter.start(persona, body, own_id, created_by=access.principal)
    event = {"persona_id": session.persona_id, "session_id": session.session_id}
    if not services.workers.start(services.suggest_arn, event):
        reason = "The texts could not be requested; create another session."
        session = services.sessions.abort(session, reason, services.clock.now())
    headers: dict[str, str | list[str]] = {"Location": f"/personas/{persona_id}/sessions/{session.session_id}"}
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, _shown(session), headers=headers)


@routes.get(
    "/personas/<persona_id>/sessions",
    summary="List sessions",
    description="A persona's sessions, newest first.",
    operation_id="listSessions",
    tags=TAGS,
    responses=documented(404, _200="One page."),
)
def list_sessions(
    persona_id: PersonaId, access: Viewer, services: Wired, limit: Limit = 20, cursor: Cursor = None
) -> SessionsResponse:
    persona = access.persona(persona_id)
    with invalid_cursors_refused(cursor):
        page = services.sessions.page(persona.persona_id, limit, decode_cursor(cursor))
    return SessionsResponse(sessions=tuple(map(_shown, page.sessions)), cursor=encode_cursor(page.cursor))


@routes.get(
    "/personas/<persona_id>/sessions/<session_id>",
    summary="Get a session",
    description="Includes its suggestions so far.",
    operation_id="getSession",
    tags=TAGS,
    responses=documented(404, _200="The session."),
)
def get_session(
    persona_id: PersonaId, session_id: SessionId, access: Viewer, services: Wired
) -> SessionWithSuggestionsResponse:
    persona = access.persona(persona_id)
    session = services.sessions.get(persona.persona_id, session_id)
    suggestions = services.sessions.suggestions(session_id)
    return SessionWithSuggestionsResponse(
        **_shown(session).model_dump(), suggestions=tuple(map(_suggestion, suggestions))
    )


@routes.post(
    "/personas/<persona_id>/sessions/<session_id>/abort",
    summary="Abort a session",
    description="Nothing more is written for it, and none of its suggestions can be accepted any more.",
    operation_id="abortSession",
    tags=TAGS,
    responses=documented(404, 409, _200="The aborted session."),
)
def abort_session(
    persona_id: PersonaId, session_id: SessionId, body: AbortSessionRequest, access: Author, services: Wired
) -> SessionResponse:
    persona = access.persona(persona_id)
    session = services.sessions.get(persona.persona_id, session_id)
    return _shown(services.sessions.abort(session, body.reason, services.clock.now()))


@routes.post(
    "/personas/<persona_id>/sessions/<session_id>/suggestions/<suggestion_id>/accept",
    summary="Accept a suggestion",
    description=(
        "The text becomes a variant with the source `generated`: of `post_id`, else of the session's post, which is a "
        "new draft if the session has none. A suggestion that was accepted before returns its variant. Completes the "
        "session; other suggestions of it can still be accepted. Publishes nothing."
    ),
    operation_id="acceptSuggestion",
    tags=TAGS,
    responses=documented(404, 409, 412, _200="The suggestion, its variant and the post."),
)
def accept_suggestion(
    *,
    persona_id: PersonaId,
    session_id: SessionId,
    suggestion_id: SuggestionId,
    body: AcceptSuggestionRequest,
    access: Author,
    services: Wired,
) -> AcceptedSuggestionResponse:
    persona = access.persona(persona_id)
    accepted = services.accepter.accept(persona, session_id, suggestion_id, body, created_by=access.principal)
    return AcceptedSuggestionResponse(
        suggestion=_suggestion(accepted.suggestion),
        variant=post_responses.variant(accepted.variant, accepted.details, services.catalogue),
        post=post_response(services, accepted.details),
    )


def _shown(session: GenerationSession) -> SessionResponse:
    return SessionResponse.model_validate(session.model_dump())


def _suggestion(suggestion: GenerationSuggestion) -> SuggestionResponse:
    return SuggestionResponse.model_validate(suggestion.model_dump())
