"""The public API of the scheduling pack: posts, variants, schedules, events, claims, lanes and timers."""

from shutterpost.scheduling.circuit_breaker import BreakerRules, Circuit
from shutterpost.scheduling.derived import PostStatus, VariantStatus, post_status, variant_status
from shutterpost.scheduling.ids import (
    anywhere_claim_key,
    key_claim_key,
    photo_claim_key,
    post_id_in,
    post_id_of,
    remote_claim_key,
    schedule_id_of,
    slot_claim_key,
    variant_id_of,
)
from shutterpost.scheduling.lanes import Lane, LaneRules, month_start
from shutterpost.scheduling.lateness import LateAction, late_action
from shutterpost.scheduling.states import (
    ALLOWED,
    OPEN,
    CommentState,
    IllegalMove,
    Intent,
    ScheduleStatus,
    Step,
    check_move,
)
from shutterpost.scheduling.store.claims import Claims
from shutterpost.scheduling.store.idempotency_keys import ResponseState, StoredResponse, StoredResponses
from shutterpost.scheduling.store.items import use_table
from shutterpost.scheduling.store.lanes import LaneBusy, Lanes, Pause, Pauses
from shutterpost.scheduling.store.look_aheads import LookAheads
from shutterpost.scheduling.store.notice_states import NoticeStates, StoredNotices
from shutterpost.scheduling.store.posts import DecisionPage, PostNotFound, PostPage, Posts, VariantNotFound
from shutterpost.scheduling.store.schedules import ScheduleNotFound, SchedulePage, Schedules, StaleWrite
from shutterpost.scheduling.store.shown_photos import ShownPhoto, ShownPhotos
from shutterpost.scheduling.store.webhooks import (
    Delivery,
    DeliveryPage,
    DeliveryState,
    DeliveryUnknown,
    Webhook,
    Webhooks,
    WebhookUnknown,
)
from shutterpost.scheduling.store.weeks import Week, Weeks
from shutterpost.scheduling.timers import MIN_AHEAD, ChainStarter, Starter, Timers, slot_name
from shutterpost.scheduling.values import (
    Claim,
    ClaimState,
    DecisionRecord,
    EventOutcome,
    OperatorVerdict,
    Origin,
    Post,
    PostDetails,
    PublishEvent,
    Review,
    Schedule,
    Variant,
    VariantSource,
)

__all__ = [
    "ALLOWED",
    "MIN_AHEAD",
    "OPEN",
    "BreakerRules",
    "ChainStarter",
    "Circuit",
    "Claim",
    "ClaimState",
    "Claims",
    "CommentState",
    "DecisionPage",
    "DecisionRecord",
    "Delivery",
    "DeliveryPage",
    "DeliveryState",
    "DeliveryUnknown",
    "EventOutcome",
    "IllegalMove",
    "Intent",
    "Lane",
    "LaneBusy",
    "LaneRules",
    "Lanes",
    "LateAction",
    "LookAheads",
    "NoticeStates",
    "OperatorVerdict",
    "Origin",
    "Pause",
    "Pauses",
    "Post",
    "PostDetails",
    "PostNotFound",
    "PostPage",
    "PostStatus",
    "Posts",
    "PublishEvent",
    "ResponseState",
    "Review",
    "Schedule",
    "ScheduleNotFound",
    "SchedulePage",
    "ScheduleStatus",
    "Schedules",
    "ShownPhoto",
    "ShownPhotos",
    "StaleWrite",
    "Starter",
    "Step",
    "StoredNotices",
    "StoredResponse",
    "StoredResponses",
    "Timers",
    "Variant",
    "VariantNotFound",
    "VariantSource",
    "VariantStatus",
    "Webhook",
    "WebhookUnknown",
    "Webhooks",
    "Week",
    "Weeks",
    "anywhere_claim_key",
    "check_move",
    "key_claim_key",
    "late_action",
    "month_start",
    "photo_claim_key",
    "post_id_in",
    "post_id_of",
    "post_status",
    "remote_claim_key",
    "schedule_id_of",
    "slot_claim_key",
    "slot_name",
    "use_table",
    "variant_id_of",
    "variant_status",
]
