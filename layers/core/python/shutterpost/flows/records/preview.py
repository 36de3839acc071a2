"""What a post would send now, for each of its variants, counted as the channel counts. Nothing is written or sent."""

from collections.abc import Callable, Mapping, Sequence

from shutterpost.channels import (
    Catalogue,
    ChannelRow,
    ChannelStatus,
    Connection,
    FacetKind,
    TextCount,
    as_sent,
    compose,
    count_text,
    facets,
    fit_text,
    hashtag_name,
)
from shutterpost.flows.planning.budgets import check_affordable, check_postable
from shutterpost.flows.posting.variant_rules import (
    check_alt_texts,
    check_extras,
    check_variant,
    extra_faults,
    linked_text,
)
from shutterpost.personas import Persona
from shutterpost.photos import Photo
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Extras, Value
from shutterpost.scheduling import Post, PostDetails, Variant


class Impediment(Value):
    """Why a variant cannot be scheduled now; `kind` is the problem with which its schedule would be refused."""

    kind: str
    detail: str


class VariantPreview(Value):
    """What a variant would send; `account` is its connection's name, `null` before that is chosen.

    `extras` are those of the post that its connection takes.
    """

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
    extras: Extras | None = None


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
        _preview(
            item, catalogue, by_id.get(item.connection_id or ""), post=details.post, persona=persona, photos=photos
        )
        for item in details.variants
    )


def alt_text_warnings(alt_text: str, *, pictures: int, row: ChannelRow) -> tuple[Impediment, ...]:
    """What a channel makes of the alt text of a post's first picture."""
    if pictures and not alt_text.strip():
        return (Impediment(kind="alt-text-missing", detail="Its picture has no alt text."),)
    if pictures and not row.limits.supports_alt_text:
        return (Impediment(kind="alt-text-dropped", detail=f"{row.name} takes no alt text; it is left out there."),)
    return ()


def left_out(details: PostDetails, catalogue: Catalogue, connections: Sequence[Connection]) -> tuple[Impediment, ...]:
    """The extras of a post that connections of its variants leave out."""
    named = {item.connection_id for item in details.variants}
    targets = [connection for connection in connections if connection.connection_id in named]
    warnings = (extra_warnings(details.post.extras, catalogue.row(item.channel), item) for item in targets)
    return tuple(dict.fromkeys(warning for each in warnings for warning in each))


def extra_warnings(extras: Extras | None, row: ChannelRow, connection: Connection | None) -> tuple[Impediment, ...]:
    """What a connection leaves out of a post with `extras`."""
    if extras is None:
        return ()
    faults = extra_faults(extras, extras.names, row, connection)
    dropped = [Impediment(kind="extra-left-out", detail=f"{detail} It is left out there.") for _, detail, _ in faults]
    rule = row.extra_rule("story") if extras.story else None
    if rule is not None and rule.without:
        parts = " and ".join(name.replace("_", " ") for name in rule.without)
        dropped.append(Impediment(kind="story-without-text", detail=f"A story on {row.name} shows no {parts}."))
    return tuple(dropped)


def _preview(
    variant: Variant,
    catalogue: Catalogue,
    connection: Connection | None,
    *,
    post: Post,
    persona: Persona,
    photos: Mapping[str, Photo],
) -> VariantPreview:
    row = catalogue.row(variant.channel)
    row = row.at(connection) if connection else row
    shown = [photos[photo_id] for photo_id in variant.photo_ids if photo_id in photos]
    checks: list[Callable[[], object]] = [lambda: catalogue.active(row.key), lambda: check_variant(variant, row)]
    checks.append(lambda: check_alt_texts(persona, shown, variant.alt_text))
    if post.extras is not None:
        checks.append(lambda: _check_extras(post, persona, row, connection))
    if connection is not None and row.status is ChannelStatus.ACTIVE:
        checks.append(lambda: check_postable(connection, row))
        checks.append(lambda: check_affordable(connection, row, variant.text, len(variant.photo_ids)))
    return VariantPreview(
        **variant.model_dump(include={"variant_id", "channel", "connection_id", "text", "photo_ids", "alt_text"}),
        account=connection.display_name if connection else None,
        sent_text="" if post.extras and post.extras.story else as_sent(variant.text, row),
        count=count_text(variant.text, row),
        impediments=tuple(item for item in map(_impediment, checks) if item is not None),
        warnings=(
            *alt_text_warnings(variant.alt_text, pictures=len(variant.photo_ids), row=row),
            *extra_warnings(post.extras, row, connection),
        ),
        extras=row.usable(post.extras, connection) if post.extras else None,
    )


def _check_extras(post: Post, persona: Persona, row: ChannelRow, connection: Connection | None) -> None:
    extras = post.extras or Extras()
    named = extras.beside(persona.extras)
    refused = {fault.name for fault in extra_faults(extras, named, row, connection) if fault.is_refused}
    check_extras(extras, refused, [(row, connection)], pictures=len(post.photo_ids))


def _impediment(check: Callable[[], object]) -> Impediment | None:
    try:
        check()
    except Refusal as refusal:
        return Impediment(kind=refusal.kind, detail=refusal.detail)
    return None
