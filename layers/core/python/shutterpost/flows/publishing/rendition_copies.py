"""A post's renditions, and the public copies from which a platform fetches them."""

from collections.abc import Sequence

from shutterpost.channels import Cause, Failure, FailureClass, fit_alt_text
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.photos import ImportQueue, Photo, Photos, PublicCopies, new_public_key
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Posts, Schedule, Step


class PendingRenditions(Value):
    """Renditions that the import is making; `failure` is that of the post if they do not come."""

    failure: Failure


@flow
class RenditionCopies:
    photos: Photos
    posts: Posts
    copies: PublicCopies
    access: ChannelAccess
    queue: ImportQueue

    def create(self, schedule: Schedule) -> tuple[str, ...] | Failure | PendingRenditions:
        """Copy the renditions if the channel fetches them; returns the public keys, or a failure if one is missing.

        Where the import can still make all that are missing, they are requested.
        """
        photo_ids, photos = self._photo_ids(schedule), self._photos(schedule)
        profile = self.access.row(schedule).rendition
        renditions = _keys_of(photos, profile)
        if not all(renditions):
            unmakeable = next((place for place, photo in enumerate(photos) if not photo.can_have(profile)), None)
            place = renditions.index("") if unmakeable is None else unmakeable
            failure = _no_rendition(photo_ids[place], profile).about(place)
            if unmakeable is not None:
                return failure
            for photo in photos:
                if profile not in photo.renditions:
                    self.queue.request(photo)
            return PendingRenditions(failure=failure)
        if self.are_uploaded(schedule):
            return ()
        # Those of an earlier attempt may show other photos, which caches keep.
        repeated = schedule.step is Step.PREPARED
        keys = schedule.public_keys if repeated else tuple(new_public_key() for _ in photo_ids)
        for rendition, public_key in zip(renditions, keys, strict=True):
            self.copies.publish(rendition, public_key)
        return keys

    def renew(self, schedule: Schedule) -> None:
        """Copy the renditions again, so that the library's lifecycle keeps them while the platform may fetch them."""
        for rendition, public_key in zip(self.keys(schedule), schedule.public_keys, strict=False):
            if rendition:
                self.copies.publish(rendition, public_key)

    def are_uploaded(self, schedule: Schedule) -> bool:
        """Whether the channel takes uploads, for which no public copies are made."""
        return self.access.row(schedule).media == "upload"

    def keys(self, schedule: Schedule) -> tuple[str, ...]:
        """The rendition of each picture, empty where the photo has none for the channel."""
        return _keys_of(self._photos(schedule), self.access.row(schedule).rendition)

    def uploads(self, schedule: Schedule) -> tuple[tuple[str, tuple[float, float] | None], ...]:
        """The rendition of each picture, as `keys` has it, and the focal point in it."""
        photos, profile = self._photos(schedule), self.access.row(schedule).rendition
        return tuple(
            (key, photo.focus_in(profile)) for key, photo in zip(_keys_of(photos, profile), photos, strict=True)
        )

    def alt_texts(self, schedule: Schedule) -> tuple[str, ...]:
        """The alt text of each picture: the variant's of the first, the photo's own of the others."""
        variant = self.posts.details(schedule.post_id).variant(schedule.variant_id)
        others = (self.photos.get(schedule.persona_id, photo_id).alt_text for photo_id in variant.photo_ids[1:])
        row = self.access.row(schedule).at(self.access.connection(schedule))
        return variant.alt_text, *(fit_alt_text(alt_text, row) for alt_text in others)

    def _photos(self, schedule: Schedule) -> tuple[Photo, ...]:
        return tuple(self.photos.get(schedule.persona_id, photo_id) for photo_id in self._photo_ids(schedule))

    def _photo_ids(self, schedule: Schedule) -> tuple[str, ...]:
        return self.posts.details(schedule.post_id).variant(schedule.variant_id).photo_ids


def _keys_of(photos: Sequence[Photo], profile: str) -> tuple[str, ...]:
    return tuple(photo.renditions.get(profile, "") for photo in photos)


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
