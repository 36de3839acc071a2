"""The account for a remote write, or the reason why the step ends without the write."""

from shutterpost.channels import Account, Failure
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.failures import Failures
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.policies import Policies
from shutterpost.flows.publishing.steps.outcomes import SUPERSEDED, StepOutcome
from shutterpost.scheduling import Schedule


@flow
class WriteAccess:
    access: ChannelAccess
    policies: Policies
    lease: Lease
    failures: Failures

    def account(self, schedule: Schedule, *, final: bool) -> Account | StepOutcome:
        """The account, or the step's outcome without it.

        Before a `final` write, which cannot be undone, a pause, an error or the time stops the execution.
        """
        if final and self.policies.must_stop(schedule):
            self.lease.give_up(schedule)
            return SUPERSEDED
        account = self.access.account(schedule)
        return self.failures.record(schedule, account) if isinstance(account, Failure) else account
