"""Imports a rejected file again, from the place where it was dropped."""

from collections.abc import Callable

from shutterpost.flows.importing.import_photo import ImportOutcome, Kind
from shutterpost.photos import REASON_SUFFIX, Library
from shutterpost.runtime.clock import Clock

_TAKEN = "Another file has its name in the library by now, and it would replace that one."
_WHAT_TO_DO = "Forget it, or upload it under another name."


class RetryRejected:
    """Returns rejected files to their places and imports them with `import_photo`."""

    def __init__(self, *, import_photo: Callable[[str], ImportOutcome], library: Library, clock: Clock) -> None:
        self._import = import_photo
        self._library = library
        self._clock = clock

    def __call__(self, rejected_key: str) -> ImportOutcome:
        """Import the file again. Where it cannot be used, it is rejected again, with its new reason.

        The rejected copy is deleted once the import has kept the file.
        """
        rejected = self._library.rejected(rejected_key)
        if rejected is None:
            return ImportOutcome(kind=Kind.GONE, key=rejected_key)
        if not self._library.restore(rejected):
            self._library.explain_again(rejected, _TAKEN, _WHAT_TO_DO, self._clock.now())
            return ImportOutcome(kind=Kind.REJECTED, key=rejected.key, moved_to=rejected_key)
        outcome = self._import(rejected.key)
        if outcome.kind is not Kind.GONE and outcome.moved_to != rejected_key:
            # A report on invalid lines has the key of the reason.
            for key in {rejected_key, rejected_key + REASON_SUFFIX} - {outcome.moved_to}:
                self._library.delete_rejected(key)
        return outcome
