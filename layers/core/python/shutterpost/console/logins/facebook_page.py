"""The Pages that a person's Facebook token manages: the chosen one's own token takes the place of the person's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from shutterpost.console import Json
from shutterpost.runtime.refusals import Invalid

GRAPH = "https://graph.facebook.com/v25.0"
_POSTS = "CREATE_CONTENT"
_TIMEOUT = 15.0
_LIST, _MAX_LISTS = 100, 20


class FacebookRefused(Invalid):
    kind = "facebook-refused"


class PageUnclear(Invalid):
    kind = "page-unclear"


class PageTokenEnds(Invalid):
    kind = "page-token-ends"


@dataclass(frozen=True)
class PageAccess:
    page_id: str
    name: str
    token: str = field(repr=False)


def page_of(user_token: str, wanted: str | None) -> PageAccess:
    """The Page `wanted` (id or name), or the only one. Raises `FacebookRefused`, `PageUnclear` and `PageTokenEnds`."""
    pages = _pages_of(user_token)
    shown = ", ".join(f"{page['name']} ({page['id']})" for page in pages) or "no Page"
    chosen = [page for page in pages if wanted is None or wanted in {page["id"], page["name"]}]
    if len(chosen) != 1:
        detail = f"The token is for {shown}; name one of them: shutterpost connections add facebook_page PAGE_ID."
        raise PageUnclear(detail, field="account_id")
    [page] = chosen
    if _POSTS not in page.get("tasks", [_POSTS]):
        detail = f"You may not post on {page['name']}; ask its owner for access with the task Content."
        raise FacebookRefused(detail, field="token")
    return _lasting(PageAccess(str(page["id"]), str(page["name"]), str(page.get("access_token", ""))))


def own_page(page_token: str, wanted: str | None) -> PageAccess:
    """The Page of a Page's own token; it must be `wanted`, if given. Raises as `page_of`."""
    page = _json("me", page_token, {"fields": "id,name"})
    access = PageAccess(str(page.get("id", "")), str(page.get("name", "")), page_token)
    if wanted not in {None, access.page_id, access.name}:
        raise PageUnclear(f"The token is for {access.name} ({access.page_id}), not for {wanted}.", field="account_id")
    return _lasting(access)


def _lasting(page: PageAccess) -> PageAccess:
    inspected = _json("debug_token", page.token, {"input_token": page.token}).get("data")
    if isinstance(inspected, dict) and inspected.get("expires_at"):
        detail = (
            f"The token of {page.name} would end soon, because the user token does; extend that at "
            "developers.facebook.com/tools/debug/accesstoken, and give the extended one."
        )
        raise PageTokenEnds(detail, field="token")
    return page


def _pages_of(user_token: str) -> list[Json]:
    params, pages = {"fields": "id,name,tasks,access_token", "limit": str(_LIST)}, list[Json]()
    for _ in range(_MAX_LISTS):
        body = _json("me/accounts", user_token, params)
        pages += body.get("data", [])
        paging = body.get("paging", {})
        if "next" not in paging:
            break
        params = {**params, "after": str(paging["cursors"]["after"])}
    return pages


def _json(path: str, token: str, params: Mapping[str, str]) -> Json:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        answer = httpx.get(f"{GRAPH}/{path}", params=params, headers=headers, timeout=_TIMEOUT)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise FacebookRefused(f"Facebook did not answer ({type(error).__name__}); try again.") from None
    if not answer.is_success or not isinstance(body, dict):
        reason = body.get("error", {}).get("message") if isinstance(body, dict) else None
        raise FacebookRefused(f"Facebook refused with HTTP {answer.status_code}: {str(reason)[:200]}", field="token")
    return body
