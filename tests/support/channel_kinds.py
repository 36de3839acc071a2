"""What differs between the kinds of connections, as far as the contract of all adapters asks for it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from infra.local.simulators import Simulators
from infra.local.simulators.faults import Platform

Kind = Literal[
    "facebook",
    "instagram",
    "buffer",
    "threads",
    "facebook_page",
    "mastodon",
    "pixelfed",
    "bluesky",
    "linkedin",
    "linkedin_member",
    "x",
]
KINDS: tuple[Kind, ...] = (
    "facebook",
    "instagram",
    "buffer",
    "threads",
    "facebook_page",
    "mastodon",
    "pixelfed",
    "bluesky",
    "linkedin",
    "linkedin_member",
    "x",
)
X_APP = "app-of-nature"


def x_token(access: str = "x-access", refresh: str = "x-refresh", ends_at: int = 1_795_269_600) -> str:
    """The token of a connection to X; its access token ends at 14:00 on 2026-11-21 UTC unless said otherwise."""
    tokens = {"client_id": X_APP, "access_token": access, "refresh_token": refresh, "expires_at": ends_at}
    return json.dumps(tokens, separators=(",", ":"))


TOKENS: dict[Kind, str] = {
    "facebook": "EAAG-facebook-token",
    "instagram": "IGQV-instagram-token",
    "buffer": "buffer-api-key",
    "threads": "THAA-threads-token",
    "facebook_page": "EAAP-page-token",
    "mastodon": "mastodon-token",
    "pixelfed": "pixelfed-token",
    "bluesky": "abcd-efgh-ijkl-mnop",
    "linkedin": "AQV-organization-token",
    "linkedin_member": "AQV-member-token",
    "x": x_token(),
}
# Text, alt texts, and names of the pictures of a post that is shown.
Shown = tuple[str, list[str], list[str]]


@dataclass(frozen=True, kw_only=True)
class KindTraits:
    """A kind's channel and simulator, the operations of the two calls, and what its platform does not tell."""

    channel: str
    platform: Platform
    submits_by: str
    posts_by: str
    shown: Callable[[Simulators], list[Shown]]
    # Posts left in the window, `None` where nothing tells it.
    remaining: int | None = 50
    # Whether the caption of a post is shown; else its time alone finds it.
    sees_texts: bool = True
    reads_without_token: bool = False
    # A second submission of the same message makes a second post.
    repeats: bool = True
    # The platform refuses the same text twice.
    refuses_same_text: bool = False
    # Whether the account's posts can be read at all.
    shows_posts: bool = True
    # Whether the platform tells the name of the token's account.
    names_account: bool = True
    # Seconds until a throttled call may be repeated, if not those that the platform states.
    throttled_for: float | None = None
    # Calls whose answer is not needed, because the adapter makes none.
    withdraws: bool = False
    asks_health: bool = True


def _on_instagram(sim: Simulators) -> list[Shown]:
    return [(media["caption"], [media["alt_text"]], media["image_urls"]) for media in sim.live_media()]


def _on_buffer(sim: Simulators) -> list[Shown]:
    return [(post["text"], post["alt_texts"], post["image_urls"]) for post in sim.buffer_posts("sent")]


def _on_threads(sim: Simulators) -> list[Shown]:
    return [(post["text"], post["alt_texts"], post["image_urls"]) for post in sim.threads_posts()]


def _on_facebook_page(sim: Simulators) -> list[Shown]:
    return [(post["text"], post["alt_texts"], post["image_urls"]) for post in sim.facebook_posts()]


def _on_mastodon(sim: Simulators) -> list[Shown]:
    return [
        (post["text"], [each["description"] for each in post["media"]], [each["sha256"] for each in post["media"]])
        for post in sim.statuses()
    ]


def _on_bluesky(sim: Simulators) -> list[Shown]:
    return [(post["text"], post["alt_texts"], post["pictures"]) for post in sim.bluesky_posts()]


def _on_linkedin(sim: Simulators) -> list[Shown]:
    return [(post["text"], post["alt_texts"], post["pictures"]) for post in sim.linkedin_posts()]


def _on_x(sim: Simulators) -> list[Shown]:
    return [(post["text"], post["alt_texts"], post["pictures"]) for post in sim.x_posts()]


_INSTAGRAM = KindTraits(
    channel="instagram",
    platform="instagram",
    submits_by="create_container",
    posts_by="media_publish",
    shown=_on_instagram,
)
_MASTODON = KindTraits(
    channel="mastodon",
    platform="mastodon",
    submits_by="create_media",
    posts_by="create_status",
    shown=_on_mastodon,
    remaining=None,
    repeats=False,
)
# At noon, until midnight.
_LINKEDIN = KindTraits(
    channel="linkedin",
    platform="linkedin",
    submits_by="initialize_upload",
    posts_by="create_post",
    shown=_on_linkedin,
    remaining=None,
    repeats=False,
    refuses_same_text=True,
    names_account=False,
    throttled_for=43_200,
)
TRAITS: dict[Kind, KindTraits] = {
    "facebook": _INSTAGRAM,
    "instagram": KindTraits(**{**vars(_INSTAGRAM), "sees_texts": False}),
    "buffer": KindTraits(
        channel="buffer",
        platform="buffer",
        submits_by="createPost",
        posts_by="createPost",
        shown=_on_buffer,
        withdraws=True,
    ),
    "threads": KindTraits(
        channel="threads",
        platform="threads",
        submits_by="create_container",
        posts_by="threads_publish",
        shown=_on_threads,
        remaining=250,
    ),
    "facebook_page": KindTraits(
        channel="facebook_page",
        platform="facebook_page",
        submits_by="create_photo",
        posts_by="create_post",
        shown=_on_facebook_page,
        remaining=None,
    ),
    "mastodon": _MASTODON,
    # Its keys are not used, and a picture can be posted once.
    "pixelfed": KindTraits(**{**vars(_MASTODON), "channel": "pixelfed", "repeats": True}),
    "bluesky": KindTraits(
        channel="bluesky",
        platform="bluesky",
        submits_by="uploadBlob",
        posts_by="putRecord",
        shown=_on_bluesky,
        remaining=None,
        reads_without_token=True,
        repeats=False,
    ),
    "linkedin": _LINKEDIN,
    "linkedin_member": KindTraits(**{**vars(_LINKEDIN), "shows_posts": False, "names_account": True}),
    "x": KindTraits(
        channel="x",
        platform="x",
        submits_by="upload",
        posts_by="create_post",
        shown=_on_x,
        remaining=None,
        asks_health=False,
    ),
}
