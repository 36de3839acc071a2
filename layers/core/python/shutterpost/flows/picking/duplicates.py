"""Near duplicates in a persona's library."""

from shutterpost.curation import ComparablePhoto, LookAlikes, look_alikes
from shutterpost.personas import NEAR_DUPLICATE_BITS, Persona
from shutterpost.photos import Photos
from shutterpost.runtime.values import Value

# Reads 20 MB or so, which a function does in a few seconds; beyond it the answer says that it is not whole.
MAX_PHOTOS = 20_000


class Duplicates(Value):
    """Groups of look-alikes, without those of one carousel, pairs that a person keeps, and photos that are kept out.

    It is not `whole` if the library has more photos than are compared.
    """

    groups: tuple[LookAlikes, ...]
    compared: int
    whole: bool


def duplicates(photos: Photos, persona: Persona) -> Duplicates:
    snapshots = photos.snapshots(persona.persona_id, MAX_PHOTOS + 1)
    listed = [item for item in snapshots[:MAX_PHOTOS] if not item.is_kept_out]
    compared = [ComparablePhoto.model_validate(item.model_dump()) for item in listed]
    posts = {item.photo_id: frozenset(item.taken_by) for item in snapshots}
    kept = {frozenset((item.photo_id, other)) for item in listed for other in item.kept_with}
    alike = look_alikes(compared, persona.near_duplicate_bits or NEAR_DUPLICATE_BITS, kept)
    groups = tuple(
        group for group in alike if not frozenset.intersection(*(posts[item.photo_id] for item in group.photos))
    )
    return Duplicates(groups=groups, compared=len(compared), whole=len(snapshots) <= MAX_PHOTOS)
