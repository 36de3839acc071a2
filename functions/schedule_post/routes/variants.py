"""Variants: a post's texts for its channels and connections, written one by one."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Path

from schedule_post.access import Author, Viewer
from schedule_post.http import post_responses
from schedule_post.http.post_responses import PostPreviewResponse, PostResponse, VariantResponse
from schedule_post.http.requests.posts import ChangeVariantRequest, CreateVariantRequest
from schedule_post.http.router import Routes, documented
from schedule_post.routes.posts import DryRun, IdempotencyKey, PostId, post_response, request_id
from schedule_post.wiring import Wired
from shutterpost.flows.records.preview import texts_by_channel

routes = Routes()
TAGS = ["Posts"]
VariantId = Annotated[str, Path(max_length=130, description="Id of one of the post's variants.")]


@routes.post(
    "/posts/<post_id>/variants",
    summary="Write a variant",
    description=(
        "Adds a text to the post, for a connection or for any connection of `channel`; its length is checked as the "
        "channel counts it. A connection may have several variants, of which one is scheduled. A repeat with the same "
        "key returns the first one. A dry run returns the variant without writing it."
    ),
    operation_id="createVariant",
    tags=TAGS,
    status_code=HTTPStatus.CREATED,
    responses=documented(404, 409, _201="The variant.", _200="The result of a dry run; nothing was written."),
)
def create_variant(
    *,
    post_id: PostId,
    body: CreateVariantRequest,
    access: Author,
    services: Wired,
    own_id: Annotated[str, Depends(request_id)],
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> Response[VariantResponse]:
    details = access.post(post_id)
    key = f"{access.principal}#{idempotency_key or own_id}"
    variant = services.variant_writer.write(details, body, key=key, dry_run=dry_run)
    status = HTTPStatus.OK if dry_run else HTTPStatus.CREATED
    shown = post_responses.variant(variant, details, services.catalogue)
    return Response(status.value, content_types.APPLICATION_JSON, shown)


@routes.get(
    "/posts/<post_id>/preview",
    summary="Preview a post",
    description=(
        "What each variant would send, counted as its channel counts, the problems with which its schedule would be "
        "refused now, and a warning where a picture goes out without alt text; and for every channel, how the caption "
        "and hashtags would fit it. Nothing is written or sent."
    ),
    operation_id="previewPost",
    tags=TAGS,
    responses=documented(404, _200="The preview."),
)
def preview_post(post_id: PostId, access: Viewer, services: Wired) -> PostPreviewResponse:
    details = access.post(post_id)
    return PostPreviewResponse(
        post_id=post_id,
        variants=services.previews.variants(details),
        channels=texts_by_channel(details.post, services.catalogue),
    )


@routes.patch(
    "/posts/<post_id>/variants/<variant_id>",
    summary="Change a variant",
    description=(
        "Fields that are left out keep their values. From then on, changes of the post's texts leave the variant. One "
        "that is published, or on its way, is refused."
    ),
    operation_id="changeVariant",
    tags=TAGS,
    responses=documented(404, 409, _200="The changed variant."),
)
def change_variant(
    post_id: PostId, variant_id: VariantId, body: ChangeVariantRequest, access: Author, services: Wired
) -> VariantResponse:
    details = access.post(post_id)
    variant = services.variant_writer.change(details, variant_id, body)
    return post_responses.variant(variant, details, services.catalogue)


@routes.delete(
    "/posts/<post_id>/variants/<variant_id>",
    summary="Remove a variant",
    description="Refused for a variant that a schedule names.",
    operation_id="removeVariant",
    tags=TAGS,
    responses=documented(404, 409, _200="The post without the variant."),
)
def remove_variant(post_id: PostId, variant_id: VariantId, access: Author, services: Wired) -> PostResponse:
    services.variant_writer.remove(access.post(post_id), variant_id)
    return post_response(services, access.post(post_id))
