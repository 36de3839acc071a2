"""What a post would send now, for each of its variants, counted as the channel counts. Nothing is written or sent."""

from collections.abc import Callable, Mapping, Sequence

from shutterpost.channels import (
    Catalogue,
    ChannelRow,
    ChannelStatus,
    Connection,
    ConnectionStatus,
    FacetKind,
    TextCount,
    as_sent,
    compose,
    count_text,
    facets,
    fit_text,
    hashtag_name,
)
from shutterpost.flows.posting.variant_rules import check_alt_texts, check_variant, linked_text
from shutterpost.flows.refusals import ConnectionNotConnected
from shutterpost.personas import Persona
from shutterpost.photos import Photo
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Post, PostDetails, Variant


class Impediment(Value):
    """Why a variant cannot be scheduled now; `kind` is the problem with which its schedule would be refused."""

    kind: str
    detail: str


class VariantPreview(Value):
    """What a variant would send; `account` is its connection's name, `null` before that is chosen."""

    variant_id: str
    channel: str
    connection_id: str | None
    account: str | None
    text: str
    sent_text: str
    count: TextCount
    photo_ids: tuple[str, ...]
    alt_text: str
    impediments: tuple[Impediment, ...]
    warnings: tuple[Impediment, ...]


class ChannelText(Value):
    """A post's caption and hashtags as a channel would have them; `is_cut` where the caption is too long for it."""

    channel: str
    text: str
    is_cut: bool
    hashtags_left_out: tuple[str, ...]
    count: TextCount


def texts_by_channel(post: Post, catalogue: Catalogue) -> tuple[ChannelText, ...]:
    """The post's caption and hashtags, fitted to every channel of the catalogue."""
    return tuple(_channel_text(post, row) for row in catalogue.rows)


def _channel_text(post: Post, row: ChannelRow) -> ChannelText:
    linked, _ = linked_text(post.base_caption, row, post.metadata)
    caption = fit_text(linked.strip(), row)
    text = compose(caption, post.hashtags, row)
    in_text = {facet.value.casefold() for facet in facets(text, row) if facet.kind is FacetKind.HASHTAG}
    return ChannelText(
        channel=row.key,
        text=text,
        is_cut=caption != linked.strip(),
        hashtags_left_out=tuple(name for name in post.hashtags if hashtag_name(name, row).casefold() not in in_text),
        count=count_text(text, row),
    )


def preview(
    details: PostDetails,
    catalogue: Catalogue,
    connections: Sequence[Connection],
    persona: Persona,
    photos: Mapping[str, Photo],
) -> tuple[VariantPreview, ...]:
    """What each variant of the post would send; `photos` are those of the post that are in the library."""
    by_id = {connection.connection_id: connection for connection in connections}
    return tuple(
        _preview(item, catalogue, by_id.get(item.connection_id or ""), persona=persona, photos=photos)
        for item in details.variants
    )


def alt_text_warnings(alt_text: str, *, pictures: int, row: ChannelRow) -> tuple[Impediment, ...]:
    """What a channel makes of the alt text of a post's first picture."""
    if pictures and not alt_text.strip():
        return (Impediment(kind="alt-text-missing", detail="Its picture has no alt text."),)
    if pictures and not row.limits.supports_alt_text:
        return (Impediment(kind="alt-text-dropped", detail=f"{row.name} takes no alt text; it is left out there."),)
    return ()


def _preview(
    variant: Variant,
    catalogue: Catalogue,
    connection: Connection | None,
    *,
    persona: Persona,
    photos: Mapping[str, Photo],
) -> VariantPreview:
    row = catalogue.row(variant.channel)
    row = row.at(connection) if connection else row
    shown = [photos[photo_id] for photo_id in variant.photo_ids if photo_id in photos]
    checks: list[Callable[[], object]] = [lambda: catalogue.active(row.key), lambda: check_variant(variant, row)]
    checks.append(lambda: check_alt_texts(persona, shown, variant.alt_text))
    if connection is not None and row.status is ChannelStatus.ACTIVE:
        checks.append(lambda: _check_connected(connection))
    return VariantPreview(
        **variant.model_dump(include={"variant_id", "channel", "connection_id", "text", "photo_ids", "alt_text"}),
        account=connection.display_name if connection else None,
        sent_text=as_sent(variant.text, row),
        count=count_text(variant.text, row),
        impediments=tuple(item for item in map(_impediment, checks) if item is not None),
        warnings=alt_text_warnings(variant.alt_text, pictures=len(variant.photo_ids), row=row),
    )


def _check_connected(connection: Connection) -> None:
    if connection.status is not ConnectionStatus.CONNECTED:
        raise ConnectionNotConnected.of(connection)


def _impediment(check: Callable[[], object]) -> Impediment | None:
    try:
        check()
    except Refusal as refusal:
        return Impediment(kind=refusal.kind, detail=refusal.detail)
    return None
