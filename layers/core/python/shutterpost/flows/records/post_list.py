"""A persona's posts, newest first: filtered, in pages that read a bounded number of posts."""

from datetime import datetime, timedelta

from shutterpost.flows.posting.captions import source_of
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Origin, Post, PostDetails, Posts, PostStatus, VariantSource, post_status

# The most posts that a page examines, however few match its filter.
MAX_EXAMINED = 100
# The precision of stored instants.
TICK = timedelta(milliseconds=1)


class PostFilter(Value):
    """The filter of a list of posts; `None` matches everything.

    `channel` and `connection_id` are those of a variant or schedule. `source` is that of a variant, or of the caption
    of a post without variants. `start` and `end` bound the creation: `start <= created_at < end`.
    """

    status: PostStatus | None = None
    tag: str | None = None
    channel: str | None = None
    connection_id: str | None = None
    source: VariantSource | None = None
    origin: Origin | None = None
    archived: bool | None = None
    start: datetime | None = None
    end: datetime | None = None

    def may_match(self, post: Post) -> bool:
        """Whether what is stored in the post alone matches."""
        return (
            self.archived in {None, post.archived}
            and self.origin in {None, post.origin}
            and (self.tag is None or self.tag.strip().casefold() in {tag.casefold() for tag in post.tags})
        )

    def matches(self, details: PostDetails) -> bool:
        places = [(item.channel, item.connection_id) for item in details.variants]
        places += [(item.channel, item.connection_id) for item in details.schedules]
        sources = {item.source for item in details.variants} or {source_of(details.post.caption_source)}
        return (
            self.status in {None, post_status(details.post, details.schedules)}
            and self.channel in {None, *(channel for channel, _ in places)}
            and self.connection_id in {None, *(connection_id for _, connection_id in places)}
            and self.source in {None, *sources}
        )


class PostList(Value):
    """A page of posts, and the `cursor` of the next page (`None` on the last)."""

    posts: tuple[PostDetails, ...]
    cursor: str | None = None


def post_list(posts: Posts, persona_id: str, *, only: PostFilter, limit: int, cursor: str | None = None) -> PostList:
    """A page of the persona's posts that match `only`; it may be short or empty and still have a cursor.

    Reads `MAX_EXAMINED` posts at most from the index, and the items of those that may match. Raises `PostNotFound` for
    an invalid cursor.
    """
    last = only.end - TICK if only.end else None
    listed, examine = list[PostDetails](), MAX_EXAMINED
    while examine > 0:
        page = posts.of_persona(persona_id, limit=min(limit, examine), cursor=cursor, start=only.start, end=last)
        for post in page.posts:
            details = posts.details(post.post_id) if only.may_match(post) else None
            if details is not None and only.matches(details):
                listed.append(details)
            cursor = post.post_id
            if len(listed) == limit and (page.cursor or post is not page.posts[-1]):
                return PostList(posts=tuple(listed), cursor=cursor)
        examine -= len(page.posts)
        if page.cursor is None:
            return PostList(posts=tuple(listed))
    return PostList(posts=tuple(listed), cursor=cursor)
