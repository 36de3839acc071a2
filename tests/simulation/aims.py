"""Where to look for each broken rule: the fault, the actions and the world that make it visible.

The histories are those of every search, with the same generator and the same checks; only what is drawn is weighted.
"""

from collections.abc import Sequence
from dataclasses import replace

from tests.simulation.fate import Fate
from tests.simulation.faults import Aim, Fault
from tests.simulation.kinds import DECLARED, KindOfPlatform

F = Fault
CREATE, PUBLISH = "buffer createPost", "instagram POST media_publish"
# Draws of the world, as numbers in [0, 1) that choose from the options in `setting.py`.
BUFFER, BOTH = {"kinds *": 0.7}, {"kinds *": 0.0}
FACEBOOK, INSTAGRAM = {"kinds *": 0.5}, {"kinds *": 0.9}
BUSY = {"acts": 0.99}
STRICT, PATIENT = {"persona * grace": 0.0}, {"persona * grace": 0.9}
LATE = {"latest": 0.9}
UNRULED = {"persona * gap": 0.0, "persona * week": 0.0, "persona * once": 0.9, "persona * blackout": 0.9}
CALM = {"faults": 0.0, "write faults": 0.0, "read faults": 0.0}
AUTO = {"persona * approval": 0.0}
PHOTOS = {"photos *": 0.9}
SHARED = {"shared account": 0.0, "personas": 0.9, "quota *": 0.0}
SAME_TIMES = {"persona * slot *": 0.3, "persona * minute *": 0.0, "persona * slots": 0.0, "persona * zone": 0.0}

AIMS: dict[str, Aim] = {
    "look-before-acting": Aim((CREATE, F.LOST_ANSWER), draws=BUFFER),
    "look-twice": Aim((CREATE, F.LATER), ("sync", "schedule"), {**BUFFER, **LATE, **BUSY}),
    "wait-until-settled": Aim((CREATE, F.LATER), ("sync", "schedule"), {**BUFFER, **LATE, **BUSY}),
    "unreadable-is-not-nothing": Aim(
        ("buffer posts", F.UNREADABLE), ("schedule",), {**BUFFER, "write faults": 0.9, "all faults": 0.0}
    ),
    "a-word-is-checked": Aim((CREATE, F.LATER), ("resolve", "schedule"), {**BUFFER, **LATE, **BUSY}),
    "state-before-write": Aim((PUBLISH, F.KILLED_AFTER), draws=FACEBOOK),
    "silence-is-not-no": Aim((CREATE, F.LOST_ANSWER), draws=BUFFER),
    "unclear-is-unknown": Aim((CREATE, F.KILLED_AFTER), draws=BUFFER),
    "a-remote-post-has-one-owner": Aim(
        (PUBLISH, F.LOST_ANSWER), draws={**INSTAGRAM, **SHARED, **SAME_TIMES, **PHOTOS, **AUTO, **UNRULED}
    ),
    "handed-over-stays-so": Aim((CREATE, F.LOST_ANSWER), ("pause", "schedule"), {**BUFFER, **STRICT, **BUSY}),
    "refused-there-is-failed": Aim(None, ("at buffer", "schedule"), {**BUFFER, **BUSY}),
    "copies-outlive-hand-over": Aim(None, ("schedule",), {**BUFFER, **BUSY, **PHOTOS}),
    "copies-are-renewed": Aim(None, ("at buffer", "schedule"), {**BUFFER, **BUSY, **PHOTOS}),
    "never-sent-is-told": Aim(None, ("at buffer", "schedule"), {**BUFFER, **BUSY}),
    "pause-holds": Aim(None, ("pause", "schedule"), BUSY),
    "late-is-not-sent": Aim(None, ("pause", "break token"), {**STRICT, **BUSY}),
    "late-goes-to-next-slot": Aim(None, ("pause", "break token"), {**STRICT, **BUSY, **UNRULED, "persona * late": 0.0}),
    "a-late-post-starts-again": Aim(
        (PUBLISH, F.THROTTLED), draws={**FACEBOOK, **STRICT, **UNRULED, **AUTO, "persona * late": 0.0}
    ),
    "resumed-chain-is-judged": Aim(("Invoke", F.THROTTLED), draws={**FACEBOOK, **STRICT, **AUTO}, focused=0.7),
    "never-early": Aim(draws=FACEBOOK),
    "cancel-is-honoured": Aim(("Invoke", F.THROTTLED), ("cancel",), {**FACEBOOK, **BUSY, **PATIENT, **AUTO}),
    "approval-is-awaited": Aim(draws={"persona * approval": 0.99}),
    "archived-is-not-retried": Aim(
        None, ("schedule", "skip", "archive", "retry"), {**FACEBOOK, **BUSY, **AUTO, "personas": 0.0}
    ),
    "blackouts-stay-empty": Aim(draws={"persona * blackout": 0.0, **AUTO}),
    "posts-keep-their-distance": Aim(
        None, ("schedule",), {**FACEBOOK, **SHARED, **SAME_TIMES, **BUSY, **AUTO, **UNRULED, **PHOTOS}
    ),
    "accounts-share-a-lane": Aim(
        None, ("schedule",), {**FACEBOOK, **SHARED, **SAME_TIMES, **BUSY, **AUTO, **UNRULED, **PHOTOS}
    ),
    "quota-is-kept": Aim(
        None, ("schedule",), {**FACEBOOK, **SHARED, **SAME_TIMES, **PHOTOS, **AUTO, **UNRULED, "quota *": 0.99}
    ),
    "limits-of-the-persona": Aim(
        None, ("schedule", "move"), {**FACEBOOK, **PHOTOS, **BUSY, "persona * gap": 0.9, "persona * week": 0.9}
    ),
    "claims-are-released": Aim(None, ("cancel", "schedule"), BUSY),
    "photo-is-claimed": Aim(None, ("schedule",), {**FACEBOOK, "photos *": 0.0, **BUSY, **UNRULED}),
    "account-is-claimed": Aim(
        None, ("schedule",), {**FACEBOOK, **SHARED, "same photos": 0.0, "photos *": 0.0, **AUTO, **UNRULED}
    ),
    "slot-is-claimed": Aim(None, ("schedule",), {**PHOTOS, **BUSY, **AUTO, **UNRULED}),
    "once-anywhere-is-claimed": Aim(None, ("schedule",), {**BOTH, **BUSY, "photos *": 0.0, "persona * once": 0.0}),
    "photo-returns": Aim(None, ("cancel", "schedule"), BUSY),
    "photo-stays-out-for-its-fault": Aim(None, ("schedule",), {**FACEBOOK, "faulty *": 0.0, **AUTO}),
    "an-end-is-one-transaction": Aim(("TransactWriteItems", F.KILLED_AFTER), ("cancel", "skip"), BUSY),
    "a-leftover-takes-its-part": Aim(
        None,
        ("break token", "pause"),
        {**BOTH, **STRICT, **BUSY, **PHOTOS, **AUTO, **UNRULED, "persona * late": 0.0},
    ),
    "a-moved-post-leaves-its-slot": Aim(None, ("move",), {**BUSY, **AUTO, **UNRULED}),
    "a-write-knows-its-own": Aim(("UpdateItem", F.TWICE), ("schedule",), {**CALM, **BUSY, **STRICT}),
    "a-transaction-has-a-token": Aim(("TransactWriteItems", F.TWICE), ("retry", "skip"), {**CALM, **BUSY}),
    "a-conflict-is-repeated": Aim(("UpdateItem", F.CONFLICT), ("cancel", "move"), {**CALM, **BUSY}),
    "a-busy-account-is-repeated": Aim(("Invoke", F.THROTTLED), draws=CALM),
    "a-newer-arming-wins": Aim(
        ("ListSchedules", F.SLOW), ("change slots",), {**CALM, **AUTO, "acts": 0.7, "personas": 0.0}, focused=0.7
    ),
    "one-failure-stops-no-arming": Aim(("ListSchedules", F.REFUSED), draws={"personas": 0.9}),
    "never-sent-is-asked-less-often": Aim(None, ("at buffer", "schedule"), {**BUFFER, **BUSY}),
    "revoked-only-without-posts": Aim(None, ("revoke", "schedule"), {**BUFFER, **BUSY}),
    "no-change-hides-a-slot": Aim(
        ("GetItem", F.REFUSED), ("change policy", "change slots"), {**BUSY, **STRICT, **AUTO, "personas": 0.0}
    ),
}

# Of a grade each, on a channel that has it, and of first comments; no random history has one of these.
CHANNEL_AIMS: dict[str, Aim] = {
    "A-the-key-is-the-posts": Aim(("bluesky putRecord", F.LOST_ANSWER), ("schedule",), BUSY, kinds=("bluesky",)),
    "C-pictures-tell-the-post": Aim(
        ("pixelfed POST statuses", F.LOST_ANSWER), ("schedule",), BUSY, kinds=("pixelfed",)
    ),
    "E-not-live-waits": Aim(
        ("linkedin POST posts", F.LATER), ("resolve", "schedule"), {**LATE, **BUSY}, kinds=("linkedin_member",)
    ),
    "a-comment-is-made-once": Aim(("instagram POST comments", F.LOST_ANSWER), ("comment",), {**FACEBOOK, **BUSY}),
}

# The chance that a random history has one of the aims.
AIMED = 0.35


def aim_of(fate: Fate, kinds: Sequence[str] = ()) -> Aim | None:
    """The aim of a random history, if it has one; in one of declared `kinds` it is at the same call of such a kind."""
    aim = fate.choice("aim", tuple(AIMS.values())) if fate.draw("has aim") < AIMED else None
    declared = [DECLARED[kind] for kind in kinds if kind in DECLARED]
    return _aim_at_kind(aim, fate.choice("aimed kind", declared)) if aim and declared else aim


def _aim_at_kind(aim: Aim, kind: KindOfPlatform) -> Aim:
    draws = {key: value for key, value in aim.draws.items() if key != "kinds *"}
    operation, fault = aim.focus or ("", None)
    if fault is None or " " not in operation:
        return replace(aim, draws=draws)
    same = kind.publishes if operation in {CREATE, PUBLISH} else kind.looks
    return replace(aim, draws=draws, focus=(f"{kind.channel} {same}", fault))
