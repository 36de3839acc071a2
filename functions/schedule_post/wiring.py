"""The flows, stores and clients of the routes, created at the first request."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from schedule_post.http.lambda_calls import LambdaWorkers, Workers
from shutterpost.authoring import Sessions, Templates
from shutterpost.channels import Catalogue, ConnectionStore, Tokens
from shutterpost.flows.authoring.accept import SuggestionAccepter
from shutterpost.flows.authoring.fill_template import TemplateFiller
from shutterpost.flows.authoring.start_session import SessionStarter
from shutterpost.flows.drafting.discard_draft import DraftDiscarder
from shutterpost.flows.importing.rejected_files import RejectedFiles
from shutterpost.flows.notifying.webhooks import WebhookSettings
from shutterpost.flows.operating.cancel import Canceller
from shutterpost.flows.operating.change_photos import PhotoEditor
from shutterpost.flows.operating.connect import Connector
from shutterpost.flows.operating.import_plan import PlanImporter
from shutterpost.flows.operating.moving.move import Mover
from shutterpost.flows.operating.moving.swap import PostSwapper
from shutterpost.flows.operating.resolve import Resolver
from shutterpost.flows.operating.retry import Retrier
from shutterpost.flows.operating.review import Reviewer
from shutterpost.flows.operating.start_due import DueStarter
from shutterpost.flows.overview.overview import OverviewReader
from shutterpost.flows.picking.explain import Explainer
from shutterpost.flows.picking.forecast import Forecaster
from shutterpost.flows.picking.pick_now import SlotChooser
from shutterpost.flows.planning.budgets import Budgets
from shutterpost.flows.planning.circuits import Circuits
from shutterpost.flows.planning.holds import Holds
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.add_photos import PhotoAdder
from shutterpost.flows.posting.assign import PostAssigner
from shutterpost.flows.posting.edit_post import PostEditor
from shutterpost.flows.posting.post_photo import PhotoPoster
from shutterpost.flows.posting.successors import Successors
from shutterpost.flows.posting.write_variant import VariantWriter
from shutterpost.flows.records.calendar import CalendarEntries
from shutterpost.flows.records.history import HistoryRecorder
from shutterpost.flows.records.preview import PreviewReader
from shutterpost.flows.wiring import (
    Stores,
    build_assigner,
    build_budgets,
    build_calendar_entries,
    build_canceller,
    build_circuits,
    build_connector,
    build_draft_discarder,
    build_due_starter,
    build_editor,
    build_explainer,
    build_forecaster,
    build_history_recorder,
    build_holds,
    build_mover,
    build_overview_reader,
    build_photo_adder,
    build_photo_editor,
    build_plan_importer,
    build_poster,
    build_preview_reader,
    build_resolver,
    build_retrier,
    build_reviewer,
    build_session_starter,
    build_slot_chooser,
    build_start_timers,
    build_successors,
    build_suggestion_accepter,
    build_swapper,
    build_template_filler,
    build_variant_writer,
    build_webhook_settings,
    configure,
)
from shutterpost.personas import Personas, RoleGrants
from shutterpost.photos import ImportQueue, Photos, Rejections
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.settings import ApiSettings
from shutterpost.scheduling import Claims, Pauses, Posts, Schedules, Webhooks


@dataclass(frozen=True, kw_only=True)
class Services:
    """Flows, stores and clients; `pick_arn`, `sync_arn` and `suggest_arn` are the functions that `workers` invokes."""

    clock: Clock
    catalogue: Catalogue
    personas: Personas
    grants: RoleGrants
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    schedules: Schedules
    claims: Claims
    pauses: Pauses
    rejections: Rejections
    rejected_files: RejectedFiles
    circuits: Circuits
    budgets: Budgets
    holds: Holds
    successors: Successors
    calendar_entries: CalendarEntries
    overview: OverviewReader
    previews: PreviewReader
    due_starter: DueStarter
    connector: Connector
    poster: PhotoPoster
    photo_adder: PhotoAdder
    photo_editor: PhotoEditor
    editor: PostEditor
    draft_discarder: DraftDiscarder
    variant_writer: VariantWriter
    history: HistoryRecorder
    plan_importer: PlanImporter
    forecaster: Forecaster
    explainer: Explainer
    slot_chooser: SlotChooser
    assigner: PostAssigner
    canceller: Canceller
    retrier: Retrier
    mover: Mover
    swapper: PostSwapper
    resolver: Resolver
    reviewer: Reviewer
    webhooks: Webhooks
    webhook_settings: WebhookSettings
    templates: Templates
    template_filler: TemplateFiller
    sessions: Sessions
    session_starter: SessionStarter
    accepter: SuggestionAccepter
    workers: Workers
    pick_arn: str
    sync_arn: str
    suggest_arn: str


@lru_cache
def services() -> Services:
    """The services of this deployment."""
    settings = configure(ApiSettings)
    stores = Stores(max_future=timedelta(days=settings.max_future_days))
    return build_services(
        stores,
        build_start_timers(stores, settings),
        tokens=Tokens(settings.token_prefix),
        rejections=Rejections(settings.library_bucket),
        imports=ImportQueue(settings.import_queue_url),
        workers=LambdaWorkers(),
        pick_arn=settings.pick_function_arn,
        sync_arn=settings.sync_function_arn,
        suggest_arn=settings.suggest_function_arn,
        stage=settings.stage,
    )


def build_services(
    stores: Stores,
    start_timers: StartTimers,
    *,
    tokens: Tokens,
    rejections: Rejections,
    imports: ImportQueue,
    workers: Workers,
    pick_arn: str,
    sync_arn: str,
    suggest_arn: str,
    stage: str,
) -> Services:
    """The services on `stores`."""
    return Services(
        clock=stores.clock,
        catalogue=stores.catalogue,
        personas=stores.personas,
        grants=stores.grants,
        photos=stores.photos,
        connections=stores.connections,
        posts=stores.posts,
        schedules=stores.schedules,
        claims=stores.claims,
        pauses=stores.pauses,
        rejections=rejections,
        rejected_files=RejectedFiles(rejections=rejections, imports=imports),
        circuits=build_circuits(stores),
        budgets=build_budgets(stores),
        holds=build_holds(stores),
        successors=build_successors(stores),
        calendar_entries=build_calendar_entries(stores),
        overview=build_overview_reader(stores, rejections),
        previews=build_preview_reader(stores),
        due_starter=build_due_starter(stores, start_timers),
        connector=build_connector(stores, tokens, stage=stage),
        poster=build_poster(stores, start_timers),
        photo_adder=build_photo_adder(stores, start_timers),
        photo_editor=build_photo_editor(stores, imports),
        editor=build_editor(stores),
        draft_discarder=build_draft_discarder(stores),
        variant_writer=build_variant_writer(stores),
        history=build_history_recorder(stores),
        plan_importer=build_plan_importer(stores, start_timers),
        forecaster=build_forecaster(stores),
        explainer=build_explainer(stores),
        slot_chooser=build_slot_chooser(stores),
        assigner=build_assigner(stores, start_timers),
        canceller=build_canceller(stores, start_timers),
        retrier=build_retrier(stores, start_timers),
        mover=build_mover(stores, start_timers),
        swapper=build_swapper(stores, start_timers),
        resolver=build_resolver(stores),
        reviewer=build_reviewer(stores, start_timers),
        webhooks=stores.webhooks,
        webhook_settings=build_webhook_settings(stores, tokens, stage=stage),
        templates=Templates(),
        template_filler=build_template_filler(stores),
        sessions=Sessions(),
        session_starter=build_session_starter(stores),
        accepter=build_suggestion_accepter(stores),
        workers=workers,
        pick_arn=pick_arn,
        sync_arn=sync_arn,
        suggest_arn=suggest_arn,
    )


Wired = Annotated[Services, Depends(services)]
