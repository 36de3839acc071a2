"""The Lambda function that writes a session's suggestions; the API invokes it without waiting."""

from functools import lru_cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shutterpost.flows.authoring.suggest import SuggestionWriter
from shutterpost.flows.wiring import Stores, build_suggestion_writer, configure
from shutterpost.runtime.settings import SuggestionsSettings
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value


class SuggestEvent(Value):
    persona_id: str
    session_id: str


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Write the suggestions of a session and return a report."""
    wanted = SuggestEvent.model_validate(event)
    logger.append_keys(persona_id=wanted.persona_id, session_id=wanted.session_id)
    report = writer().run(wanted.persona_id, wanted.session_id)
    logger.info("suggestions written", stored=report.stored, failures=report.failures)
    return report.model_dump(mode="json")


@lru_cache
def writer() -> SuggestionWriter:
    """The flow, created at the first event."""
    return build_suggestion_writer(Stores(), configure(SuggestionsSettings))
