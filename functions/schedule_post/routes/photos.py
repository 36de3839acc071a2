"""Photos of a persona's library, and rejected files."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from schedule_post.access import Author, Operator, Viewer
from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor
from schedule_post.http.etags import IfNoneMatch, cached_response
from schedule_post.http.requests.photos import (
    DEFAULT_SIMILAR,
    ChangePhotoRequest,
    ChangePhotosRequest,
    RejectedFilesRequest,
    SearchPhotosRequest,
)
from schedule_post.http.router import ETAG, PersonaId, Routes, documented
from schedule_post.wiring import Wired
from shutterpost.flows.operating.change_photos import ChangedPhoto
from shutterpost.flows.picking.duplicates import Duplicates, duplicates
from shutterpost.flows.picking.explain import Explanation
from shutterpost.photos import (
    Embedding,
    Photo,
    PhotoIndexPage,
    PhotoPage,
    RejectedFile,
    RejectedPage,
    SimilarPhotos,
    find_like_photo,
    find_like_vector,
    photo_index,
)
from shutterpost.runtime.values import Value

routes = Routes()
TAGS = ["Photos"]
Unposted = Annotated[bool, Query(description="Only photos that no post uses, best first; otherwise all, by id.")]
OnlyUnposted = Annotated[bool, Query(description="Only photos that no post uses.")]
MAX_INDEXED = 2000
IndexLimit = Annotated[int, Query(ge=1, le=MAX_INDEXED, description="Maximum number of photos per page.")]
PhotoName = Annotated[
    str,
    Path(
        max_length=250,
        description="Photo id, its first 8 or more digits, or file name. An HTTP API does not deliver every character "
        "of a path (`?`, `#`, `/`): look such a file name up with `name` of List photos, then use the id.",
    ),
]
NameFilter = Annotated[
    str | None,
    Query(
        max_length=250,
        description="Only photos with this file name, which can have any character, or with this id or its first 8 or "
        "more digits.",
    ),
]


class VectorResponse(Value):
    """A photo's embedding, its model, and the photo's keywords, objects and caption."""

    photo_id: str
    model: str
    vector: tuple[float, ...]
    keywords: tuple[str, ...]
    objects: tuple[str, ...]
    caption: str


class ChangedPhotosResponse(Value):
    """The results in the order of the request; a refused photo has `kind` and `detail`."""

    results: tuple[ChangedPhoto, ...]


class RejectedFilesResponse(Value):
    """The rejected files that a request named, as they were."""

    files: tuple[RejectedFile, ...]


class VectorsResponse(Value):
    """A page of embeddings, and the `cursor` of the next page."""

    vectors: tuple[VectorResponse, ...]
    cursor: str | None = None


@routes.get(
    "/personas/<persona_id>/photos",
    summary="List photos",
    operation_id="listPhotos",
    tags=TAGS,
    responses=documented(404, _200="One page."),
)
def list_photos(
    *,
    persona_id: PersonaId,
    access: Viewer,
    services: Wired,
    unposted: Unposted = False,
    name: NameFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PhotoPage:
    persona = access.persona(persona_id)
    photos = services.photos
    if name is not None:
        named = photos.named(persona.persona_id, name)
        return PhotoPage(photos=tuple(photo for photo in named if photo.in_unposted or not unposted))
    listing = photos.unposted if unposted else photos.of_persona
    page = listing(persona.persona_id, limit, decode_cursor(cursor))
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.get(
    "/personas/<persona_id>/photos/index",
    summary="Get the photo index",
    description=(
        "What a contact sheet shows of each photo, in columns, compressed if the request accepts gzip: 20 000 photos "
        "take ten pages and at most 350 kB. Which posts have a `taken` photo, the calendar tells."
    ),
    operation_id="getPhotoIndex",
    tags=TAGS,
    compress=True,
    responses=documented(404, headers=ETAG, _200="One page.", _304="The page has not changed."),
)
def get_photo_index(
    *,
    persona_id: PersonaId,
    access: Viewer,
    services: Wired,
    limit: IndexLimit = MAX_INDEXED,
    cursor: Cursor = None,
    if_none_match: IfNoneMatch = None,
) -> Response[PhotoIndexPage]:
    persona = access.persona(persona_id)
    page = photo_index(persona.persona_id, limit, decode_cursor(cursor))
    return cached_response(page.model_copy(update={"cursor": encode_cursor(page.cursor)}), if_none_match)


@routes.get(
    "/personas/<persona_id>/photos/duplicates",
    summary="List near duplicates",
    description="Groups of near duplicates and bursts, by the persona's `near_duplicate_bits`.",
    operation_id="listDuplicates",
    tags=TAGS,
    responses=documented(404, _200="All groups, of up to 20000 photos."),
)
def list_duplicates(persona_id: PersonaId, access: Viewer, services: Wired) -> Duplicates:
    persona = access.persona(persona_id)
    return duplicates(services.photos, persona)


@routes.get(
    "/personas/<persona_id>/photos/vectors",
    summary="List vectors",
    description="The embeddings of a persona's photos. Embeddings of different models are not comparable.",
    operation_id="listVectors",
    tags=TAGS,
    responses=documented(404, _200="One page, by photo id; it can have fewer than `limit` items and still a `cursor`."),
)
def list_vectors(
    persona_id: PersonaId, access: Viewer, services: Wired, limit: Limit = 50, cursor: Cursor = None
) -> VectorsResponse:
    persona = access.persona(persona_id)
    photos = services.photos
    page = photos.of_persona(persona.persona_id, limit, decode_cursor(cursor))
    embeddings = photos.embeddings(persona.persona_id, [photo.photo_id for photo in page.photos])
    vectors = tuple(
        VectorResponse.model_validate({**photo.model_dump(), **embeddings[photo.photo_id].model_dump()})
        for photo in page.photos
        if photo.photo_id in embeddings
    )
    return VectorsResponse(vectors=vectors, cursor=encode_cursor(page.cursor))


@routes.post(
    "/personas/<persona_id>/photos/search",
    summary="Search photos by a vector",
    description="The photos whose vectors are most similar (cosine) to a vector, for example of words.",
    operation_id="searchPhotos",
    tags=TAGS,
    responses=documented(404, _200="The most similar photos; `whole` is false if not all vectors were compared."),
)
def search_photos(persona_id: PersonaId, body: SearchPhotosRequest, access: Viewer, services: Wired) -> SimilarPhotos:
    persona = access.persona(persona_id)
    query = Embedding(model=body.model, vector=body.vector)
    return find_like_vector(persona.persona_id, query, body.limit, unposted=body.unposted)


@routes.get(
    "/personas/<persona_id>/photos/<photo>",
    summary="Get a photo",
    operation_id="getPhoto",
    tags=TAGS,
    responses=documented(404, 409, _200="The photo."),
)
def get_photo(persona_id: PersonaId, photo: PhotoName, access: Viewer, services: Wired) -> Photo:
    persona = access.persona(persona_id)
    return services.photos.find(persona.persona_id, photo)


@routes.patch(
    "/personas/<persona_id>/photos/<photo>",
    summary="Change a photo",
    description=(
        "What a person writes here wins over analyses, annotations, sidecars and embedded texts, also over those that "
        "are imported later. `kept_out` keeps the photo out of picks, their carousels, reposts, the forecast and the "
        "runway; a person can still post it."
    ),
    operation_id="changePhoto",
    tags=TAGS,
    responses=documented(404, 409, _200="The changed photo."),
)
def change_one_photo(
    persona_id: PersonaId, photo: PhotoName, body: ChangePhotoRequest, access: Author, services: Wired
) -> Photo:
    return services.photo_editor.change(access.persona(persona_id), photo, body)


@routes.patch(
    "/personas/<persona_id>/photos",
    summary="Change photos",
    description="The same change of up to 100 photos; a photo that is refused stops no other.",
    operation_id="changePhotos",
    tags=TAGS,
    responses=documented(404, _200="The result for each photo."),
)
def change_many_photos(
    persona_id: PersonaId, body: ChangePhotosRequest, access: Author, services: Wired
) -> ChangedPhotosResponse:
    results = services.photo_editor.change_all(access.persona(persona_id), body.photos, body.change)
    return ChangedPhotosResponse(results=results)


@routes.get(
    "/personas/<persona_id>/photos/<photo>/explain",
    summary="Explain a photo",
    description="Why the photo has not been picked, and what would have to change.",
    operation_id="explainPhoto",
    tags=TAGS,
    responses=documented(404, 409, _200="The explanation."),
)
def explain_photo(persona_id: PersonaId, photo: PhotoName, access: Viewer, services: Wired) -> Explanation:
    return services.explainer.explain(access.persona(persona_id), photo)


@routes.get(
    "/personas/<persona_id>/photos/<photo>/similar",
    summary="List similar photos",
    description="The photos whose vectors are most similar (cosine) to that of the photo.",
    operation_id="listSimilar",
    tags=TAGS,
    responses=documented(404, 409, _200="The most similar photos; `whole` is false if not all vectors were compared."),
)
def list_similar(
    *,
    persona_id: PersonaId,
    photo: PhotoName,
    access: Viewer,
    services: Wired,
    limit: Limit = DEFAULT_SIMILAR,
    unposted: OnlyUnposted = False,
) -> SimilarPhotos:
    persona = access.persona(persona_id)
    like = services.photos.find(persona.persona_id, photo)
    return find_like_photo(persona.persona_id, like.photo_id, limit, unposted=unposted)


@routes.get(
    "/personas/<persona_id>/rejected",
    summary="List rejected files",
    description="Uploaded files that could not be imported, each with the reason and a remedy.",
    operation_id="listRejected",
    tags=TAGS,
    responses=documented(404, _200="One page."),
)
def list_rejected(
    persona_id: PersonaId, access: Viewer, services: Wired, limit: Limit = 50, cursor: Cursor = None
) -> RejectedPage:
    persona = access.persona(persona_id)
    page = services.rejections.page(persona.persona_id, limit, decode_cursor(cursor))
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.post(
    "/personas/<persona_id>/rejected/retry",
    summary="Retry rejected files",
    description=(
        "Has rejected files imported again, in the background, from the places where they were dropped. A file that is "
        "rejected again has a new `at`. One whose name another file has by now stays, and says so."
    ),
    operation_id="retryRejected",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(404, _202="Accepted: the files."),
)
def retry_rejected(
    persona_id: PersonaId, body: RejectedFilesRequest, access: Author, services: Wired
) -> Response[RejectedFilesResponse]:
    files = services.rejected_files.retry(access.persona(persona_id), body.rejected_keys)
    accepted = RejectedFilesResponse(files=files)
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, accepted)


@routes.post(
    "/personas/<persona_id>/rejected/forget",
    summary="Forget rejected files",
    description=(
        "Deletes rejected files with their reasons. A rejected file is the only copy in the bucket, and cannot be "
        "restored. A file that stayed in its place, because some of its lines are used, stays there."
    ),
    operation_id="forgetRejected",
    tags=TAGS,
    responses=documented(404, _200="The deleted files."),
)
def forget_rejected(
    persona_id: PersonaId, body: RejectedFilesRequest, access: Operator, services: Wired
) -> RejectedFilesResponse:
    files = services.rejected_files.forget(access.persona(persona_id), body.rejected_keys)
    return RejectedFilesResponse(files=files)
