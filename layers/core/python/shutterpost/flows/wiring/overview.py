"""Builds the flows of the calendar, the overview and previews."""

from typing import TYPE_CHECKING

from shutterpost.flows.wiring.planning import build_budgets, build_circuits, build_holds
from shutterpost.flows.wiring.ports import Stores
from shutterpost.flows.wiring.posting import build_successors
from shutterpost.photos import Rejections

if TYPE_CHECKING:
    from shutterpost.flows.overview.overview import OverviewReader
    from shutterpost.flows.records.calendar import CalendarEntries
    from shutterpost.flows.records.preview import PreviewReader


def build_calendar_entries(stores: Stores) -> "CalendarEntries":
    from shutterpost.flows.records.calendar import CalendarEntries

    return CalendarEntries(
        catalogue=stores.catalogue,
        posts=stores.posts,
        connections=stores.connections,
        photos=stores.photos,
        holds=build_holds(stores),
        successors=build_successors(stores),
    )


def build_preview_reader(stores: Stores) -> "PreviewReader":
    from shutterpost.flows.records.preview import PreviewReader

    return PreviewReader(
        catalogue=stores.catalogue,
        connections=stores.connections,
        personas=stores.personas,
        photos=stores.photos,
    )


def build_overview_reader(stores: Stores, rejections: Rejections) -> "OverviewReader":
    from shutterpost.flows.overview.overview import OverviewReader

    return OverviewReader(
        clock=stores.clock,
        catalogue=stores.catalogue,
        schedules=stores.schedules,
        entries=build_calendar_entries(stores),
        connections=stores.connections,
        circuits=build_circuits(stores),
        budgets=build_budgets(stores),
        photos=stores.photos,
        rejections=rejections,
    )
