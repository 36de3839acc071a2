"""Examines every persona, decides which notices are due, and mails them.

The new state and its mails are stored in one write before anything is sent, and a mail leaves the state only after it
was sent: a mail may come twice after a crash, and none is lost.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field

from shutterpost.flows.flow import flow
from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.flows.notifying.decide import Decided, Mention, Standing, decide
from shutterpost.flows.notifying.digest import DigestWriter
from shutterpost.flows.notifying.kinds import NoticeKind
from shutterpost.flows.notifying.mail import Mail, notice_mail
from shutterpost.flows.notifying.ports import Mailer, NoticesReport, Observer, Queues
from shutterpost.flows.notifying.webhooks import Deliverer
from shutterpost.personas import Persona, Personas
from shutterpost.photos import PhotoNotFound, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import NoticeStates, Posts

# The group of conditions that no owner has; no owner has this name, as those contain an account.
DEPLOYMENT = "deployment"
# Mails that wait because SNS fails; of more, the oldest are dropped, as their notices are repeated anyway.
MAX_OUTBOX = 20


class NoticeState(Value):
    """What is stored of an owner: notices that stand, mails not sent yet, and the local date of each last digest."""

    standing: Standing = Standing()
    outbox: tuple[Mail, ...] = Field(default=())
    digests: dict[str, date] = Field(default_factory=dict)


@dataclass(frozen=True)
class ReadState:
    owner: str
    version: int
    state: NoticeState


@flow
class Notifier:
    """Mails owners; `observers` look at every run, `daily` ones once a day."""

    clock: Clock
    personas: Personas
    posts: Posts
    photos: Photos
    states: NoticeStates
    mailer: Mailer
    observers: Sequence[Observer]
    daily: Sequence[Observer]
    queues: Queues
    digests: DigestWriter
    deliverer: Deliverer

    def run(self, *, daily: bool = False) -> NoticesReport:
        """Examine every persona and the queues, and mail what is due."""
        now = self.clock.now()
        groups: dict[str, list[Persona]] = defaultdict(list)
        for persona in self.personas.of_active_owners():
            groups[persona.owner].append(persona)
        observers = (*self.observers, *self.daily) if daily else tuple(self.observers)
        reports = [self._of_owner(owner, personas, observers, now) for owner, personas in groups.items()]
        reports.append(self._of_deployment(now))
        report = NoticesReport(
            mailed=sum(each.mailed for each in reports),
            standing=sum(each.standing for each in reports),
            failed=tuple(name for each in reports for name in each.failed),
        )
        logger.info("notices examined", **report.model_dump(mode="json"))
        return report

    def _of_owner(
        self, owner: str, personas: Sequence[Persona], observers: Sequence[Observer], now: datetime
    ) -> NoticesReport:
        read = self._state(owner)
        state = read.state
        conditions, scopes, failed = list[Condition](), list[Scope](), list[str]()
        for persona in personas:
            notices = state.standing.notices.values()
            known = {notice.subject for notice in notices if notice.persona_id == persona.persona_id}
            for observer in observers:
                try:
                    observed = observer.observe(persona, now, known)
                except Exception:  # noqa: BLE001 - one failure must not silence the others; the run reports it
                    logger.exception("persona not examined", persona_id=persona.persona_id)
                    failed.append(persona.persona_id)
                else:
                    conditions += observed.conditions
                    scopes.append(observed.scope)
        decided = decide(state.standing, conditions, scopes, now)
        digests, dates = self.digests.due(personas, state.digests, decided.standing.notices.values(), now)
        after = NoticeState(standing=decided.standing, outbox=(*state.outbox, *digests), digests=dates)
        return self._tell(read, after, decided, failed)

    def _of_deployment(self, now: datetime) -> NoticesReport:
        read = self._state(DEPLOYMENT)
        state = read.state
        scope = Scope(persona_id=None, kinds=frozenset({NoticeKind.IMPORTS_STUCK}))
        try:
            decided = decide(state.standing, self.queues.conditions(), [scope], now)
        except (BotoCoreError, ClientError):
            logger.exception("queues not examined")
            return NoticesReport(mailed=0, standing=len(state.standing.notices), failed=(DEPLOYMENT,))
        after = state.model_copy(update={"standing": decided.standing})
        return self._tell(read, after, decided)

    def _tell(self, read: ReadState, after: NoticeState, decided: Decided, failed: Sequence[str] = ()) -> NoticesReport:
        """Store the state `after`, then send the mails; a run that another one overtook sends nothing."""
        mails = list(after.outbox)
        if decided.mentions or decided.ended:
            mentions = [self._with_picture(mention) for mention in decided.mentions]
            mails.append(notice_mail(mentions, decided.ended, self.clock.now()))
        after = after.model_copy(update={"outbox": tuple(mails[-MAX_OUTBOX:])})
        standing = len(decided.standing.notices)
        version = read.version
        if after != read.state:
            if not self._store(read.owner, version, after):
                return NoticesReport(mailed=0, standing=standing, failed=tuple(failed))
            version += 1
        sent = self._send(after.outbox)
        if sent:
            self._store(read.owner, version, after.model_copy(update={"outbox": after.outbox[sent:]}))
        return NoticesReport(mailed=sent, standing=standing, failed=tuple(failed))

    def _send(self, mails: Sequence[Mail]) -> int:
        for sent, mail in enumerate(mails):
            try:
                for event in mail.events:
                    self.deliverer.enqueue(event)
                self.mailer.send(mail.subject, mail.text)
            except Exception:  # noqa: BLE001 - whatever it is, the mail stays and is sent by a later run
                logger.exception("mail not sent", subject=mail.subject)
                return sent
        return len(mails)

    def _with_picture(self, mention: Mention) -> Mention:
        post_id, persona_id = mention.condition.post_id, mention.condition.persona_id
        if post_id is None or persona_id is None:
            return mention
        post = self.posts.many([post_id]).get(post_id)
        try:
            photo = self.photos.get(persona_id, post.photo_ids[0]) if post and post.photo_ids else None
        except PhotoNotFound:
            return mention
        if photo is None:
            return mention
        picture = f"{photo.names[0]} ({photo.keys[0]})"
        return replace(mention, condition=mention.condition.model_copy(update={"picture": picture}))

    def _state(self, owner: str) -> ReadState:
        stored = self.states.get(owner)
        return ReadState(owner, stored.version, NoticeState.model_validate(stored.body))

    def _store(self, owner: str, version: int, state: NoticeState) -> bool:
        return self.states.put(owner, state.model_dump(mode="json"), version=version + 1)
