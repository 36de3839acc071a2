"""Public copies of a post's renditions, from which a platform fetches its photos."""

from shutterpost.channels import Cause, Failure, FailureClass, fit_alt_text
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.photos import Photos, PublicCopies, new_public_key
from shutterpost.scheduling import Posts, Schedule


@flow
class RenditionCopies:
    photos: Photos
    posts: Posts
    copies: PublicCopies
    access: ChannelAccess

    def create(self, schedule: Schedule) -> tuple[str, ...] | Failure:
        """Copy the renditions; returns the public keys, or a failure if a rendition is missing."""
        profile, photo_ids = self.access.row(schedule).rendition, self._photo_ids(schedule)
        keys = schedule.public_keys or tuple(new_public_key() for _ in photo_ids)
        for photo_id, public_key in zip(photo_ids, keys, strict=True):
            rendition = self.photos.get(schedule.persona_id, photo_id).renditions.get(profile)
            if rendition is None:
                return _no_rendition(photo_id, profile)
            self.copies.publish(rendition, public_key)
        return keys

    def renew(self, schedule: Schedule) -> None:
        """Copy the renditions again, so that the library's lifecycle keeps them while the platform may fetch them."""
        profile = self.access.row(schedule).rendition
        for photo_id, public_key in zip(self._photo_ids(schedule), schedule.public_keys, strict=False):
            rendition = self.photos.get(schedule.persona_id, photo_id).renditions.get(profile)
            if rendition is not None:
                self.copies.publish(rendition, public_key)

    def alt_texts(self, schedule: Schedule) -> tuple[str, ...]:
        """The alt text of each picture: the variant's of the first, the photo's own of the others."""
        variant = self.posts.details(schedule.post_id).variant(schedule.variant_id)
        others = (self.photos.get(schedule.persona_id, photo_id).alt_text for photo_id in variant.photo_ids[1:])
        row = self.access.row(schedule)
        return variant.alt_text, *(fit_alt_text(alt_text, row) for alt_text in others)

    def _photo_ids(self, schedule: Schedule) -> tuple[str, ...]:
        return self.posts.details(schedule.post_id).variant(schedule.variant_id).photo_ids


def _no_rendition(photo_id: str, profile: str) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.PHOTO,
        code="no-rendition",
        message=(
            f"Photo {photo_id} has no rendition {profile}; make it with 'shutterpost photos remake', "
            "then retry this schedule."
        ),
    )
