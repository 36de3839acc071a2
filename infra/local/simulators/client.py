"""A client of the control routes, for tests and the demo."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx

from infra.local.simulators.bluesky.accounts import BlueskySetup
from infra.local.simulators.buffer.records import BufferSetup, ChannelSetup, OrganizationSetup
from infra.local.simulators.facebook_page.accounts import PageSetup, PageUserSetup
from infra.local.simulators.faults import Fault, FaultKind, Platform
from infra.local.simulators.instagram.accounts import AccountSetup, Flavour, PostByHand
from infra.local.simulators.linkedin.accounts import LinkedInAppSetup, LinkedInSetup
from infra.local.simulators.mastodon.servers import MastodonAccountSetup, ServerSetup
from infra.local.simulators.threads.accounts import ThreadsAccountSetup
from infra.local.simulators.x.accounts import XAccountSetup

Json = dict[str, Any]


class Simulators:
    """The control routes of a running server. Each method raises `httpx.HTTPStatusError` on a refusal."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(base_url=self.base_url, trust_env=False, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    @property
    def facebook_url(self) -> str:
        """Replaces `https://graph.facebook.com`."""
        return f"{self.base_url}/facebook"

    @property
    def instagram_url(self) -> str:
        """Replaces `https://graph.instagram.com`."""
        return f"{self.base_url}/instagram"

    @property
    def buffer_url(self) -> str:
        """Replaces `https://api.buffer.com`."""
        return self.base_url

    def mastodon_url(self, domain: str) -> str:
        """Replaces `https://{domain}` of a server that was added."""
        return f"{self.base_url}/mastodon/{domain}"

    @property
    def threads_url(self) -> str:
        """Replaces `https://graph.threads.net`."""
        return f"{self.base_url}/threads"

    @property
    def bluesky_url(self) -> str:
        """Replaces the address of an account's server."""
        return f"{self.base_url}/bluesky"

    @property
    def facebook_page_url(self) -> str:
        """Replaces `https://graph.facebook.com` of Pages."""
        return f"{self.base_url}/facebook_page"

    @property
    def x_url(self) -> str:
        """Replaces `https://api.x.com` and `https://x.com`."""
        return f"{self.base_url}/x"

    @property
    def linkedin_url(self) -> str:
        """Replaces `https://api.linkedin.com`, and `https://www.linkedin.com` of its sign-in."""
        return f"{self.base_url}/linkedin"

    def reset(self) -> None:
        """Reset accounts, posts, faults, call log, settings and the clock."""
        self._post("/reset")

    def configure(self, **settings: Any) -> Json:
        """Change `SimulatorSettings` by name and return all settings."""
        return self._post("/settings", settings)

    def add_instagram_account(
        self,
        token: str,
        *,
        kind: Flavour,
        ig_user_id: str,
        username: str = "photographer",
        **options: Any,
    ) -> Json:
        """Add an account and a token; `options` are other fields of `AccountSetup`."""
        setup = AccountSetup(token=token, kind=kind, ig_user_id=ig_user_id, username=username, **options)
        return self._post("/instagram/accounts", setup.model_dump(mode="json"))

    def post_by_hand(self, **post: str) -> str:
        """Post on Instagram as a person does, and return the media id; `post` are the fields of `PostByHand`."""
        return str(self._post("/instagram/posts", PostByHand(**post).model_dump())["id"])

    def add_buffer_account(self, setup: BufferSetup) -> Json:
        """Add an API key with its organizations and channels, and return their ids."""
        return self._post("/buffer/accounts", setup.model_dump(mode="json"))

    def add_buffer_channel(
        self, api_key: str, *, service: str = "instagram", name: str = "photographer"
    ) -> tuple[str, str]:
        """Add an API key with one organization and one channel, and return both ids."""
        organization = OrganizationSetup(name="Studio", channels=[ChannelSetup(service=service, name=name)])
        added = self.add_buffer_account(BufferSetup(api_key=api_key, organizations=[organization]))
        only = added["organizations"][0]
        return only["id"], only["channels"][0]["id"]

    def add_mastodon_server(self, domain: str, tokens: dict[str, str], **options: Any) -> dict[str, str]:
        """Add or change a server with a token per user name, and return the accounts' ids.

        `options` are other fields of `ServerSetup`; `account` has further ones of `MastodonAccountSetup`.
        """
        more = options.pop("account", {})
        accounts = [MastodonAccountSetup(username=name, tokens=[token], **more) for name, token in tokens.items()]
        setup = ServerSetup(domain=domain, accounts=accounts, **options)
        return dict(self._post("/mastodon/servers", setup.model_dump(mode="json"))["accounts"])

    def add_threads_account(self, token: str, *, user_id: str, username: str = "photographer", **options: Any) -> Json:
        """Add an account and a token; `options` are other fields of `ThreadsAccountSetup`."""
        setup = ThreadsAccountSetup(token=token, user_id=user_id, username=username, **options)
        return self._post("/threads/accounts", setup.model_dump(mode="json"))

    def add_bluesky_account(self, handle: str, password: str, **options: Any) -> str:
        """Add or change an account, and return its DID; `options` are other fields of `BlueskySetup`."""
        setup = BlueskySetup(handle=handle, password=password, **options)
        return str(self._post("/bluesky/accounts", setup.model_dump(mode="json"))["did"])

    def take_down(self, uri: str) -> None:
        """Hide a Bluesky post, as a moderator does."""
        self._post("/bluesky/takedowns", {"uri": uri})

    def add_facebook_page(self, token: str, *, page_id: str, name: str = "Nature", **options: Any) -> None:
        """Add a Page and a token of it; `options` are other fields of `PageSetup`."""
        setup = PageSetup(token=token, page_id=page_id, name=name, **options)
        self._post("/facebook_page/pages", setup.model_dump(mode="json"))

    def add_facebook_user(self, token: str, *, user_id: str, **options: Any) -> None:
        """Add a person with a user token; `options` are other fields of `PageUserSetup`."""
        setup = PageUserSetup(token=token, user_id=user_id, **options)
        self._post("/facebook_page/users", setup.model_dump(mode="json"))

    def add_x_account(self, **settings: Any) -> str:
        """Add an account with a pair of tokens, and return its id; `settings` are the fields of `XAccountSetup`."""
        setup = XAccountSetup(**settings)
        return str(self._post("/x/accounts", setup.model_dump(mode="json"))["user_id"])

    def add_linkedin_member(self, token: str, *, member_id: str, **options: Any) -> str:
        """Add a member and a token, and return the URN; `options` are other fields of `LinkedInSetup`."""
        setup = LinkedInSetup(token=token, member_id=member_id, **options)
        return str(self._post("/linkedin/members", setup.model_dump(mode="json"))["urn"])

    def add_linkedin_app(self, setup: LinkedInAppSetup) -> None:
        self._post("/linkedin/apps", setup.model_dump(mode="json"))

    def revoke_linkedin_token(self, token: str) -> None:
        self._post("/linkedin/revocations", {"token": token})

    def agree(self, address: str, username: str) -> str:
        """Open an authorization's address as a person who is signed in and agrees, and return the page or redirect."""
        answer = self._http.get(address, headers={"cookie": f"signed_in_as={username}"}, follow_redirects=False)
        return answer.headers.get("location") or answer.text

    def now(self) -> datetime:
        return instant(self._get("/clock"))

    def set_clock(self, at: datetime | None = None, *, frozen: bool = False) -> datetime:
        """Set the clock and process what becomes due."""
        return instant(self._post("/clock", {"at": at.isoformat() if at else None, "frozen": frozen}))

    def advance(self, seconds: float) -> datetime:
        """Advance the clock and process what becomes due, picture fetches included."""
        return instant(self._post("/clock/advance", {"seconds": seconds}))

    def settle(self) -> datetime:
        return self.advance(0)

    def add_fault(self, platform: Platform, operation: str, kind: FaultKind, **options: Any) -> None:
        """Add a fault; `options` are other fields of `Fault`."""
        fault = Fault(platform=platform, operation=operation, kind=kind, **options)
        self._post("/faults", fault.model_dump(mode="json"))

    def faults(self) -> list[Json]:
        return list(self._get("/faults")["faults"])

    def clear_faults(self) -> None:
        self._http.delete("/_control/faults").raise_for_status()

    def state(self) -> Json:
        return self._get("/state")

    def count(self, platform: Platform, operation: str) -> int:
        return int(self.state()["counts"].get(f"{platform}.{operation}", 0))

    def violations(self) -> list[Json]:
        """Calls that break the platforms' rules; a correct client makes none."""
        return list(self.state()["violations"])

    def live_media(self, caption: str | None = None) -> list[Json]:
        """The visible Instagram posts, optionally of one caption."""
        media = self.state()["instagram"]["media"]
        return [item for item in media if item["deleted_at"] is None and caption in {None, item["caption"]}]

    def buffer_posts(self, status: str | None = None) -> list[Json]:
        """Buffer's posts, optionally of one status."""
        return [post for post in self.state()["buffer"]["posts"] if status in {None, post["status"]}]

    def statuses(self, text: str | None = None) -> list[Json]:
        """The visible statuses of all Mastodon servers, optionally of one text."""
        statuses = self.state()["mastodon"]["statuses"]
        return [item for item in statuses if item["deleted_at"] is None and text in {None, item["text"]}]

    def threads_posts(self, text: str | None = None) -> list[Json]:
        """The visible posts of Threads, optionally of one text."""
        posts = self.state()["threads"]["posts"]
        return [post for post in posts if post["deleted_at"] is None and text in {None, post["text"]}]

    def bluesky_posts(self, text: str | None = None) -> list[Json]:
        """The posts on Bluesky, optionally of one text."""
        return [post for post in self.state()["bluesky"]["posts"] if text in {None, post["text"]}]

    def facebook_posts(self, text: str | None = None) -> list[Json]:
        """The visible posts of Pages, optionally of one text."""
        posts = self.state()["facebook_page"]["posts"]
        return [post for post in posts if post["deleted_at"] is None and text in {None, post["text"]}]

    def x_posts(self, text: str | None = None) -> list[Json]:
        """The visible posts on X, optionally of one text."""
        posts = self.state()["x"]["posts"]
        return [post for post in posts if post["deleted_at"] is None and text in {None, post["text"]}]

    def linkedin_posts(self, text: str | None = None) -> list[Json]:
        """The visible posts on LinkedIn, optionally of one text."""
        posts = self.state()["linkedin"]["posts"]
        return [post for post in posts if post["deleted_at"] is None and text in {None, post["text"]}]

    def journal(self, platform: Platform | None = None, operation: str | None = None) -> list[Json]:
        query = {"platform": platform, "operation": operation}
        return list(self._get("/journal", {name: value for name, value in query.items() if value})["entries"])

    def _get(self, path: str, query: dict[str, str] | None = None) -> Json:
        return body_of(self._http.get(f"/_control{path}", params=query))

    def _post(self, path: str, body: Json | None = None) -> Json:
        return body_of(self._http.post(f"/_control{path}", json=body or {}))


def body_of(answer: httpx.Response) -> Json:
    answer.raise_for_status()
    body: Json = answer.json()
    return body


def instant(clock: Json) -> datetime:
    return datetime.fromisoformat(clock["now"])


@contextlib.contextmanager
def running_simulators() -> Iterator[Simulators]:
    """A server in a thread on a free port, as its client; both stop on leaving."""
    from infra.local.simulators.server import serving

    with serving() as base_url, Simulators(base_url) as simulators:
        yield simulators
