"""The record of a Bluesky post. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from shutterpost.channels.answers.reading import Json, as_object, as_objects, as_text, beginning
from shutterpost.channels.bluesky.submission import BlueskySubmission
from shutterpost.channels.catalogue import ChannelRow
from shutterpost.channels.ports import Message, RecentMedia, RecentPost, Status
from shutterpost.channels.text.reading import Facet, FacetKind, facets
from shutterpost.runtime.clock import iso

POST = "app.bsky.feed.post"
_FACET = "app.bsky.richtext.facet"
_SELF_LABELS = "com.atproto.label.defs#selfLabels"


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
    labels = [{"val": label} for label in message.extras.content_labels]
    marked = [_facet(facet, dids) for facet in facets(message.text, row)]
    return {
        "$type": POST,
        "text": message.text,
        "createdAt": iso(created_at),
        **({"langs": [message.language]} if message.language else {}),
        **({"labels": {"$type": _SELF_LABELS, "values": labels}} if labels else {}),
        **({"facets": known} if (known := [facet for facet in marked if facet]) else {}),
        **({"embed": {"$type": "app.bsky.embed.images", "images": images}} if images else {}),
    }


def mentions(message: Message, row: ChannelRow) -> list[str]:
    return [facet.value for facet in facets(message.text, row) if facet.kind is FacetKind.MENTION]


def image_ids(record: Json) -> list[str | None]:
    images = as_objects(as_object(record.get("embed")).get("images")) or []
    return [as_text(as_object(as_object(image.get("image")).get("ref")).get("$link")) for image in images]


def recent_post(status: Status, record: Json, blob_address: str) -> RecentPost:
    quoting = as_object(as_object(record.get("embed")).get("media"))
    images = image_ids({"embed": quoting} if quoting else record)
    media = RecentMedia.TEXT if not images else RecentMedia.PICTURE if len(images) == 1 else RecentMedia.PICTURES
    return RecentPost(
        external_id=status.ref,
        external_url=status.external_url,
        posted_at=status.posted_at,
        media=media,
        picture_url=f"{blob_address}{images[0]}" if images and images[0] else None,
        text=beginning(record.get("text")),
    )


def latest_first(posts: Iterable[RecentPost]) -> tuple[RecentPost, ...]:
    """Sorts a page, which the server sorts by keys; those of one hour are in no order."""
    dated = sorted(posts, key=lambda post: 0.0 if post.posted_at is None else post.posted_at.timestamp(), reverse=True)
    return tuple(dated)


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
