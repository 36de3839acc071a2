"""Photos of a persona's library, and dropped files that could not be used."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor
from schedule_post.http.router import Owner, PersonaId, Routes, says
from schedule_post.wiring import Wired
from shutterpost.flows.picking.duplicates import Duplicates, duplicates
from shutterpost.flows.picking.explain import Explanation, explain
from shutterpost.photos import Photo, PhotoPage, RejectedPage
from shutterpost.runtime.values import Value

routes = Routes()
TAGS = ["Photos"]
Unposted = Annotated[bool, Query(description="Only photos that no post has taken, best first; else all, by id.")]
PhotoName = Annotated[str, Path(max_length=250, description="Id, first 8 or more digits of one, or file name.")]


class Vector(Value):
    """A photo's embedding, the model that made it, and what is said of the photo."""

    photo_id: str
    model: str
    vector: tuple[float, ...]
    keywords: tuple[str, ...]
    objects: tuple[str, ...]
    caption: str


class Vectors(Value):
    """Some embeddings, and the `cursor` of the next page."""

    vectors: tuple[Vector, ...]
    cursor: str | None = None


@routes.get(
    "/personas/<persona_id>/photos",
    summary="List photos",
    operation_id="listPhotos",
    tags=TAGS,
    responses=says(404, _200="One page."),
)
def list_photos(
    *,
    persona_id: PersonaId,
    owner: Owner,
    services: Wired,
    unposted: Unposted = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PhotoPage:
    """One page of a persona's photos."""
    persona = services.personas.get(persona_id, owner)
    photos = services.scheduler.photos
    listing = photos.unposted if unposted else photos.of_persona
    page = listing(persona.persona_id, limit, decode_cursor(cursor))
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.get(
    "/personas/<persona_id>/photos/duplicates",
    summary="List near duplicates",
    description="Groups of photos that look alike, and bursts, by the persona's own measure of likeness.",
    operation_id="listDuplicates",
    tags=TAGS,
    responses=says(404, _200="All groups, of up to 20000 photos."),
)
def list_duplicates(persona_id: PersonaId, owner: Owner, services: Wired) -> Duplicates:
    """Which photos of a persona look alike."""
    persona = services.personas.get(persona_id, owner)
    return duplicates(services.scheduler.photos, persona)


@routes.get(
    "/personas/<persona_id>/photos/vectors",
    summary="List vectors",
    description="The embeddings of a persona's photos; those of different models are not comparable.",
    operation_id="listVectors",
    tags=TAGS,
    responses=says(404, _200="One page, by photo id; it may hold less than `limit` and yet have a `cursor`."),
)
def list_vectors(
    persona_id: PersonaId, owner: Owner, services: Wired, limit: Limit = 50, cursor: Cursor = None
) -> Vectors:
    """One page of vectors, of the photos that have one."""
    persona = services.personas.get(persona_id, owner)
    photos = services.scheduler.photos
    page = photos.of_persona(persona.persona_id, limit, decode_cursor(cursor))
    found = photos.embeddings(persona.persona_id, [photo.photo_id for photo in page.photos])
    vectors = tuple(
        Vector.model_validate({**photo.model_dump(), **found[photo.photo_id].model_dump()})
        for photo in page.photos
        if photo.photo_id in found
    )
    return Vectors(vectors=vectors, cursor=encode_cursor(page.cursor))


@routes.get(
    "/personas/<persona_id>/photos/<photo>",
    summary="Get a photo",
    operation_id="getPhoto",
    tags=TAGS,
    responses=says(404, 409, _200="The photo."),
)
def get_photo(persona_id: PersonaId, photo: PhotoName, owner: Owner, services: Wired) -> Photo:
    """One photo by id, the beginning of its id, or a name it arrived under."""
    persona = services.personas.get(persona_id, owner)
    return services.scheduler.photos.find(persona.persona_id, photo)


@routes.get(
    "/personas/<persona_id>/photos/<photo>/explain",
    summary="Explain a photo",
    description="Why it has not been picked, and what would have to change.",
    operation_id="explainPhoto",
    tags=TAGS,
    responses=says(404, 409, _200="How it stands."),
)
def explain_photo(persona_id: PersonaId, photo: PhotoName, owner: Owner, services: Wired) -> Explanation:
    """How one photo stands."""
    return explain(services.scheduler, services.personas.get(persona_id, owner), photo)


@routes.get(
    "/personas/<persona_id>/rejected",
    summary="List rejected files",
    description="What was dropped and could not be used, each with the reason and what to do about it.",
    operation_id="listRejected",
    tags=TAGS,
    responses=says(404, _200="One page."),
)
def list_rejected(
    persona_id: PersonaId, owner: Owner, services: Wired, limit: Limit = 50, cursor: Cursor = None
) -> RejectedPage:
    """One page of a persona's rejected files."""
    persona = services.personas.get(persona_id, owner)
    page = services.rejections.page(persona.persona_id, limit, decode_cursor(cursor))
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})
