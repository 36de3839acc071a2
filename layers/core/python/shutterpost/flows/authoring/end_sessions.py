"""Ending sessions that were not finished in time, or of which nothing was accepted."""

from shutterpost.authoring import GenerationSession, SessionEnded, Sessions
from shutterpost.flows.flow import flow
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger

# A run ends so many; the next one, minutes later, goes on.
MAX_SESSIONS = 100


@flow
class SessionEnder:
    clock: Clock
    sessions: Sessions

    def run(self) -> int:
        """Abort the sessions in progress whose deadline has passed; returns their number."""
        now, ended = self.clock.now(), 0
        for session in self.sessions.overdue(now, MAX_SESSIONS):
            try:
                self.sessions.abort(session, _reason(session), now)
            except SessionEnded:
                continue
            ended += 1
        if ended:
            logger.info("sessions ended", count=ended)
        return ended


def _reason(session: GenerationSession) -> str:
    if session.generated_at is None:
        return "The texts were not written in time; create another session."
    return "Nothing was accepted in 30 days."
