"""The content of a post as its channel receives it."""

from shutterpost.channels import Message, Picture
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.rendition_copies import RenditionCopies
from shutterpost.photos import PublicCopies
from shutterpost.runtime.values import Extras
from shutterpost.scheduling import PostDetails, Posts, Schedule


@flow
class Messages:
    posts: Posts
    copies: PublicCopies
    renditions: RenditionCopies

    def of(self, schedule: Schedule) -> Message:
        """The text and pictures of the schedule's variant, as they are now."""
        details = self.posts.details(schedule.post_id)
        variant, extras = details.variant(schedule.variant_id), details.post.extras
        row, alt_texts = self.renditions.access.row(schedule), self.renditions.alt_texts(schedule)
        if self.renditions.are_uploaded(schedule):
            described = zip(self.renditions.uploads(schedule), alt_texts, strict=True)
            pictures = tuple(
                Picture(rendition=key, alt_text=alt_text, focus=focus) for (key, focus), alt_text in described
            )
        else:
            copied = zip(schedule.public_keys, alt_texts, strict=False)
            pictures = tuple(Picture(url=self.copies.url(key), alt_text=alt_text) for key, alt_text in copied)
        return Message(
            text=variant.text,
            language=details.language(variant) if row.limits.supports_language else None,
            pictures=pictures,
            run_at=schedule.expected_at,
            key=schedule.schedule_id,
            planned_at=schedule.created_at,
            extras=self._extras(schedule, extras, details) if extras else Extras(),
        )

    def _extras(self, schedule: Schedule, extras: Extras, details: PostDetails) -> Extras:
        access, shown = self.renditions.access, details.variant(schedule.variant_id).photo_ids
        usable = access.row(schedule).usable(extras, access.connection(schedule))
        places = {details.post.photo_ids.index(item) + 1: place for place, item in enumerate(shown, start=1)}
        tags = (
            tag.model_copy(update={"picture": places[tag.picture]}) for tag in usable.user_tags if tag.picture in places
        )
        return usable.model_copy(update={"user_tags": tuple(tags)})
