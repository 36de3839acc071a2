"""Whether a platform could fetch a photo's rendition: a public copy is made, requested and removed."""

from botocore.exceptions import ClientError

from shutterpost.channels import Cause, Failure, FailureClass, check_reachable
from shutterpost.flows.flow import flow
from shutterpost.photos import Photos, PublicCopies, new_public_key


@flow
class RenditionCheck:
    photos: Photos
    copies: PublicCopies

    def fault(self, persona_id: str, photo_id: str, profile: str) -> Failure | None:
        """Why the rendition cannot be fetched, if so; the cause is PHOTO where another photo could be."""
        photo = self.photos.get(persona_id, photo_id)
        rendition = photo.renditions.get(profile)
        if photo.withheld is not None or rendition is None:
            return _photo_fault(photo.withheld or f"It has no rendition {profile}.")
        probe = new_public_key()
        try:
            return check_reachable(self.copies.publish(rendition, probe))
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                raise
            return _photo_fault(f"The file of its rendition {profile} is missing.")
        finally:
            self.copies.remove((probe,))


def _photo_fault(message: str) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=Cause.PHOTO, code="preflight", message=message)
