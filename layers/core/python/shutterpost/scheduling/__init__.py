"""The scheduling pack: posts, variants, schedules, attempts, claims and timers. Its public API is what stands here."""

from shutterpost.scheduling.derived import PostStatus, VariantStatus, post_status, variant_status
from shutterpost.scheduling.lateness import LateAction, late_action
from shutterpost.scheduling.states import ALLOWED, OPEN, IllegalMove, Intent, ScheduleStatus, Step, check_move
from shutterpost.scheduling.store.claims import Claims
from shutterpost.scheduling.store.posts import DecisionPage, PostNotFound, PostPage, Posts
from shutterpost.scheduling.store.schedules import Lost, ScheduleNotFound, Schedules
from shutterpost.scheduling.timers import MIN_AHEAD, ChainStarter, Starter, Timers, slot_name
from shutterpost.scheduling.values import (
    Claim,
    ClaimState,
    DecisionRecord,
    EventOutcome,
    Origin,
    Post,
    PostDetails,
    PublishEvent,
    Schedule,
    Variant,
    anywhere_claim_key,
    photo_claim_key,
    post_id_of,
    schedule_id_of,
    slot_claim_key,
)

__all__ = [
    "ALLOWED",
    "MIN_AHEAD",
    "OPEN",
    "ChainStarter",
    "Claim",
    "ClaimState",
    "Claims",
    "DecisionPage",
    "DecisionRecord",
    "EventOutcome",
    "IllegalMove",
    "Intent",
    "LateAction",
    "Lost",
    "Origin",
    "Post",
    "PostDetails",
    "PostNotFound",
    "PostPage",
    "PostStatus",
    "Posts",
    "PublishEvent",
    "Schedule",
    "ScheduleNotFound",
    "ScheduleStatus",
    "Schedules",
    "Starter",
    "Step",
    "Timers",
    "Variant",
    "VariantStatus",
    "anywhere_claim_key",
    "check_move",
    "late_action",
    "photo_claim_key",
    "post_id_of",
    "post_status",
    "schedule_id_of",
    "slot_claim_key",
    "slot_name",
    "variant_status",
]
