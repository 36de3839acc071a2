"""The simulated Pages of Facebook against the documentation and reports about the real ones."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from infra.local.simulators import Simulators
from tests.support.picture_host import PictureHost, jpeg, png, running_picture_host
from tests.support.platform_clients import HTTP, NOON, code_of

PAGE, OTHER = "1120000000000001", "1120000000000002"
TASKS = ["CREATE_CONTENT", "MODERATE"]


class PageClient:
    """One token, as a plain HTTP client."""

    def __init__(self, sim: Simulators, token: str, page: str = PAGE) -> None:
        self.base, self.page = f"{sim.facebook_page_url}/v25.0", page
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> httpx.Response:
        return HTTP.get(f"{self.base}/{path}", params=query, headers=self.headers)

    def photo(self, url: str, **form: str) -> httpx.Response:
        data = {"url": url, "published": "false"} | form
        return HTTP.post(f"{self.base}/{self.page}/photos", data=data, headers=self.headers)

    def feed(self, message: str, *photos: str, **form: str) -> httpx.Response:
        media = json.dumps([{"media_fbid": photo} for photo in photos])
        data = {"message": message, "attached_media": media} | form
        return HTTP.post(f"{self.base}/{self.page}/feed", data=data, headers=self.headers)

    def delete(self, object_id: str) -> httpx.Response:
        return HTTP.delete(f"{self.base}/{object_id}", headers=self.headers)


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    server.add_facebook_page("page-token", page_id=PAGE, name="Nature")
    server.add_facebook_page("other-token", page_id=OTHER, name="Studio")
    return server


@pytest.fixture(scope="module")
def pictures() -> Iterator[PictureHost]:
    with running_picture_host() as host:
        yield host


@pytest.fixture
def page(sim: Simulators) -> PageClient:
    return PageClient(sim, "page-token")


@pytest.fixture
def url(pictures: PictureHost) -> str:
    return pictures.put("/good.jpg", jpeg())


def test_photo_is_unseen_until_a_post_has_it(sim, page, url):
    photo = page.photo(url, alt_text_custom="a hill").json()
    assert set(photo) == {"id"}
    assert page.get(photo["id"], fields="id,page_story_id").json() == {"id": photo["id"]}
    assert sim.facebook_posts() == []

    post = page.feed("dawn #light", photo["id"]).json()["id"]
    assert post.startswith(f"{PAGE}_")
    assert page.get(photo["id"], fields="id,page_story_id").json()["page_story_id"] == post
    read = page.get(post, fields="id,permalink_url,created_time,is_published,message").json()
    assert read["permalink_url"].startswith("https://www.facebook.com/")
    assert (read["created_time"], read["is_published"]) == ("2026-11-21T12:00:00+0000", True)
    [shown] = sim.facebook_posts("dawn #light")
    assert (shown["alt_texts"], shown["image_urls"]) == (["a hill"], [url])
    assert sim.violations() == []


def test_photo_is_posted_once(sim, page, url):
    photo = page.photo(url).json()["id"]
    page.feed("dawn", photo)
    again = page.feed("dusk", photo)
    assert code_of(again) == (100, 1366051)
    assert sim.state()["facebook_page"]["posts_per_text"] == {"dawn": 1}


def test_one_step_and_own_schedules_are_noted(sim, page, url):
    made = page.photo(url, published="true", message="dawn").json()
    assert set(made) == {"id", "post_id"}
    page.feed("dusk", page.photo(url).json()["id"], scheduled_publish_time="1795000000")
    noted = [violation["what"] for violation in sim.violations()]
    assert noted == ["posted a photo in one step", "let Facebook schedule a post"]


def test_a_list_names_the_photos_of_each_post(page, url):
    single = page.photo(url).json()["id"]
    pair = [page.photo(url).json()["id"] for _ in range(2)]
    page.feed("one", single)
    page.feed("two", *pair)
    fields = "id,message,attachments{target{id},subattachments{target{id}}}"
    listed = page.get(f"{PAGE}/published_posts", fields=fields, since=str(int(NOON.timestamp()) - 1)).json()["data"]
    by_text = {post["message"]: post["attachments"]["data"] for post in listed}
    assert [each["target"]["id"] for each in by_text["one"]] == [single]
    [album] = by_text["two"]
    assert [each["target"]["id"] for each in album["subattachments"]["data"]] == pair


def test_lists_have_pages_and_windows(sim, page, url):
    for text in ("one", "two", "three"):
        page.feed(text, page.photo(url).json()["id"])
        sim.advance(60)
    first = page.get(f"{PAGE}/published_posts", fields="message", limit="2").json()
    assert [post["message"] for post in first["data"]] == ["three", "two"]
    after = first["paging"]["cursors"]["after"]
    assert "next" in first["paging"]
    last = page.get(f"{PAGE}/published_posts", fields="message", limit="2", after=after).json()
    assert [post["message"] for post in last["data"]] == ["one"]
    since = str(int((NOON + timedelta(seconds=90)).timestamp()))
    late = page.get(f"{PAGE}/published_posts", fields="message", since=since).json()
    assert [post["message"] for post in late["data"]] == ["three"]


@pytest.mark.parametrize("body", [b"no picture at all", jpeg() + b"\0" * 4 * 1024 * 1024], ids=["text", "large"])
def test_unfit_picture_is_refused_at_once(page, pictures, body):
    assert code_of(page.photo(pictures.put("/unfit.jpg", body))) == (100, 1366046)


def test_picture_that_is_not_there_is_missing(page, url):
    assert code_of(page.photo(url.replace("good", "missing"))) == (324, None)


def test_png_is_taken(page, pictures):
    assert page.photo(pictures.put("/good.png", png())).status_code == 200


@pytest.mark.parametrize(
    ("text", "count", "code"),
    [("x" * 63_207, 1, (100, None)), ("", 0, (100, None)), ("dawn", 11, (100, None)), ("x" * 63_206, 1, None)],
)
def test_limits_of_a_post(page, url, text, count, code):
    photo = page.photo(url).json()["id"]
    answer = page.feed(text, *[photo] * count)
    assert (code_of(answer) if answer.status_code != 200 else None) == code


def test_equal_text_is_refused_where_the_page_refuses_it(sim, page, url):
    sim.add_facebook_page("page-token", page_id=PAGE, refuses_duplicates=True)
    page.feed("dawn", page.photo(url).json()["id"])
    assert code_of(page.feed("dawn", page.photo(url).json()["id"])) == (506, None)


def test_post_is_deleted_with_its_photos(sim, page, url):
    photo = page.photo(url).json()["id"]
    post = page.feed("dawn", photo).json()["id"]
    assert page.delete(post).json() == {"success": True}
    assert {code_of(answer) for answer in (page.delete(post), page.get(post), page.get(photo))} == {(100, 33)}
    assert page.delete(page.photo(url).json()["id"]).json() == {"success": True}
    assert sim.violations() == []


def test_deleting_the_photo_of_a_post_is_noted(sim, page, url):
    photo = page.photo(url).json()["id"]
    page.feed("dawn", photo)
    page.delete(photo)
    assert [violation["what"] for violation in sim.violations()] == ["deleted the photo of a post"]


def test_foreign_objects_stay_invisible(sim, page, url):
    photo = page.photo(url).json()["id"]
    post = page.feed("dawn", photo).json()["id"]
    other = PageClient(sim, "other-token")
    answers = [other.get(post), other.get(photo), other.delete(post), other.feed("dusk", photo)]
    assert {code_of(answer) for answer in answers} == {(100, 33)}


@pytest.mark.parametrize(("short", "ends"), [(False, 0), (True, int((NOON + timedelta(hours=2)).timestamp()))])
def test_persons_token_gives_page_tokens_that_last_as_it_does(sim, url, short, ends):
    sim.add_facebook_user("person", user_id="7", pages={PAGE: TASKS, OTHER: ["ANALYZE"]}, short=short)
    person = PageClient(sim, "person")
    first = person.get("me/accounts", fields="id,name,access_token", limit="1").json()
    assert [node["name"] for node in first["data"]] == ["Nature"]
    after = first["paging"]["cursors"]["after"]
    [studio] = person.get("me/accounts", fields="id,access_token,tasks", limit="1", after=after).json()["data"]

    token = first["data"][0]["access_token"]
    own = PageClient(sim, token)
    inspected = own.get("debug_token", input_token=token).json()["data"]
    assert (inspected["type"], inspected["expires_at"]) == ("PAGE", ends)
    assert own.get("me", fields="id,name").json() == {"id": PAGE, "name": "Nature"}
    assert own.photo(url).status_code == 200
    assert code_of(PageClient(sim, studio["access_token"], OTHER).photo(url)) == (200, None)
    assert code_of(person.photo(url)) == (200, None)
    sim.advance(3 * 3_600)
    assert own.get("me").status_code == (400 if short else 200)


def test_tokens_fail_in_their_own_ways(sim, page):
    sim.add_facebook_page("ended", page_id=PAGE, expires_at=NOON)
    sim.add_facebook_page("reader", page_id=PAGE, scopes=["pages_show_list"])
    assert code_of(PageClient(sim, "nobody").get("me")) == (190, None)
    assert code_of(PageClient(sim, "ended").get("me")) == (190, 463)
    assert code_of(PageClient(sim, "reader").get(f"{PAGE}/published_posts")) == (200, None)
    assert code_of(page.get("me/accounts")) == (100, None)


def test_post_may_work_behind_an_error_of_the_service(sim, page, url):
    photo = page.photo(url).json()["id"]
    sim.add_fault("facebook_page", "create_post", "effect_then_error")
    answer = page.feed("dawn", photo)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, 2)
    assert len(sim.facebook_posts("dawn")) == 1


def test_throttling_names_its_wait_in_the_pages_header(sim, page):
    sim.add_fault("facebook_page", "me", "throttle", seconds=1_200)
    answer = page.get("me")
    assert code_of(answer) == (32, None)
    [entry] = json.loads(answer.headers["X-Business-Use-Case-Usage"])[PAGE]
    assert (entry["type"], entry["estimated_time_to_regain_access"]) == ("pages", 20)


def test_journal_and_state_never_hold_a_token(sim, page, url):
    sim.add_facebook_user("person", user_id="7", pages={PAGE: TASKS})
    given = PageClient(sim, "person").get("me/accounts").json()["data"][0]["access_token"]
    page.feed("dawn", page.photo(url).json()["id"])
    shown = json.dumps([sim.state(), sim.journal()])
    assert not [token for token in ("page-token", "person", given) if token in shown]
    assert {entry["ids"]["token_in"] for entry in sim.journal("facebook_page")} == {"header"}
