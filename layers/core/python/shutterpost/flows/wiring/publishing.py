"""Builds the steps of the publish workflow."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from shutterpost.flows.wiring.planning import build_budgets, build_circuits
from shutterpost.flows.wiring.ports import Platforms, Stores
from shutterpost.flows.wiring.posting import build_releaser
from shutterpost.scheduling import Starter

if TYPE_CHECKING:
    from shutterpost.flows.publishing.channel_access import ChannelAccess
    from shutterpost.flows.publishing.first_comments import FirstComments
    from shutterpost.flows.publishing.policies import Policies
    from shutterpost.flows.publishing.publish_times import PublishTimes
    from shutterpost.flows.publishing.remote_claims import RemoteClaims
    from shutterpost.flows.publishing.rendition_copies import RenditionCopies
    from shutterpost.flows.publishing.steps.outcomes import StepOutcome
    from shutterpost.flows.publishing.steps.success import Successes

StepFunction: TypeAlias = "Callable[..., StepOutcome]"


def build_publish_steps(stores: Stores, platforms: Platforms, starter: Starter) -> Mapping[str, StepFunction]:
    """The steps of the publish workflow by name, each called with a schedule id and a revision."""
    from shutterpost.flows.publishing.failures import Failures
    from shutterpost.flows.publishing.lease import Lease
    from shutterpost.flows.publishing.messages import Messages
    from shutterpost.flows.publishing.steps.begin import Begin
    from shutterpost.flows.publishing.steps.publish import Publication
    from shutterpost.flows.publishing.steps.settle import Settlement
    from shutterpost.flows.publishing.steps.submit import Submission
    from shutterpost.flows.publishing.write_access import WriteAccess

    clock, schedules = stores.clock, stores.schedules
    access = build_channel_access(stores, platforms)
    policies = build_policies(stores, platforms)
    lease = Lease(clock=clock, schedules=schedules)
    publish_times = _publish_times(stores)
    failures = Failures(
        clock=clock,
        personas=stores.personas,
        schedules=schedules,
        access=access,
        publish_times=publish_times,
        lease=lease,
    )
    write_access = WriteAccess(access=access, policies=policies, lease=lease, failures=failures)
    begin = Begin(
        clock=clock,
        schedules=schedules,
        access=access,
        policies=policies,
        publish_times=publish_times,
        lease=lease,
    )
    renditions = build_rendition_copies(stores, platforms)
    messages = Messages(posts=stores.posts, copies=platforms.copies, renditions=renditions)
    submission = Submission(
        clock=clock,
        personas=stores.personas,
        access=access,
        policies=policies,
        write_access=write_access,
        renditions=renditions,
        messages=messages,
        remote_claims=build_remote_claims(stores),
        publish_times=publish_times,
        lease=lease,
        failures=failures,
    )
    publication = Publication(
        clock=clock,
        schedules=schedules,
        access=access,
        policies=policies,
        write_access=write_access,
        messages=messages,
        publish_times=publish_times,
        lease=lease,
        failures=failures,
        successes=build_successes(stores, platforms),
        first_comments=build_first_comments(stores, platforms),
    )
    settlement = Settlement(
        clock=clock,
        schedules=schedules,
        lanes=stores.lanes,
        copies=platforms.copies,
        access=access,
        lease=lease,
        failures=failures,
        releaser=build_releaser(stores),
        starter=starter,
    )
    return {
        "begin": begin.begin,
        "prepare": submission.prepare,
        "submit": submission.submit,
        "poll": submission.poll,
        "publish": publication.publish,
        "confirm": publication.confirm,
        "record": publication.record,
        "settle": settlement.settle,
        "withdraw": settlement.withdraw,
        "release": settlement.release,
    }


def build_channel_access(stores: Stores, platforms: Platforms) -> "ChannelAccess":
    from shutterpost.flows.publishing.channel_access import ChannelAccess

    return ChannelAccess(
        connections=stores.connections,
        tokens=platforms.tokens,
        channels=platforms.channels,
        catalogue=stores.catalogue,
    )


def build_successes(stores: Stores, platforms: Platforms) -> "Successes":
    from shutterpost.flows.publishing.steps.success import Successes

    return Successes(
        clock=stores.clock,
        schedules=stores.schedules,
        connections=stores.connections,
        copies=platforms.copies,
        publish_times=_publish_times(stores),
        remote_claims=build_remote_claims(stores),
        releaser=build_releaser(stores),
    )


def build_first_comments(stores: Stores, platforms: Platforms) -> "FirstComments":
    from shutterpost.flows.publishing.first_comments import FirstComments

    return FirstComments(
        clock=stores.clock,
        posts=stores.posts,
        schedules=stores.schedules,
        access=build_channel_access(stores, platforms),
    )


def _publish_times(stores: Stores) -> "PublishTimes":
    from shutterpost.flows.publishing.publish_times import PublishTimes

    return PublishTimes(
        clock=stores.clock,
        lanes=stores.lanes,
        catalogue=stores.catalogue,
        circuits=build_circuits(stores),
        budgets=build_budgets(stores),
    )


def build_policies(stores: Stores, platforms: Platforms) -> "Policies":
    from shutterpost.flows.publishing.policies import Policies

    return Policies(
        clock=stores.clock,
        personas=stores.personas,
        connections=stores.connections,
        pauses=stores.pauses,
        access=build_channel_access(stores, platforms),
    )


def build_remote_claims(stores: Stores) -> "RemoteClaims":
    from shutterpost.flows.publishing.remote_claims import RemoteClaims

    return RemoteClaims(clock=stores.clock, claims=stores.claims)


def build_rendition_copies(stores: Stores, platforms: Platforms) -> "RenditionCopies":
    from shutterpost.flows.publishing.rendition_copies import RenditionCopies

    return RenditionCopies(
        photos=stores.photos,
        posts=stores.posts,
        copies=platforms.copies,
        access=build_channel_access(stores, platforms),
        queue=platforms.renditions,
    )
