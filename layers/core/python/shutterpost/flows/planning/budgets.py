"""Monthly budgets of connections on channels that charge for posts. The lane of the account counts what is used."""

from collections.abc import Sequence

from shutterpost.channels import (
    Catalogue,
    ChannelRow,
    Connection,
    ConnectionStatus,
    ConnectionStore,
    catalogue,
    count_text,
)
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.slots import connected
from shutterpost.flows.refusals import BudgetMissing, BudgetTooSmall, ConnectionNotConnected
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Lanes, Posts, Schedule, Variant, month_start

THOUSAND = 1_000
# From this part of a budget on its owner is warned.
NEARLY_USED = 0.8


class BudgetUse(Value):
    """What the calendar month (UTC) has used of a budget: posts that are out, unclear or about to be."""

    month: str
    posts: int
    dollars: float

    def share_of(self, connection: Connection) -> float:
        """The part of the connection's budget that is used, of posts or of money, whichever is more; 1 is all."""
        budget = connection.budget
        return 0.0 if budget is None else max(self.posts / budget.posts, self.dollars / budget.dollars)

    def why(self, connection: Connection) -> str | None:
        """Why a person should look at the connection's budget: it is missing, nearly used, or used up."""
        budget = connection.budget
        if budget is None:
            return "its channel charges for posts, and no monthly budget is set: nothing is posted"
        if self.share_of(connection) < NEARLY_USED:
            return None
        posts, money = f"{self.posts} of {budget.posts} posts", f"${self.dollars:.2f} of ${budget.dollars:.2f}"
        return f"{posts} and {money} of {self.month} are used"


@flow
class Budgets:
    clock: Clock
    lanes: Lanes
    catalogue: Catalogue
    connections: ConnectionStore
    posts: Posts

    def use(self, connection: Connection) -> BudgetUse | None:
        """What this month has used; `None` where the channel charges nothing."""
        if self.catalogue.row(connection.channel).prices is None:
            return None
        now = self.clock.now()
        used = self.lanes.get(connection.account_key).used_in(now)
        return BudgetUse(month=f"{month_start(now):%Y-%m}", posts=used.posts, dollars=used.cost / THOUSAND)

    def limits(self, schedule: Schedule, row: ChannelRow) -> dict[str, int]:
        """The lane's rules that come from the budget; none where the channel charges nothing."""
        if row.prices is None:
            return {}
        budget = self.connections.get(schedule.persona_id, schedule.connection_id).budget
        # Without a budget the schedule is held before it is booked; it may have been removed since.
        return {
            "monthly_posts": budget.posts if budget else 0,
            "monthly_cost": budget.thousandths if budget else 0,
        }

    def cost(self, schedule: Schedule, row: ChannelRow) -> int | None:
        """The price of the schedule's post, in thousandths of a US dollar."""
        if row.prices is None:
            return None
        return price_of(self.posts.details(schedule.post_id).variant(schedule.variant_id), row)


def price_of(variant: Variant, row: ChannelRow) -> int:
    """The price of a variant on a channel, in thousandths of a US dollar."""
    return _price(variant.text, len(variant.photo_ids), row)


def check_postable(connection: Connection, row: ChannelRow) -> None:
    """Raise `ConnectionNotConnected`, or `BudgetMissing` on a channel that charges for posts."""
    if connection.status is not ConnectionStatus.CONNECTED:
        raise ConnectionNotConnected.of(connection)
    if row.lacks_budget(connection):
        raise BudgetMissing.of(connection, row)


def check_affordable(connection: Connection, row: ChannelRow, text: str, pictures: int) -> None:
    """Raise `BudgetTooSmall` where one post costs more than the connection's budget of a month."""
    price, budget = _price(text, pictures, row), connection.budget
    if budget is not None and price > budget.thousandths:
        raise BudgetTooSmall.of(connection, price / THOUSAND)


def postable(connections: Sequence[Connection]) -> tuple[Connection, ...]:
    """Those that can be posted to. Raises `BudgetMissing` if there is none, and a budget would make one."""
    able = connected(connections)
    if not able:
        for connection in connections:
            if connection.status is ConnectionStatus.CONNECTED:
                raise BudgetMissing.of(connection, catalogue().row(connection.channel))
    return able


def _price(text: str, pictures: int, row: ChannelRow) -> int:
    if row.prices is None:
        return 0
    return row.prices.of_post(links=count_text(text, row).links, pictures=pictures)
