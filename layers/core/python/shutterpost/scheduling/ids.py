"""Ids of posts and schedules, and the keys of claims."""

import hashlib
from datetime import datetime

from shutterpost.runtime.clock import iso


def photo_claim_key(photo_id: str, connection_id: str, cycle: int) -> str:
    return f"CLAIM#PHOTO#{photo_id}#{connection_id}#{cycle}"


def anywhere_claim_key(photo_id: str, owner: str, cycle: int) -> str:
    """Key of the claim on a photo for all connections of an owner (`once_anywhere`)."""
    return f"CLAIM#ANYWHERE#{photo_id}#{owner}#{cycle}"


def slot_claim_key(persona_id: str, slot_at: datetime, connection_id: str | None = None) -> str:
    """Key of the claim on a slot, or of one connection's part in it."""
    part = "" if connection_id is None else f"#{connection_id}"
    return f"CLAIM#SLOT#{persona_id}#{iso(slot_at)}{part}"


def remote_claim_key(channel: str, remote_id: str) -> str:
    """Key of the claim on a platform's post; its holder is a schedule."""
    return f"CLAIM#REMOTE#{channel}#{remote_id}"


def key_claim_key(owner: str, idempotency_key: str) -> str:
    """Key of the claim on an owner's Idempotency-Key; its holder is the post that the first request created."""
    return f"CLAIM#KEY#{owner}#{idempotency_key}"


def post_id_of(*parts: str) -> str:
    """The post's id, a hash of `parts`, so that a repeat of the same request has the same id."""
    return "p" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def variant_id_of(post_id: str, key: str) -> str:
    """The id of a variant that was written alone under `key`; a composed one has that of its connection's schedule."""
    return f"{post_id}-v{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def schedule_id_of(post_id: str, connection_id: str) -> str:
    return f"{post_id}-{connection_id}"


def post_id_in(schedule_id: str) -> str:
    return schedule_id.partition("-")[0]
