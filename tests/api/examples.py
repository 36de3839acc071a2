"""Examples of responses for the OpenAPI document, recorded by `python -m tests.api.examples`.

Writes `docs/api-examples.json`: the first successful response of every operation that the scenario calls.
"""

import itertools
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from shutterpost.authoring import suggestion_id_of
from shutterpost.channels import Tokens
from shutterpost.flows.notifying.webhooks import event_of
from shutterpost.flows.wiring import Stores, build_deliverer, build_suggestion_writer
from shutterpost.photos import Analysis
from shutterpost.runtime.settings import SuggestionsSettings
from tests.api import calling
from tests.api.calling import Answer, Caller
from tests.api.documented import operations
from tests.api.world import TOKENS, World, rejected_file, standing_world
from tests.support.aws import BUCKET

FILE = Path(__file__).parents[2] / "docs" / "api-examples.json"


@dataclass(frozen=True)
class Recorder(Caller):
    """A caller that records the first successful response of every operation, by operation and status."""

    recorded: dict[str, dict[str, Any]] = field(default_factory=dict)

    def send(self, event: dict[str, Any]) -> Answer:
        """Send the event and record the response."""
        answer = super().send(event)
        method, path = event["requestContext"]["http"]["method"], event["rawPath"]
        for known, template, operation in operations():
            if known == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path) and answer.status < 400:
                self.recorded.setdefault(operation["operationId"], {}).setdefault(str(answer.status), answer.body)
                break
        return answer


def reset_and_set_budget(me: Caller, path: str, connection_id: str, charged: str) -> None:
    """Reset a connection's circuit breaker; set and remove the budget of another, and revoke that."""
    me.post(f"{path}/{connection_id}/reset")
    me.put(f"{path}/{charged}/budget", {"posts": 30, "dollars": 2.5})
    me.delete(f"{path}/{charged}/budget")
    me.delete(f"{path}/{charged}")


def call_operations(world: World, me: Caller) -> None:
    """Call most operations of the API."""
    persona_id = world.persona(me, slots=[{"at": "18:30"}], hashtags=["nature"])
    path = f"/personas/{persona_id}"
    connection_id = world.connection(me, persona_id)
    for name, vector in (("DSC_0042.jpg", (0.3, 0.8, 0.1)), ("DSC_0043.jpg", (0.25, 0.7, 0.4))):
        analysed_photo(world, persona_id, name, vector)
    me.patch(path, {"max_per_week": 5})
    body = {"photo": "DSC_0042.jpg", "at": "2026-04-01T18:30:00", "caption": "Morning fog over the valley."}
    me.post(f"{path}/posts", body, {"dry_run": "true"})
    post = me.post(f"{path}/posts", body).body
    schedule = f"/schedules/{post['schedules'][0]['schedule_id']}"
    me.post(f"{path}/planned", {"rows": [{"photo": "DSC_0043.jpg", "at": "2026-04-02T18:30:00"}]})
    for route in (
        "",
        "/connections",
        f"/connections/{connection_id}",
        f"/connections/{connection_id}/recent",
        "/photos",
        "/photos/DSC_0042.jpg",
        "/rejected",
        "/photos/vectors",
    ):
        me.get(path + route)
    for route in (
        "/photos/DSC_0042.jpg/explain",
        "/photos/duplicates",
        "/photos/index",
        "/posts",
        "/decisions",
        "/planned",
        "/planned.csv",
    ):
        me.get(path + route)
    me.get(f"{path}/photos/DSC_0042.jpg/similar")
    me.post(f"{path}/photos/search", {"model": "clip-3", "vector": [0.2, 0.9, 0.1], "limit": 1})
    me.get(f"{path}/slots", limit="2")
    me.get(f"{path}/plan", days="3", why="true")
    me.post(f"{path}/pick", {}, {"dry_run": "true"})
    me.post(f"{path}/connections/{connection_id}/check")
    reset_and_set_budget(me, f"{path}/connections", connection_id, world.connection(me, persona_id, "x"))
    world.photo(persona_id, "DSC_0041.jpg")
    before = {"photo": "DSC_0041.jpg", "connection_id": connection_id, "posted_at": "2025-10-03T09:00:00Z"}
    me.post(f"{path}/history", {"rows": [before]})
    for route in ("/personas", "/channels", "/overview"):
        me.get(route)
    me.get("/calendar", **{"from": "2026-04-01", "to": "2026-05-01", "zone": "Europe/Paris"})
    me.get(f"/posts/{post['post_id']}")
    me.get(schedule)
    call_moves(world, me, persona_id, post)
    me.post(f"{schedule}/skip", {"reason": "Not this week."})
    me.post(f"{schedule}/retry", {})
    other = world.connection(me, persona_id, "buffer")
    changed = me.post(f"{schedule}/change-connection", {"connection_id": other}).body
    me.post(f"/schedules/{changed['schedule_id']}/cancel")
    me.post(f"/posts/{post['post_id']}/schedule", {"at": "2026-04-09T18:30:00", "connection_ids": [other]})
    me.post(f"{path}/retry", {})
    me.get("/pause")
    me.send(me.event("PUT", "/pause", {"reason": "The account is restricted."}))
    me.delete("/pause")
    me.post("/sync")
    me.post(f"{path}/sync")
    me.post(f"/posts/{me.get(f'{path}/posts').body['posts'][0]['post_id']}/cancel")
    me.patch(path, {"approval": "veto"})
    for name in ("DSC_0044.jpg", "DSC_0045.jpg"):
        world.photo(persona_id, name)
    slot = me.get(f"{path}/slots", limit="1").body["slots"][0]
    picked = world.services.reviewer.picker.pick(persona_id, datetime.fromisoformat(slot["run_at"]))
    instead = me.post(f"/posts/{picked.post_id}/reject", {"reason": "Too dark."}).body["replacement_id"]
    call_review(world, me, persona_id, instead)
    me.delete(f"{path}/connections/{connection_id}")
    call_rejected(world, me, path)
    call_settings(world, me, persona_id)


def call_rejected(world: World, me: Caller, path: str) -> None:
    """Try a rejected file again, and forget it."""
    key = rejected_file(world, path.rpartition("/")[2], "dune.tif")
    me.post(f"{path}/rejected/retry", {"rejected_keys": [key]})
    me.post(f"{path}/rejected/forget", {"rejected_keys": [key]})


def call_moves(world: World, me: Caller, persona_id: str, post: dict[str, Any]) -> None:
    """Change a post, move it and a schedule of it, and swap it with another one."""
    me.patch(f"/posts/{post['post_id']}", {"caption": "Evening fog over the valley."}, {"dry_run": "true"})
    me.patch(f"/posts/{post['post_id']}", {"title": "Fog"})
    me.post(f"/schedules/{post['schedules'][0]['schedule_id']}/move", {"at": "2026-04-03T18:30:00"})
    path = f"/posts/{post['post_id']}"
    me.post(f"{path}/move", {"at": "2026-04-04T18:30:00"})
    world.photo(persona_id, "DSC_0047.jpg")
    other = me.post(f"/personas/{persona_id}/posts", {"photo": "DSC_0047.jpg", "at": "2026-04-05T18:30:00"}).body
    me.post(f"{path}/swap", {"with": other["post_id"]})
    me.post(f"/posts/{other['post_id']}/cancel")


def call_photos(me: Caller, path: str) -> None:
    """Change photos."""
    me.patch(f"{path}/photos/DSC_0043.jpg", {"keywords": ["fog", "valley"], "rating": 4})
    me.patch(f"{path}/photos", {"photos": ["DSC_0043.jpg", "DSC_0000.jpg"], "change": {"caption": "Fog."}})


def call_review(world: World, me: Caller, persona_id: str, post_id: str) -> None:
    """Add a photo to a pick, and approve it."""
    world.photo(persona_id, "DSC_0046.jpg", score=1.0)
    me.post(f"/posts/{post_id}/carousel", {"photos": ["DSC_0046.jpg"]})
    call_photos(me, f"/personas/{persona_id}")
    me.post(f"/posts/{post_id}/approve")


def call_sessions(world: World, me: Caller) -> None:
    """Call the operations of sessions."""
    persona_id = world.persona(me, "Fog Walker", hashtags=["fog"])
    world.photo(persona_id, "DSC_0050.jpg", objects=("fog", "valley"))
    ids = a_session(world, me, persona_id, photo="DSC_0050.jpg")
    path = f"/personas/{persona_id}/sessions"
    me.get(path)
    me.get(f"{path}/{ids['session_id']}")
    me.post(f"{path}/{ids['session_id']}/suggestions/{ids['suggestion_id']}/accept", {})
    other = me.post(path, {"channels": ["bluesky"]}).body["session_id"]
    me.post(f"{path}/{other}/abort", {"reason": "Not needed."})


def a_session(world: World, me: Caller, persona_id: str, **fields: str) -> dict[str, str]:
    """The ids of a session with suggestions for X, and of the first of them."""
    body = {"prompt": "Fog over the valley.", "channels": ["x"], **fields}
    session_id = me.post(f"/personas/{persona_id}/sessions", body).body["session_id"]
    settings = SuggestionsSettings(
        stage="test", personas_table="-", photos_table="-", library_bucket=BUCKET, authoring_table="-"
    )
    build_suggestion_writer(Stores(clock=world.clock), settings).run(persona_id, session_id)
    return {"session_id": session_id, "suggestion_id": suggestion_id_of(session_id, "x", 1)}


def call_templates(me: Caller) -> None:
    """Call the operations of templates."""
    body = {"name": "launch_short", "template_body": "New on the wall: {{subject}}.", "default_channel": "instagram"}
    path = f"/templates/{me.post('/templates', body).body['template_id']}"
    me.get("/templates")
    me.get(path)
    me.patch(path, {"description": "For launches."})
    me.post(f"{path}/fill", {"values": {"subject": "Fog"}})
    me.delete(path)


def analysed_photo(world: World, persona_id: str, name: str, vector: tuple[float, ...]) -> None:
    """A photo with an analysis."""
    photo = world.photo(persona_id, name)
    analysis = Analysis(photo=name, aesthetic_score=8.5, embedding=vector, embedding_model="clip-3")
    world.services.photos.record_analysis(persona_id, photo.owner, analysis, stated_at=world.clock.now())


def call_variants(world: World, me: Caller) -> None:
    """Call the operations of variants."""
    persona_id = world.persona(me, name="Night Walker")
    world.photo(persona_id, "DSC_0099.jpg")
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "DSC_0099.jpg", "draft": True}).body
    variants = f"/posts/{draft['post_id']}/variants"
    variant = {"channel": "bluesky", "text": "Fog over the valley. #fog", "label": "short"}
    me.post(variants, variant, {"dry_run": "true"})
    written = me.post(variants, variant).body
    me.patch(f"{variants}/{written['variant_id']}", {"tone": "calm"})
    me.get(f"/posts/{draft['post_id']}/preview")
    me.delete(f"{variants}/{written['variant_id']}")
    me.delete(f"/posts/{draft['post_id']}")


def call_settings(world: World, me: Caller, persona_id: str) -> None:
    """Call the operations of webhooks and grants."""
    path = f"/personas/{persona_id}"
    assistant = "123456789012/role/Assistant"
    me.put(f"{path}/grants", {"principal": assistant, "role": "author"})
    me.get(f"{path}/grants")
    me.send(me.event("DELETE", f"{path}/grants", query={"principal": assistant}))
    me.put(f"{path}/webhook", {"url": "https://hooks.example.org/shutterpost"})
    me.get(f"{path}/webhook")
    delivery_id = an_event(world, persona_id)
    me.get(f"{path}/webhook/deliveries")
    me.post(f"{path}/webhook/deliveries/{delivery_id}/replay")
    me.delete(f"{path}/webhook")


def an_event(world: World, persona_id: str) -> str:
    """The id of an event that waits for its delivery to the persona's webhook."""
    deliverer = build_deliverer(Stores(clock=world.clock), Tokens(TOKENS), stage="test")
    event = event_of(persona_id, "digest", world.clock.now(), {"subject": "0 posted", "text": "None."})
    deliverer.enqueue(event)
    return event.event_id


def recorded_examples() -> dict[str, dict[str, Any]]:
    """The responses by operation and status, from a new deployment."""
    # Ids of posts derive from those of requests.
    calling._request_ids = (f"request-{number}=" for number in itertools.count(1))
    recorder = Recorder()
    with standing_world() as world:
        call_operations(world, recorder)
        call_templates(recorder)
        call_sessions(world, recorder)
        call_variants(world, recorder)
    # Secrets are drawn at random.
    recorder.recorded["setWebhook"]["200"]["secret"] = "whsec_of-nobody"
    return recorder.recorded


def main() -> None:
    """Write the file."""
    import tests.conftest  # noqa: F401 - sets the environment that keeps it on this machine

    FILE.write_text(
        json.dumps(recorded_examples(), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
