"""What a post would send now, for each of its variants, counted as the channel counts. Nothing is written or sent."""

from collections.abc import Callable, Mapping, Sequence

from shutterpost.channels import (
    Catalogue,
    ChannelRow,
    ChannelStatus,
    Connection,
    ConnectionStatus,
    ConnectionStore,
    FacetKind,
    TextCount,
    as_sent,
    compose,
    count_text,
    facets,
    fit_text,
    hashtag_name,
    limit_in,
)
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.budgets import check_affordable, check_postable
from shutterpost.flows.posting.variant_rules import (
    check_alt_texts,
    check_extras,
    check_variant,
    chosen_variant,
    extra_faults,
    linked_text,
)
from shutterpost.flows.refusals import VariantAmbiguous
from shutterpost.personas import Persona, Personas
from shutterpost.photos import Photo, Photos
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Extras, Value
from shutterpost.scheduling import Post, PostDetails, ScheduleStatus, Variant


class Impediment(Value):
    """Why a variant cannot be scheduled now; `kind` is the problem with which its schedule would be refused."""

    kind: str
    detail: str


class VariantPreview(Value):
    """What a variant would send; `account` is its connection's name, `null` before that is chosen.

    `extras` are those of the post that its connection takes, `language` is `null` where its channel takes none.
    `caption_limit` is how many characters (code points) of the post's caption its channel takes, as they are written
    there; `null` where it takes all of them, or its text is its own.
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
    language: str | None = None
    caption_limit: int | None = None


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


@flow
class PreviewReader:
    """What a post would send, from its connections, photos and persona."""

    catalogue: Catalogue
    connections: ConnectionStore
    personas: Personas
    photos: Photos

    def variants(self, details: PostDetails) -> tuple[VariantPreview, ...]:
        by_id = {item.connection_id: item for item in self.connections.list(details.post.persona_id)}
        return self._previews(details, [(item, by_id.get(item.connection_id or "")) for item in details.variants])

    def texts(self, details: PostDetails) -> dict[str, VariantPreview]:
        """What each connection sends, by its id: its schedule's variant, else its only one.

        Nothing prevents what is live. A connection with several variants has none until one is scheduled.
        """
        parts = _by_connection(details, self.connections.list(details.post.persona_id))
        previews = self._previews(details, [(variant, connection) for connection, variant in parts])
        live = {item.connection_id for item in details.schedules if item.status is ScheduleStatus.SUCCESS}
        calm = {"impediments": (), "warnings": ()}
        return {
            connection.connection_id: shown.model_copy(
                update={"connection_id": connection.connection_id, **(calm if connection.connection_id in live else {})}
            )
            for (connection, _), shown in zip(parts, previews, strict=True)
        }

    def _previews(
        self, details: PostDetails, parts: Sequence[tuple[Variant, Connection | None]]
    ) -> tuple[VariantPreview, ...]:
        post = details.post
        if not parts:
            return ()
        photos = {photo.photo_id: photo for photo in self.photos.many(post.persona_id, post.photo_ids)}
        persona = self.personas.get(post.persona_id)
        return tuple(
            _preview(variant, self.catalogue, connection, details=details, persona=persona, photos=photos)
            for variant, connection in parts
        )


def _by_connection(details: PostDetails, connections: Sequence[Connection]) -> list[tuple[Connection, Variant]]:
    by_id = {variant.variant_id: variant for variant in details.variants}
    scheduled = {item.connection_id: by_id[item.variant_id] for item in details.schedules if item.variant_id in by_id}
    named = scheduled.keys() | {item.connection_id for item in details.variants}
    parts: list[tuple[Connection, Variant]] = []
    for connection in connections:
        if connection.connection_id not in named and connection.status is not ConnectionStatus.CONNECTED:
            continue
        try:
            variant = scheduled.get(connection.connection_id) or chosen_variant(details, connection)
        except VariantAmbiguous:
            continue
        if variant is not None:
            parts.append((connection, variant))
    return parts


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
    details: PostDetails,
    persona: Persona,
    photos: Mapping[str, Photo],
) -> VariantPreview:
    post, row = details.post, catalogue.row(variant.channel)
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
        language=details.language(variant) if row.limits.supports_language else None,
        caption_limit=None if variant.own_text else _caption_limit(post, row),
    )


def _caption_limit(post: Post, row: ChannelRow) -> int | None:
    return limit_in(post.base_caption, row, lambda part: linked_text(part.strip(), row, post.metadata)[0])


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
