"""Plain HTTP clients of the simulated platforms, written apart from the product's adapters."""

from datetime import UTC, datetime
from typing import Any

import httpx

from infra.local.simulators import Simulators

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DUE = "2026-12-01T09:00:00.000Z"
ANNA = "17841400000000001"
BERT = "17841400000000002"
KEY = "buffer-key"
HTTP = httpx.Client(trust_env=False, timeout=10)

CREATE = """
mutation Create($input: CreatePostInput!) {
  createPost(input: $input) {
    __typename
    ... on PostActionSuccess { post { id status dueAt sentAt channelId channelService createdAt via shareMode
      schedulingType allowedActions externalLink assets { id type mimeType source } } }
    ... on RestProxyError { message code link }
    ... on MutationError { message }
  }
}
"""
DELETE = """
mutation Delete($input: DeletePostInput!) {
  deletePost(input: $input) { __typename ... on DeletePostSuccess { id } ... on MutationError { message } }
}
"""
POSTS = """
query Posts($first: Int, $after: String, $input: PostsInput!) {
  posts(first: $first, after: $after, input: $input) {
    edges { cursor node { id text status } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""
POST = """
query ($input: PostInput!) {
  post(input: $input) { id status sentAt externalLink allowedActions error { message } }
}
"""
EDIT = """
mutation ($input: EditPostInput!) {
  editPost(input: $input) { __typename ... on PostActionSuccess { post { dueAt } } ... on MutationError { message } }
}
"""


class Graph:
    """One account on one host, as a plain HTTP client."""

    def __init__(self, base: str, token: str, ig: str = ANNA) -> None:
        self.base, self.token, self.ig = f"{base}/v25.0", token, ig

    def get(self, path: str, **query: Any) -> httpx.Response:
        return HTTP.get(f"{self.base}/{path}", params=query | {"access_token": self.token})

    def create(self, image_url: str = "", **form: Any) -> httpx.Response:
        data = {"image_url": image_url, "access_token": self.token} | form
        return HTTP.post(f"{self.base}/{self.ig}/media", data={k: v for k, v in data.items() if v != ""})

    def publish(self, container: str, **options: Any) -> httpx.Response:
        data = {"creation_id": container, "access_token": self.token}
        return HTTP.post(f"{self.base}/{self.ig}/media_publish", data=data, **options)

    def delete(self, media: str) -> httpx.Response:
        return HTTP.delete(f"{self.base}/{media}", params={"access_token": self.token})

    def status(self, container: str) -> str:
        return str(self.get(container, fields="status_code,status").json()["status_code"])


def finished(sim: Simulators, graph: Graph, url: str, caption: str = "hello") -> str:
    container = str(graph.create(url, caption=caption).json()["id"])
    sim.advance(1)
    assert graph.status(container) == "FINISHED"
    return container


def code_of(answer: httpx.Response) -> tuple[int, int | None]:
    assert answer.status_code == 400
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode")


class Api:
    """One key's view of the service, as a plain HTTP client."""

    def __init__(self, sim: Simulators, organization: str, channel: str, picture: str) -> None:
        self.sim, self.organization, self.channel, self.picture = sim, organization, channel, picture

    def send(
        self, query: str, *, key: str | None = KEY, path: str = "/", timeout: float = 10, **variables: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        body = {"query": query, "variables": variables}
        return HTTP.post(self.sim.buffer_url + path, json=body, headers=headers, timeout=timeout)

    def ask(self, query: str, **variables: Any) -> Any:
        answer = self.send(query, **variables)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert "errors" not in body, body
        [result] = body["data"].values()
        return result

    def wanted(self, **changes: Any) -> dict[str, Any]:
        image = {"image": {"url": self.picture, "metadata": {"altText": "mountain"}}}
        return {
            "channelId": self.channel,
            "text": "A stunning mountain vista.",
            "schedulingType": "automatic",
            "mode": "customScheduled",
            "dueAt": DUE,
            "assets": [image],
            "metadata": {"instagram": {"type": "post", "shouldShareToFeed": True}},
        } | changes

    def create(self, **changes: Any) -> dict[str, Any]:
        result = self.ask(CREATE, input=self.wanted(**changes))
        assert result["__typename"] == "PostActionSuccess", result
        post: dict[str, Any] = result["post"]
        return post

    def refused(self, **changes: Any) -> tuple[str, str]:
        result = self.ask(CREATE, input=self.wanted(**changes))
        return result["__typename"], result["message"]

    def read(self, post_id: str) -> dict[str, Any]:
        post: dict[str, Any] = self.ask(POST, input={"id": post_id})
        return post


def error_code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["extensions"]["code"]


class Instance:
    """One token on one Mastodon or Pixelfed server, as a plain HTTP client."""

    def __init__(self, sim: Simulators, domain: str, token: str, account_id: str = "") -> None:
        self.base, self.token, self.account_id = sim.mastodon_url(domain), token, account_id

    def call(self, method: str, path: str, *, key: str | None = None, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        return HTTP.request(method, self.base + path, headers=headers | options.pop("headers", {}), **options)

    def upload(self, content: bytes, **fields: str) -> httpx.Response:
        return self.call("POST", "/api/v2/media", files={"file": ("photo.jpg", content, "image/jpeg")}, data=fields)

    def media(self, media_id: str) -> int:
        return self.call("GET", f"/api/v1/media/{media_id}").status_code

    def post(self, text: str, *media: str, key: str | None = None, **fields: Any) -> httpx.Response:
        form = {"status": text, "media_ids[]": list(media)} | fields
        return self.call("POST", "/api/v1/statuses", key=key, data={k: v for k, v in form.items() if v != []})

    def listed(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.call("GET", f"/api/v1/accounts/{self.account_id}/statuses", params=query)
        statuses: list[dict[str, Any]] = answer.raise_for_status().json()
        return statuses


class ThreadsGraph:
    """One token of Threads, as a plain HTTP client."""

    def __init__(self, sim: Simulators, token: str | None) -> None:
        self.sim, self.base, self.token_text = sim, f"{sim.threads_url}/v1.0", token
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: Any) -> httpx.Response:
        return HTTP.get(f"{self.base}/{path}", params=query, headers=self._headers)

    def create(self, *, json: Any = None, **form: Any) -> httpx.Response:
        return HTTP.post(f"{self.base}/me/threads", data=form, json=json, headers=self._headers)

    def publish(self, container: str) -> httpx.Response:
        form = {"creation_id": container}
        return HTTP.post(f"{self.base}/me/threads_publish", data=form, headers=self._headers)

    def delete(self, post: str) -> httpx.Response:
        return HTTP.delete(f"{self.base}/{post}", headers=self._headers)

    def status(self, container: str) -> str:
        return str(self.get(container, fields="status").json()["status"])

    def token(self, path: str, grant_type: str, **query: str) -> httpx.Response:
        """A call that gives a new token; these have the token in the query."""
        query |= {"grant_type": grant_type, "access_token": self.token_text or ""}
        return HTTP.get(f"{self.sim.threads_url}/{path}", params=query)
