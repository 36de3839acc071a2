"""A desk at which photos are dropped: one library with one persona, on twins of S3 and DynamoDB."""

import json
from typing import Any

from shutterpost.flows.import_photo import ImportPhoto, Outcome
from shutterpost.personas import Persona, Personas
from shutterpost.photos import Library, Photo, Photos
from tests.support.aws import BUCKET, PERSONAS_TABLE, PHOTOS_TABLE, body_of, create_library
from tests.support.builders import StillClock, a_persona


class Desk:
    """The library, and what a person does with it; make it inside `mocked_aws`."""

    def __init__(self, **rules: Any) -> None:
        self.s3 = create_library()
        self.photos = Photos(PHOTOS_TABLE)
        self.personas = Personas(PERSONAS_TABLE)
        self.persona: Persona = self.personas.create(a_persona(**rules))
        self.persona_id = self.persona.persona_id
        self.importing = ImportPhoto(
            personas=self.personas, photos=self.photos, library=Library(BUCKET, self.s3), clock=StillClock()
        )

    def drop(self, name: str, data: bytes, under: str = "photos") -> Outcome:
        """Put a file into the bucket and import it."""
        key = f"{under}/{self.persona_id}/{name}"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=data)
        return self.importing(key)

    def photo(self, outcome: Outcome) -> Photo:
        """The photo that came of it, as it is now."""
        return self.photos.get(self.persona_id, outcome.photo_id or "")

    def rendition(self, photo: Photo) -> bytes:
        """The bytes of its rendition."""
        return body_of(self.s3, photo.renditions["feed"])

    def reason(self, outcome: Outcome) -> dict[str, Any]:
        """What lies beside a rejected file."""
        told: dict[str, Any] = json.loads(body_of(self.s3, f"{outcome.moved_to}.reason.json"))
        return told

    def change(self, **rules: Any) -> None:
        """Change the persona's rules."""
        self.persona = self.personas.update(self.persona.model_copy(update=rules), self.persona.updated_at)
