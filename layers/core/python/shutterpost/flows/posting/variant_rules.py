"""Which variant a connection publishes, and whether its channel takes it. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from shutterpost.channels import (
    Catalogue,
    ChannelRow,
    Connection,
    ConnectionStore,
    check_text,
    tag_links,
    utm_of,
)
from shutterpost.flows.refusals import (
    AltTextMissing,
    ExtraNotTaken,
    PhotosUnfit,
    PictureRequired,
    TooManyPictures,
    VariantAmbiguous,
    VariantElsewhere,
    VariantEmpty,
)
from shutterpost.personas import Persona, Personas
from shutterpost.photos import Photo
from shutterpost.runtime.values import Extras
from shutterpost.scheduling import PostDetails, Variant, VariantNotFound


def linked_text(
    text: str, row: ChannelRow, metadata: Mapping[str, str], own: Mapping[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """`text` with UTM parameters at its links, and a variant's metadata: `own`, and the parameters that were added.

    `metadata` is that of the post, whose `campaign_id` is the campaign.
    """
    parameters = utm_of(row, metadata.get("campaign_id"), own or {})
    tagged = tag_links(text, parameters)
    return tagged, {**(own or {}), **(parameters if tagged != text else {})}


def check_pictures(count: int, row: ChannelRow) -> None:
    """Raise `PictureRequired` or `TooManyPictures` where the channel does not take a post with `count` pictures."""
    least, most = row.limits.min_pictures, row.limits.max_pictures
    if count < least:
        detail = f"{row.name} takes no post without a picture; add a photo, or choose a channel that takes text alone."
        raise PictureRequired(detail, field="photo", channel=row.key)
    if count > most:
        detail = f"The post has {count} pictures; {row.name} takes {most}. Leave out {count - most}."
        raise TooManyPictures(detail, field="photo_ids", limit=most, count=count)


def check_photos(photos: Sequence[Photo], row: ChannelRow) -> None:
    """Raise `PhotosUnfit` where the channel cannot take some photos of a carousel, with the rule for each."""
    faults = [
        {"photo_id": photo.photo_id, "name": photo.names[0], "rule": rule, "detail": detail}
        for photo in photos
        for rule, detail in faults_of(photo, row)
    ]
    if faults and len(photos) > 1:
        named = "; ".join(f"{fault['name']}: {fault['detail']}" for fault in faults)
        raise PhotosUnfit(f"{row.name} cannot take {len(faults)} of {len(photos)} photos. {named}", photos=faults)


def faults_of(photo: Photo, row: ChannelRow) -> Iterator[tuple[str, str]]:
    """The rules by which the channel cannot take the photo, each with its detail."""
    if photo.withheld is not None:
        yield "withheld", photo.withheld
    elif not photo.can_have(row.rendition):
        yield "no-rendition", f"It has no rendition {row.rendition}; make it with 'shutterpost photos remake'."


class ExtraFault(NamedTuple):
    """Why a connection leaves an extra out; `is_refused` where a person who asks for it is told so instead."""

    name: str
    detail: str
    is_refused: bool


def extra_faults(
    extras: Extras, names: Iterable[str], row: ChannelRow, connection: Connection | None
) -> Iterator[ExtraFault]:
    """Those of the extras `names` that the connection does not take."""
    for name in names:
        fault = row.fault_of_extra(name, extras, connection)
        if fault is not None:
            detail = f"{name.replace('_', ' ').capitalize()}: {fault}."
            yield ExtraFault(name, detail, name == "story" or row.extra_rule(name) is not None)


def check_extras(
    extras: Extras,
    names: Collection[str],
    targets: Sequence[tuple[ChannelRow, Connection | None]],
    *,
    pictures: int | None = None,
) -> None:
    """Raise `ExtraNotTaken` for the first of `names` that a target refuses, or that none of the targets takes.

    Without `pictures` their number is not known yet.
    """
    for row, connection in targets:
        for name, detail, is_refused in extra_faults(extras, names, row, connection):
            if is_refused or not any(other.extra_rule(name) for other, _ in targets):
                where = {"connection_id": connection.connection_id} if connection else {}
                raise ExtraNotTaken(detail, field="extras", extra=name, **where)
    if pictures is not None and extras.story and pictures != 1:
        raise ExtraNotTaken(f"A story has one picture, not {pictures}.", field="extras", extra="story")
    last = max((tag.picture for tag in extras.user_tags), default=0)
    if pictures is not None and last > pictures:
        detail = f"A user tag is in picture {last}, and the post has {pictures}."
        raise ExtraNotTaken(detail, field="extras", extra="user_tags")


def check_alt_texts(persona: Persona, photos: Sequence[Photo], first: str) -> None:
    """Raise `AltTextMissing` where the persona requires an alt text; `first` is that of the first photo in the post."""
    texts = [first, *(photo.alt_text for photo in photos[1:])]
    names = [photo.names[0] for photo, text in zip(photos, texts, strict=False) if not text.strip()]
    if persona.require_alt_text and names:
        detail = (
            f"{', '.join(names)} has no alt text, which the persona requires; give one with --alt-text or an "
            "annotation, or set require_alt_text to false."
        )
        raise AltTextMissing(detail, field="alt_text", photos=names)


def check_stays_described(personas: Personas, details: PostDetails, changed: Sequence[Variant]) -> None:
    """Raise `AltTextMissing` where a variant of an open schedule loses the alt text that the persona requires."""
    before = {item.variant_id for item in details.variants if item.alt_text.strip()}
    lost = [item for item in changed if item.variant_id in before and not item.alt_text.strip()]
    is_open = any(schedule.is_open for item in lost for schedule in details.schedules_of(item))
    if is_open and personas.get(details.post.persona_id).require_alt_text:
        detail = "The persona requires an alt text; give another one, or set require_alt_text to false."
        raise AltTextMissing(detail, field="alt_text")


def row_of(catalogue: Catalogue, connections: ConnectionStore, variant: Variant, persona_id: str) -> ChannelRow:
    """The variant's channel, with the limits of its connection's server."""
    row = catalogue.row(variant.channel)
    return row if variant.connection_id is None else row.at(connections.get(persona_id, variant.connection_id))


def check_variant(variant: Variant, row: ChannelRow) -> None:
    """Raise the named refusal of the variant's text or pictures on its channel."""
    check_text(variant.text, row)
    if not variant.text.strip() and not variant.photo_ids:
        raise VariantEmpty("A variant without photos needs a text.", field="text")
    check_pictures(len(variant.photo_ids), row)


def chosen_variant(details: PostDetails, connection: Connection, named: Collection[str] = ()) -> Variant | None:
    """The variant that `connection` publishes; `None` if it has none, so that its text is composed from the post.

    It is the one of `named`, else the connection's only one, else the only one of its channel. Raises
    `VariantAmbiguous` where there are several.
    """
    fitting = [item for item in details.variants if is_for(item, connection)]
    choices = (
        [item for item in fitting if item.variant_id in named],
        [item for item in fitting if item.connection_id is not None],
        fitting,
    )
    candidates = next((choice for choice in choices if choice), [])
    if len(candidates) > 1:
        ids = [item.variant_id for item in candidates]
        detail = f"{connection.display_name} has several variants ({', '.join(ids)}); name the one to publish."
        raise VariantAmbiguous(detail, field="variant_ids", connection_id=connection.connection_id, variant_ids=ids)
    return candidates[0] if candidates else None


def check_named(details: PostDetails, connections: Collection[Connection], named: Collection[str]) -> None:
    """Raise `VariantNotFound` or `VariantElsewhere` for a named variant that none of `connections` can publish."""
    for variant_id in named:
        variant = own_variant(details, variant_id)
        if not any(is_for(variant, connection) for connection in connections):
            detail = f"Variant {variant_id} is for another connection; name a connection of {variant.channel}."
            raise VariantElsewhere(detail, field="variant_ids", variant_id=variant_id)


def own_variant(details: PostDetails, variant_id: str) -> Variant:
    """The post's variant of that id. Raises `VariantNotFound`."""
    for variant in details.variants:
        if variant.variant_id == variant_id:
            return variant
    raise VariantNotFound(f"Post {details.post.post_id} has no variant {variant_id}. Get the post to find its id.")


def is_for(variant: Variant, connection: Connection) -> bool:
    return variant.channel == connection.channel and variant.connection_id in {None, connection.connection_id}
