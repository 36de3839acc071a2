"""What a platform shows of a schedule, read by its reference, else by its text and time; nothing is written."""

from dataclasses import dataclass

from shutterpost.channels import Account, Attempt, Failure, Grade, NoMatch, RemoteState, Status, Unreadable
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.decision import Evidence
from shutterpost.flows.publishing.remote_claims import RemoteClaims
from shutterpost.scheduling import Posts, Schedule

_STATES = {
    RemoteState.SCHEDULED: Evidence.WAITING,
    RemoteState.WORKING: Evidence.SENDING,
    RemoteState.PUBLISHED: Evidence.LIVE,
    RemoteState.FAILED: Evidence.REFUSED,
    RemoteState.EXPIRED: Evidence.REFUSED,
    RemoteState.GONE: Evidence.GONE,
}
_HIDDEN = frozenset({RemoteState.READY, RemoteState.WORKING, RemoteState.INCOMPLETE})


@dataclass(frozen=True)
class RemoteObservation:
    """The evidence, with the remote post if there is one and a sentence in `detail`."""

    evidence: Evidence
    status: Status | None = None
    detail: str = ""
    failure: Failure | None = None


@flow
class EvidenceReader:
    posts: Posts
    access: ChannelAccess
    remote_claims: RemoteClaims

    def read(self, schedule: Schedule) -> RemoteObservation:
        account = self.access.account(schedule)
        if isinstance(account, Failure):
            detail = f"The account cannot be asked: {account.message}"
            return RemoteObservation(Evidence.UNREADABLE, detail=detail, failure=account)
        if schedule.ref is None:
            return self._by_attempt(schedule, account)
        return self.observe(schedule, account, self.access.adapter(schedule).status(account, schedule.ref))

    def observe(self, schedule: Schedule, account: Account, status: Status | Failure) -> RemoteObservation:
        """Interpret the platform's answer on the schedule's reference."""
        if isinstance(status, Failure):
            detail = f"The platform did not return the status of {schedule.ref}: {status.message}"
            return RemoteObservation(Evidence.UNREADABLE, detail=detail, failure=status)
        if status.state is RemoteState.PUBLISHED and status.external_id is None:
            return self._unnamed(schedule, account)
        if status.state in _HIDDEN and self.access.row(schedule).grade_of(account.connection) is Grade.E:
            detail = "The platform does not show the account's posts, so look whether the post is there."
            return RemoteObservation(Evidence.UNREADABLE, status, detail)
        if status.state in _HIDDEN and not self.access.submits_visibly(schedule):
            return RemoteObservation(
                Evidence.HIDDEN, status, "The platform has the submission, which was not published."
            )
        detail = status.failure.message if status.failure else f"The platform reports it as {status.state}."
        return RemoteObservation(_STATES.get(status.state, Evidence.SENDING), status, detail, status.failure)

    def _unnamed(self, schedule: Schedule, account: Account) -> RemoteObservation:
        observation = self._by_attempt(schedule, account)
        if observation.evidence not in {Evidence.UNREADABLE, Evidence.NOTHING}:
            return observation
        unreadable = observation.evidence is Evidence.UNREADABLE
        reason = observation.detail if unreadable else "The listing does not show it yet."
        detail = f"It is live, but its post was not found: {reason}"
        return RemoteObservation(Evidence.UNNAMED, detail=detail, failure=observation.failure)

    def _by_attempt(self, schedule: Schedule, account: Account) -> RemoteObservation:
        answer = self.access.adapter(schedule).find(account, self._attempt(schedule))
        if isinstance(answer, Unreadable):
            detail = f"The platform could not be searched: {answer.failure.message}"
            return RemoteObservation(Evidence.UNREADABLE, detail=detail, failure=answer.failure)
        statuses, exact = ((), True) if isinstance(answer, NoMatch) else (answer.statuses, answer.exact)
        matches = [match for match in statuses if self.remote_claims.is_free(schedule, match)]
        if len(matches) > 1:
            posts = ", ".join(match.external_url or match.external_id or match.ref for match in matches)
            detail = f"{len(matches)} posts match ({posts}); only one of them is this post."
            return RemoteObservation(Evidence.SEVERAL, detail=detail)
        if not matches:
            return RemoteObservation(Evidence.NOTHING, detail="The platform has no matching post.")
        [match] = matches
        evidence = _STATES.get(match.state, Evidence.SENDING)
        evidence = Evidence.LIKELY if evidence is Evidence.LIVE and not exact else evidence
        return RemoteObservation(evidence, match, "", match.failure)

    def _attempt(self, schedule: Schedule) -> Attempt:
        return Attempt(
            text=self.posts.details(schedule.post_id).variant(schedule.variant_id).text,
            run_at=schedule.expected_at,
            attempted_at=schedule.last_attempt_at or schedule.run_at,
            ref=schedule.ref,
        )
