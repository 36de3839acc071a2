"""Review of pending picks, and their offers."""

from schedule_post.access import Author, Operator
from schedule_post.http import post_responses
from schedule_post.http.requests.posts import RejectPostRequest
from schedule_post.http.router import Routes, documented
from schedule_post.routes.posts import POSTS, PostId, post_response
from schedule_post.wiring import Wired
from shutterpost.flows.posting.add_photos import PhotosToAdd

routes = Routes()


@routes.post(
    "/posts/<post_id>/approve",
    summary="Approve a pick",
    description=(
        "Queues a pending pick (`review` of its schedules) for its slot, or for now if the slot has passed. Refused if "
        "the slot is longer ago than the persona's grace. With `veto`, it ends the review early."
    ),
    operation_id="approvePost",
    tags=POSTS,
    responses=documented(404, 409, _200="The queued post."),
)
def approve_post(post_id: PostId, access: Operator, services: Wired) -> post_responses.PostResponse:
    details = access.post(post_id)
    return post_response(services, services.reviewer.approve(details.post.post_id))


@routes.post(
    "/posts/<post_id>/reject",
    summary="Reject a pick",
    description=(
        "Rejects a pending pick and picks the next best photo for the same slot; the decision records it. The photo is "
        "excluded from later picks unless `back` is true. A repeat does not pick again."
    ),
    operation_id="rejectPost",
    tags=POSTS,
    responses=documented(404, 409, _200="The rejected post, and its replacement."),
)
def reject_post(
    post_id: PostId, body: RejectPostRequest, access: Operator, services: Wired
) -> post_responses.RejectedPostResponse:
    details = access.post(post_id)
    result = services.reviewer.reject(details.post.post_id, body.reason, back=body.back)
    return post_responses.RejectedPostResponse(
        rejected=post_response(services, result.details),
        replacement_id=result.replacement.post_id,
        reason=result.replacement.reason,
    )


@routes.post(
    "/posts/<post_id>/carousel",
    summary="Add photos to a post",
    description=(
        "Makes a waiting post a carousel: claims the photos and publishes them after its own. Without `photos` they "
        "are the near duplicates that its pick offers (the persona's rule `carousels`). Of a pick, a channel that "
        "takes fewer photos gets the first. Photos that the post has already are not added again."
    ),
    operation_id="extendPost",
    tags=POSTS,
    responses=documented(404, 409, _200="The post."),
)
def extend_post(post_id: PostId, body: PhotosToAdd, access: Author, services: Wired) -> post_responses.PostResponse:
    details = access.post(post_id)
    persona = services.personas.get(details.post.persona_id)
    return post_response(services, services.photo_adder.add(persona, details, body.photos))
