"""The record of a Bluesky post. Pure."""

from collections.abc import Mapping
from datetime import datetime

from shutterpost.channels.answers.reading import Json, as_object, as_objects, as_text
from shutterpost.channels.bluesky.submission import BlueskySubmission
from shutterpost.channels.catalogue import ChannelRow
from shutterpost.channels.ports import Message
from shutterpost.channels.text.reading import Facet, FacetKind, facets
from shutterpost.runtime.clock import iso

POST = "app.bsky.feed.post"
_FACET = "app.bsky.richtext.facet"


def post_record(
    submission: BlueskySubmission, message: Message, row: ChannelRow, dids: Mapping[str, str], created_at: datetime
) -> Json:
    """The record with its images; a mention whose account is not in `dids` stays plain text."""
    images = [
        {
            "alt": picture.alt_text,
            "aspectRatio": {"width": blob.width, "height": blob.height},
            "image": {"$type": "blob", "ref": {"$link": blob.cid}, "mimeType": "image/jpeg", "size": blob.size},
        }
        for blob, picture in zip(submission.blobs, message.pictures, strict=False)
    ]
    marked = [_facet(facet, dids) for facet in facets(message.text, row)]
    return {
        "$type": POST,
        "text": message.text,
        "createdAt": iso(created_at),
        **({"facets": known} if (known := [facet for facet in marked if facet]) else {}),
        **({"embed": {"$type": "app.bsky.embed.images", "images": images}} if images else {}),
    }


def mentions(message: Message, row: ChannelRow) -> list[str]:
    return [facet.value for facet in facets(message.text, row) if facet.kind is FacetKind.MENTION]


def image_ids(record: Json) -> list[str | None]:
    """The blobs of a record's images, in their order."""
    images = as_objects(as_object(record.get("embed")).get("images")) or []
    return [as_text(as_object(as_object(image.get("image")).get("ref")).get("$link")) for image in images]


def address_of(did: str, rkey: str) -> str:
    return f"https://bsky.app/profile/{did}/post/{rkey}"


def _facet(facet: Facet, dids: Mapping[str, str]) -> Json | None:
    feature: Json = {"$type": f"{_FACET}#tag", "tag": facet.value}
    if facet.kind is FacetKind.LINK:
        feature = {"$type": f"{_FACET}#link", "uri": facet.value}
    if facet.kind is FacetKind.MENTION:
        did = dids.get(facet.value)
        if did is None:
            return None
        feature = {"$type": f"{_FACET}#mention", "did": did}
    return {"index": {"byteStart": facet.byte_start, "byteEnd": facet.byte_end}, "features": [feature]}
