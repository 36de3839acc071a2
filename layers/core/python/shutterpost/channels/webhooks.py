"""Signed requests to a webhook, in the form of Standard Webhooks (standardwebhooks.com), to public addresses only."""

import base64
import hashlib
import hmac
import secrets
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as DeadlineReached
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from shutterpost.channels.refusals import WebhookInvalid
from shutterpost.runtime.network.addresses import is_address, is_allowed, resolve

SECRET_PREFIX = "whsec_"  # noqa: S105 - the form of a secret, no secret
# Seconds for a whole request: a receiver that answers a byte now and then never reaches the read timeout.
DEADLINE = 15.0
MAX_URL = 2000


def new_secret() -> SecretStr:
    return SecretStr(SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())


def check_url(url: str, *, allow_loopback: bool = False) -> SplitResult:
    """The parts of a webhook's URL. Raises `WebhookInvalid` unless it is https, without a name and password.

    With `allow_loopback`, http to this machine is valid as well.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _invalid("The text is no web address.") from None
    if len(url) > MAX_URL or not url.isascii() or any(character.isspace() for character in url):
        raise _invalid(f"A webhook's address has at most {MAX_URL} ASCII characters and no blanks.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise _invalid("A webhook's address has a host, and neither a user name nor a fragment.")
    local = allow_loopback and host in {"127.0.0.1", "localhost"}
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise _invalid("A webhook's address begins with https://.")
    if is_address(host) and not is_allowed(host, allow_loopback=allow_loopback):
        raise _invalid("A webhook's address is public.")
    return parts


def signature_of(secret: SecretStr, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that identify and sign `body`."""
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.get_secret_value().removeprefix(SECRET_PREFIX))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{digest}"}


@dataclass(frozen=True)
class Posted:
    """The outcome of a request: whether the receiver accepted it, and a sentence."""

    accepted: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class WebhookSender:
    """Posts to webhooks. The address is resolved once, and that address is called, so that no later answer of the name
    server counts; redirects are not followed, and no body is read."""

    allow_loopback: bool = False
    deadline: float = DEADLINE

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        """Post `body`; never raises, and returns within the deadline."""
        pool = ThreadPoolExecutor(1)
        try:
            return pool.submit(self._post, url, headers, body).result(self.deadline)
        except DeadlineReached:
            return Posted(accepted=False, detail=f"No answer within {self.deadline:.0f} seconds.")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        import httpx  # late: the API checks addresses and posts nothing

        from shutterpost.channels.http import TIMEOUT, USER_AGENT

        try:
            parts = check_url(url, allow_loopback=self.allow_loopback)
            host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
            address = resolve(host, port, allow_loopback=self.allow_loopback)
            if address is None:
                raise _invalid("The webhook's host has an address that is not public.")
            target = httpx.URL(url).copy_with(host=address)
            sent = {**headers, "content-type": "application/json", "host": parts.netloc, "user-agent": USER_AGENT}
            with (
                httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", target, content=body, headers=sent, extensions={"sni_hostname": host}) as answer,
            ):
                return Posted(accepted=answer.is_success, detail=f"HTTP {answer.status_code}.")
        except WebhookInvalid as refusal:
            return Posted(accepted=False, detail=refusal.detail)
        except (OSError, UnicodeError, httpx.HTTPError, httpx.InvalidURL) as error:
            return Posted(accepted=False, detail=f"No answer: {type(error).__name__}.")


def _invalid(detail: str) -> WebhookInvalid:
    return WebhookInvalid(detail, field="url")
