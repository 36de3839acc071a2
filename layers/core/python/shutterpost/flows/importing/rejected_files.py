"""A person's decision on rejected files: import them again, or forget them."""

from collections.abc import Sequence

from shutterpost.flows.flow import flow
from shutterpost.personas import Persona
from shutterpost.photos import ImportQueue, RejectedFile, Rejections
from shutterpost.runtime.refusals import NotFound


class RejectedNotFound(NotFound):
    """The persona has no rejected file with this key."""

    kind = "rejected-not-found"


@flow
class RejectedFiles:
    rejections: Rejections
    imports: ImportQueue

    def retry(self, persona: Persona, keys: Sequence[str]) -> tuple[RejectedFile, ...]:
        """Have the files with the rejected keys `keys` imported again; returns them as they are now.

        Raises `RejectedNotFound` before anything is requested.
        """
        files = self._files(persona, keys)
        for file in files:
            self.imports.retry(file.rejected_key)
        return files

    def forget(self, persona: Persona, keys: Sequence[str]) -> tuple[RejectedFile, ...]:
        """Delete the files with the rejected keys `keys` and their reasons. Raises `RejectedNotFound` before any."""
        files = self._files(persona, keys)
        for file in files:
            self.rejections.forget(file)
        return files

    def _files(self, persona: Persona, keys: Sequence[str]) -> tuple[RejectedFile, ...]:
        files = []
        for key in dict.fromkeys(keys):
            file = self.rejections.of(persona.persona_id, key)
            if file is None:
                detail = f"{persona.name} has no rejected file {key}; list them with GET /personas/PERSONA/rejected."
                raise RejectedNotFound(detail, rejected_key=key)
            files.append(file)
        return tuple(files)
