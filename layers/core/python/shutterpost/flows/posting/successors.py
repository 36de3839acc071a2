"""Which post has the photo of a failed or skipped one meanwhile. Derived from the claims, never stored."""

from collections.abc import Iterable, Iterator

from shutterpost.flows.flow import flow
from shutterpost.flows.posting.release import photo_claims
from shutterpost.personas import Personas
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    Post,
    Posts,
    Schedule,
    ScheduleStatus,
    anywhere_claim_key,
)

RETRYABLE = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED})


class Successor(Value):
    """The post that has the photo of a failed or skipped one, which therefore cannot be retried.

    `posted` is false while it is only planned.
    """

    post_id: str
    posted: bool


@flow
class Successors:
    posts: Posts
    claims: Claims
    personas: Personas

    def of(self, schedules: Iterable[Schedule]) -> dict[str, Successor]:
        """The successors by schedule id; nothing is read unless a schedule failed or was skipped."""
        ended = [schedule for schedule in schedules if schedule.status in RETRYABLE]
        posts = self.posts.many(schedule.post_id for schedule in ended) if ended else {}
        existing = ((schedule, posts[schedule.post_id]) for schedule in ended if schedule.post_id in posts)
        holders = {schedule.schedule_id: self._holder(schedule, post) for schedule, post in existing}
        return {schedule_id: self._successor(holder) for schedule_id, holder in holders.items() if holder}

    def _holder(self, schedule: Schedule, post: Post) -> str | None:
        for key in self._keys(schedule, post):
            claim = self.claims.get(key)
            if claim is not None and claim.state is ClaimState.HELD and claim.holder != post.post_id:
                return claim.holder
        return None

    def _keys(self, schedule: Schedule, post: Post) -> Iterator[str]:
        for photo_id in post.photo_ids:
            yield from photo_claims(schedule, photo_id, post.cycle)
            if self.personas.get(schedule.persona_id).once_anywhere:
                yield anywhere_claim_key(photo_id, post.owner, post.cycle)

    def _successor(self, post_id: str) -> Successor:
        statuses = {schedule.status for schedule in self.posts.details(post_id).schedules}
        return Successor(post_id=post_id, posted=ScheduleStatus.SUCCESS in statuses)
