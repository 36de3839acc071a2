"""What decides on a schedule besides itself: the persona's late policy, its connection, the owner's pause."""

from datetime import timedelta

from shutterpost.channels import ConnectionStatus, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.decision import Action, Evidence, Policy, is_handed_over, next_action, repeats_at_once
from shutterpost.personas import Personas
from shutterpost.runtime.clock import Clock
from shutterpost.scheduling import Pauses, Schedule


@flow
class Policies:
    clock: Clock
    personas: Personas
    connections: ConnectionStore
    pauses: Pauses
    access: ChannelAccess

    def of(self, schedule: Schedule) -> Policy:
        """The schedule's policy; that of a handed-over post depends on its channel alone."""
        visible, row = self.access.submits_visibly(schedule), self.access.row(schedule)
        if is_handed_over(schedule):
            return Policy(grace=timedelta(0), then="skip", held=False, visible=visible, grade=row.grade)
        persona = self.personas.get(schedule.persona_id)
        connection = self.connections.get(schedule.persona_id, schedule.connection_id)
        blocked = connection.status is ConnectionStatus.ERROR or row.lacks_budget(connection)
        held = blocked or self.pauses.of(schedule.owner) is not None
        grace, then, grade = persona.late_grace, persona.late_then, row.grade_of(connection)
        return Policy(grace=grace, then=then, held=held, visible=visible, grade=grade)

    def may_repeat(self, schedule: Schedule) -> bool:
        """Whether an execution repeats its unclear publish call."""
        return repeats_at_once(schedule, self.of(schedule), self.clock.now())

    def must_stop(self, schedule: Schedule) -> bool:
        """Whether an execution about to publish must stop, because of a pause, an error or the time."""
        decision = next_action(schedule, Evidence.UNREAD, self.of(schedule), self.clock.now())
        return decision.action is Action.REQUEUE
