"""Builds the flows from stores, platforms and timers; nothing here runs before a function's first event.

A flow is imported where it is built, so that a function loads its own flows alone (docs/decisions/0007).
"""

from shutterpost.flows.wiring.authoring import (
    build_generator,
    build_session_ender,
    build_session_starter,
    build_suggestion_accepter,
    build_suggestion_writer,
    build_template_filler,
)
from shutterpost.flows.wiring.notifying import (
    build_deliverer,
    build_import_queues,
    build_notifier,
    build_silence_check,
    build_webhook_settings,
)
from shutterpost.flows.wiring.operating import (
    build_canceller,
    build_connector,
    build_due_starter,
    build_mover,
    build_photo_editor,
    build_plan_importer,
    build_remover,
    build_resolver,
    build_retrier,
    build_reviewer,
    build_swapper,
    build_timezone_changes,
)
from shutterpost.flows.wiring.overview import (
    build_calendar_entries,
    build_overview_reader,
)
from shutterpost.flows.wiring.picking import (
    build_explainer,
    build_forecaster,
    build_picker,
    build_slot_armer,
    build_slot_chooser,
)
from shutterpost.flows.wiring.planning import (
    build_budgets,
    build_circuits,
    build_holds,
    build_slot_claims,
    build_start_timers,
)
from shutterpost.flows.wiring.ports import (
    Platforms,
    Stores,
    build_platforms,
    configure,
)
from shutterpost.flows.wiring.posting import (
    build_assigner,
    build_draft_discarder,
    build_editor,
    build_history_recorder,
    build_photo_adder,
    build_post_creator,
    build_poster,
    build_releaser,
    build_successors,
    build_variant_writer,
)
from shutterpost.flows.wiring.publishing import (
    StepFunction,
    build_publish_steps,
)
from shutterpost.flows.wiring.syncing import (
    build_address_check,
    build_arm_all,
    build_fetch_trial,
    build_health_check,
    build_look_ahead,
    build_syncer,
)

__all__ = [
    "Platforms",
    "StepFunction",
    "Stores",
    "build_address_check",
    "build_arm_all",
    "build_assigner",
    "build_budgets",
    "build_calendar_entries",
    "build_canceller",
    "build_circuits",
    "build_connector",
    "build_deliverer",
    "build_draft_discarder",
    "build_due_starter",
    "build_editor",
    "build_explainer",
    "build_fetch_trial",
    "build_forecaster",
    "build_generator",
    "build_health_check",
    "build_history_recorder",
    "build_holds",
    "build_import_queues",
    "build_look_ahead",
    "build_mover",
    "build_notifier",
    "build_overview_reader",
    "build_photo_adder",
    "build_photo_editor",
    "build_picker",
    "build_plan_importer",
    "build_platforms",
    "build_post_creator",
    "build_poster",
    "build_publish_steps",
    "build_releaser",
    "build_remover",
    "build_resolver",
    "build_retrier",
    "build_reviewer",
    "build_session_ender",
    "build_session_starter",
    "build_silence_check",
    "build_slot_armer",
    "build_slot_chooser",
    "build_slot_claims",
    "build_start_timers",
    "build_successors",
    "build_suggestion_accepter",
    "build_suggestion_writer",
    "build_swapper",
    "build_syncer",
    "build_template_filler",
    "build_timezone_changes",
    "build_variant_writer",
    "build_webhook_settings",
    "configure",
]
