"""The state of each topic of a persona at the owner's last notification."""

from pynamodb.exceptions import PutError

from shutterpost.scheduling.store.items import NotificationStateItem, persona_key


class NotificationStates:
    def get(self, persona_id: str, topic: str) -> str | None:
        """The last state of `topic`, read consistently; `None` if there was none."""
        try:
            item = NotificationStateItem.get(persona_key(persona_id), _sk(topic), consistent_read=True)
        except NotificationStateItem.DoesNotExist:
            return None
        standing: str = item.standing
        return standing

    def change(self, persona_id: str, owner: str, topic: str, standing: str, *, before: str | None) -> bool:
        """Replace the state `before` by `standing`; false if they are equal, or if another writer changed it first."""
        if standing == before:
            return False
        item = NotificationStateItem(persona_key(persona_id), _sk(topic), owner=owner, standing=standing)
        untouched = (
            NotificationStateItem.pk.does_not_exist() if before is None else NotificationStateItem.standing == before
        )
        try:
            item.save(condition=untouched)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True


def _sk(topic: str) -> str:
    return f"STANDING#{topic}"
