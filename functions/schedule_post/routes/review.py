"""A person's word on picks that wait for it."""

from schedule_post.http import responses
from schedule_post.http.requests import Reject
from schedule_post.http.router import Owner, Routes, says
from schedule_post.routes.posts import POSTS, PostId, whole
from schedule_post.wiring import Wired

routes = Routes()


@routes.post(
    "/posts/<post_id>/approve",
    summary="Approve a pick",
    description=(
        "Lets a pick that waits for a word (`review` of its schedules) go out at its instant, or at once where that "
        "has come; refused once its slot is past the persona's grace. Under `veto` it closes the window early."
    ),
    operation_id="approvePost",
    tags=POSTS,
    responses=says(404, 409, _200="The post, queued."),
)
def approve_post(post_id: PostId, owner: Owner, services: Wired) -> responses.Post:
    """Let a pick go out."""
    details = services.scheduler.posts.details(post_id, owner=owner)
    return whole(services, services.reviewer.approve(details.post.post_id))


@routes.post(
    "/posts/<post_id>/reject",
    summary="Reject a pick",
    description=(
        "Takes a pick that waits for a word back, and picks the next best for the same slot; the decision says so. The "
        "photo stays out of further picks unless `back` is given. Repeating it picks no second time."
    ),
    operation_id="rejectPost",
    tags=POSTS,
    responses=says(404, 409, _200="The rejected post, and what replaces it."),
)
def reject_post(post_id: PostId, body: Reject, owner: Owner, services: Wired) -> responses.RejectedPostResponse:
    """Have another photo picked."""
    details = services.scheduler.posts.details(post_id, owner=owner)
    done = services.reviewer.reject(details.post.post_id, body.reason, back=body.back)
    return responses.RejectedPostResponse(
        rejected=whole(services, done.details),
        replacement_id=done.replacement.post_id,
        reason=done.replacement.reason,
    )
