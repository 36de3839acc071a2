"""Claims on remote posts: each belongs to one schedule."""

from shutterpost.channels import Status
from shutterpost.flows.flow import flow
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Write
from shutterpost.scheduling import Claims, Schedule, remote_claim_key


@flow
class RemoteClaims:
    clock: Clock
    claims: Claims

    def take(self, schedule: Schedule, remote_id: str | None) -> list[Write]:
        """The write, labelled `remote`, that claims the remote post; none if its id is not known."""
        if remote_id is None:
            return []
        key, holder = remote_claim_key(schedule.channel, remote_id), schedule.schedule_id
        now = self.clock.now()
        return [self.claims.take("remote", key, holder=holder, owner=schedule.owner, now=now, again=True)]

    def is_free(self, schedule: Schedule, status: Status) -> bool:
        claim = self.claims.get(remote_claim_key(schedule.channel, status.external_id or status.ref))
        return claim is None or claim.holder == schedule.schedule_id
