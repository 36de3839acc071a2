"""Whether a platform can get a photo's rendition: its file is there, and what is fetched has a public address."""

from botocore.exceptions import ClientError

from shutterpost.channels import Cause, ChannelRow, Failure, FailureClass, check_reachable
from shutterpost.flows.flow import flow
from shutterpost.photos import NOT_THERE, ImportQueue, Photos, PublicCopies, new_public_key


@flow
class RenditionCheck:
    photos: Photos
    copies: PublicCopies
    queue: ImportQueue

    def fault(self, persona_id: str, photo_id: str, row: ChannelRow) -> Failure | None:
        """Why the channel cannot get the rendition, if so; the cause is PHOTO where it could get another photo's.

        A public copy is made for a moment, unless the channel takes uploads. A rendition that the import can still make
        is requested, and no fault.
        """
        photo = self.photos.get(persona_id, photo_id)
        rendition = photo.renditions.get(row.rendition)
        if rendition is None and photo.can_have(row.rendition):
            self.queue.request(photo)
            return None
        if photo.withheld is not None or rendition is None:
            return _photo_fault(photo.withheld or f"It has no rendition {row.rendition}.")
        missing = _photo_fault(f"The file of its rendition {row.rendition} is missing.")
        if row.media == "upload":
            return None if self.copies.has_rendition(rendition) else missing
        probe = new_public_key()
        try:
            return check_reachable(self.copies.publish(rendition, probe))
        except ClientError as error:
            if error.response["Error"]["Code"] not in NOT_THERE:
                raise
            return missing
        finally:
            self.copies.remove((probe,))


def _photo_fault(message: str) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=Cause.PHOTO, code="preflight", message=message)
