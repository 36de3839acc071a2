"""How something about a persona stood when its owner was last told of it."""

from pynamodb.exceptions import PutError

from shutterpost.runtime.tables import bind
from shutterpost.scheduling.store.items import Item, NotificationStateItem, persona_key


class NotificationStates:
    """Standings in the table `table_name`, by persona and topic."""

    def __init__(self, table_name: str) -> None:
        bind(Item, table_name)

    def get(self, persona_id: str, topic: str) -> str | None:
        """How `topic` stood last, read consistently; `None` where nothing was ever kept of it."""
        try:
            item = NotificationStateItem.get(persona_key(persona_id), _sk(topic), consistent_read=True)
        except NotificationStateItem.DoesNotExist:
            return None
        standing: str = item.standing
        return standing

    def change(self, persona_id: str, owner: str, topic: str, standing: str, *, before: str | None) -> bool:
        """Keep that it stands otherwise than `before` now; false where it stands so already, or somebody was faster."""
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
