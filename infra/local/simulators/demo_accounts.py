"""The demo's accounts on the simulated platforms: how each is connected, and the texts that it shows."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from infra.local.simulators.client import Simulators
from infra.local.simulators.x.accounts import ACCESS_LIFE

NAME: Final = "nature.explorer"
INSTAGRAM_TOKEN: Final = "token-of-the-simulated-instagram"  # noqa: S105 - opens a simulator
PAGE_TOKEN: Final = "token-of-the-simulated-page"  # noqa: S105 - opens a simulator
BLUESKY_PASSWORD: Final = "demo-demo-demo-demo"  # noqa: S105 - opens a simulator
MASTODON_TOKEN: Final = "token-of-the-simulated-mastodon"  # noqa: S105 - opens a simulator
LINKEDIN_TOKEN: Final = "token-of-the-simulated-linkedin"  # noqa: S105 - opens a simulator
X_TOKEN: Final = "token-of-the-simulated-x"  # noqa: S105 - opens a simulator
BUFFER_KEY: Final = "key-of-the-simulated-buffer"
SECRETS: Final = (
    INSTAGRAM_TOKEN,
    PAGE_TOKEN,
    BLUESKY_PASSWORD,
    MASTODON_TOKEN,
    LINKEDIN_TOKEN,
    X_TOKEN,
    BUFFER_KEY,
)
INSTAGRAM, FACEBOOK, BLUESKY, MASTODON = "Instagram", "Facebook Page", "Bluesky", "Mastodon"
LINKEDIN, X, BUFFER = "LinkedIn", "X", "Buffer"
OWN_SERVER: Final = "Bluesky's own server"
BLUESKY_HANDLE: Final = "nature.test"

Json = dict[str, Any]


@dataclass(frozen=True)
class DemoAccount:
    """`prepare` adds the account to its simulator, and returns the request that connects it.

    `posts` are those that it shows, where the same check is made of all; `budget` is set once it is connected.
    """

    name: str
    prepare: Callable[[Simulators], Json]
    posts: Callable[[Simulators], list[Json]] | None = None
    budget: Json | None = None


def _instagram(sim: Simulators) -> Json:
    account_id = "17841400000000001"
    sim.add_instagram_account(INSTAGRAM_TOKEN, kind="facebook", ig_user_id=account_id, username=NAME)
    return {"channel": "instagram", "account_id": account_id, "login": "facebook", "token": INSTAGRAM_TOKEN}


def _facebook_page(sim: Simulators) -> Json:
    account_id = "1120000000000001"
    sim.add_facebook_page(PAGE_TOKEN, page_id=account_id, name=NAME)
    return {"channel": "facebook_page", "account_id": account_id, "token": PAGE_TOKEN}


def _bluesky(sim: Simulators) -> Json:
    did = sim.add_bluesky_account(BLUESKY_HANDLE, BLUESKY_PASSWORD)
    return {"channel": "bluesky", "account_id": did, "host": sim.bluesky_url, "token": BLUESKY_PASSWORD}


def _mastodon(sim: Simulators) -> Json:
    domain = "photos.example"
    [number] = sim.add_mastodon_server(domain, {"nature": MASTODON_TOKEN}).values()
    account_id, host = f"{number}@{domain}", sim.mastodon_url(domain)
    return {"channel": "mastodon", "account_id": account_id, "host": host, "token": MASTODON_TOKEN}


def _linkedin(sim: Simulators) -> Json:
    member_id = "nature1"
    sim.add_linkedin_member(LINKEDIN_TOKEN, member_id=member_id, name=NAME)
    return {"channel": "linkedin", "account_id": member_id, "login": "member", "token": LINKEDIN_TOKEN}


def _x(sim: Simulators) -> Json:
    client_id, refresh_token = "app-of-the-demo", f"refresh-{X_TOKEN}"
    account_id = sim.add_x_account(
        user_id="7300000000000000001",
        username="nature",
        access_token=X_TOKEN,
        refresh_token=refresh_token,
        client_id=client_id,
    )
    ends_at = sim.now() + ACCESS_LIFE - timedelta(minutes=1)
    tokens = {"client_id": client_id, "access_token": X_TOKEN, "refresh_token": refresh_token}
    given = json.dumps({**tokens, "expires_at": int(ends_at.timestamp())}, separators=(",", ":"))
    return {"channel": "x", "account_id": account_id, "token": given}


def _buffer(sim: Simulators) -> Json:
    organization_id, channel_id = sim.add_buffer_channel(BUFFER_KEY, name=NAME)
    return {"channel": "buffer", "account_id": channel_id, "organization_id": organization_id, "token": BUFFER_KEY}


# In the order of the output.
ACCOUNTS: Final = (
    DemoAccount(INSTAGRAM, _instagram),
    DemoAccount(FACEBOOK, _facebook_page, Simulators.facebook_posts),
    DemoAccount(BLUESKY, _bluesky, Simulators.bluesky_posts),
    DemoAccount(MASTODON, _mastodon, Simulators.statuses),
    DemoAccount(LINKEDIN, _linkedin, Simulators.linkedin_posts),
    DemoAccount(X, _x, Simulators.x_posts, budget={"posts": 30, "dollars": 2.5}),
    DemoAccount(BUFFER, _buffer),
)
