"""What a person can do with a post and with each of its schedules now, as calls of the API. Pure."""

from collections.abc import Container, Iterable, Iterator

from pydantic import Field, JsonValue

from shutterpost.channels import Catalogue
from shutterpost.flows.posting.successors import RETRYABLE
from shutterpost.runtime.values import Value
from shutterpost.scheduling import PostDetails, Schedule, ScheduleStatus, Step

# The codes of unknown outcomes that sync has finished looking at.
_UNDECIDED = frozenset({"needs-a-person", "word-contradicted"})


class ApiCall(Value):
    """A call of the API: its `operationId`, the parameters of its path, and fields of its body.

    `asks` are the fields of the body that a person must give.
    """

    operation: str
    parameters: dict[str, str] = Field(default={})
    body: dict[str, JsonValue] = Field(default={})
    asks: tuple[str, ...] = ()


def actions_of(
    details: PostDetails, schedules: Iterable[Schedule], catalogue: Catalogue, superseded: Container[str]
) -> tuple[ApiCall, ...]:
    """What a post allows, then what each of its `schedules` does; `superseded` are ids as of `Successors`."""
    calls = list(_of_post(details, catalogue))
    for schedule in schedules:
        can_retry = schedule.schedule_id not in superseded and not details.post.archived
        calls += _of_schedule(schedule, catalogue, can_retry=can_retry)
    return tuple(calls)


def is_in_flight(schedule: Schedule, catalogue: Catalogue) -> bool:
    """Whether the schedule may be live already, or become so whatever is asked."""
    visible = catalogue.row(schedule.channel).ambiguous_from == "submitting"
    return (
        schedule.status is ScheduleStatus.UNKNOWN
        or schedule.step in {Step.PUBLISHING, Step.PUBLISHED}
        or (schedule.step is Step.SUBMITTING and visible)
    )


def _of_post(details: PostDetails, catalogue: Catalogue) -> Iterator[ApiCall]:
    post = {"post_id": details.post.post_id}
    opened = [schedule for schedule in details.schedules if schedule.is_open]
    going = [schedule for schedule in opened if not schedule.cancel_requested]
    reviews = [schedule.review for schedule in opened]
    if any(reviews):
        yield ApiCall(operation="approvePost", parameters=post)
        if all(reviews):
            yield ApiCall(operation="rejectPost", parameters=post)
    if going and not any(is_in_flight(schedule, catalogue) for schedule in going):
        yield ApiCall(operation="movePost", parameters=post, asks=("day",))
        if all(schedule.has_not_begun for schedule in going) and len({schedule.run_at for schedule in going}) == 1:
            yield ApiCall(operation="swapPosts", parameters=post, asks=("with",))
    if any(schedule.status is not ScheduleStatus.UNKNOWN for schedule in going):
        yield ApiCall(operation="cancelPost", parameters=post)


def _of_schedule(schedule: Schedule, catalogue: Catalogue, *, can_retry: bool) -> Iterator[ApiCall]:
    ids = {"schedule_id": schedule.schedule_id}
    if schedule.is_open and not schedule.cancel_requested and not is_in_flight(schedule, catalogue):
        yield ApiCall(operation="publishNow", parameters=ids)
    if schedule.has_not_begun:
        yield ApiCall(operation="skipSchedule", parameters=ids)
    if schedule.status in RETRYABLE and can_retry:
        yield ApiCall(operation="retrySchedule", parameters=ids)
    # Until sync has looked, it may find out by itself.
    if schedule.status is ScheduleStatus.UNKNOWN and schedule.error_code in _UNDECIDED:
        yield ApiCall(operation="resolveSchedule", parameters=ids, asks=("live_url",))
        yield ApiCall(operation="resolveSchedule", parameters=ids, body={"not_live": True})
    if schedule.status is ScheduleStatus.SUCCESS and schedule.external_id and schedule.removed_at is None:
        yield ApiCall(operation="removeLivePost", parameters=ids)
