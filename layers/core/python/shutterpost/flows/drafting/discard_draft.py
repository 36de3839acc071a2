"""Deleting a draft: the post and its variants, which claim no photo."""

from shutterpost.flows.flow import flow
from shutterpost.flows.refusals import PostChanged, PostNotDraft
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, commit
from shutterpost.scheduling import Claims, ClaimState, Post, PostDetails, Posts, key_claim_key


@flow
class DraftDiscarder:
    clock: Clock
    posts: Posts
    claims: Claims

    def discard(self, details: PostDetails) -> None:
        """Delete the draft that was read as `details`, and release its Idempotency-Key, in one transaction.

        Raises `PostNotDraft` for a post that has or had a schedule, and `PostChanged`.
        """
        post = details.post
        if details.schedules:
            detail = f"Post {post.post_id} has a schedule, and its record stays; cancel and archive it instead."
            raise PostNotDraft(detail, schedule_id=details.schedules[0].schedule_id)
        writes = self.posts.discarding(details)
        key = self._held_key(post)
        if key is not None:
            now = self.clock.now()
            writes.append(self.claims.release("key", key, holder=post.post_id, reason="the draft was deleted", now=now))
        if isinstance(commit(writes), Refused):
            raise PostChanged(f"Post {post.post_id} has changed meanwhile; read it again, then delete it.")

    def _held_key(self, post: Post) -> str | None:
        # A request key is the caller's key, or the request's id, and a digest.
        key = key_claim_key(post.owner, post.request_key.rpartition("#")[0])
        claim = self.claims.get(key)
        return key if claim and claim.holder == post.post_id and claim.state is ClaimState.HELD else None
