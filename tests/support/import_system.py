"""The import of one persona's library on moto's S3 and DynamoDB."""

import json
from typing import Any

from shutterpost.channels import ConnectionStore
from shutterpost.flows.importing.import_photo import ImportOutcome, ImportPhoto
from shutterpost.personas import Persona, Personas
from shutterpost.photos import Library, Photo, Photos
from tests.support.aws import BUCKET, body_of, create_library
from tests.support.builders import StillClock, a_persona


class ImportSystem:
    """The library and the actions of a person on it; create it inside `mocked_aws`."""

    def __init__(self, **rules: Any) -> None:
        self.s3 = create_library()
        self.photos = Photos()
        self.personas = Personas()
        self.persona: Persona = self.personas.create(a_persona(**rules))
        self.persona_id = self.persona.persona_id
        self.importing = self.flow(self.s3)

    def flow(self, s3: Any) -> ImportPhoto:
        """The import, on another `s3` than the bucket's own."""
        return ImportPhoto(
            personas=self.personas,
            photos=self.photos,
            library=Library(BUCKET, s3),
            clock=StillClock(),
            connections=ConnectionStore(),
        )

    def put(self, name: str, data: bytes, under: str = "photos") -> str:
        """Put a file into the bucket; its key."""
        key = f"{under}/{self.persona_id}/{name}"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=data)
        return key

    def drop(self, name: str, data: bytes, under: str = "photos") -> ImportOutcome:
        """Put a file into the bucket and import it."""
        return self.importing(self.put(name, data, under))

    def library(self) -> tuple[Photo, ...]:
        """The persona's photos that can be picked, as table and index tell."""
        return self.photos.unposted(self.persona_id, limit=100).photos

    def photo(self, outcome: ImportOutcome) -> Photo:
        """The photo that came of it, as it is now."""
        return self.photos.get(self.persona_id, outcome.photo_id or "")

    def rendition(self, photo: Photo) -> bytes:
        """The bytes of its rendition."""
        return body_of(self.s3, photo.renditions["feed"])

    def reason(self, outcome: ImportOutcome) -> dict[str, Any]:
        """What lies beside a rejected file, or beside one that has broken lines."""
        where = (outcome.moved_to or "").removesuffix(".reason.json")
        report: dict[str, Any] = json.loads(body_of(self.s3, f"{where}.reason.json"))
        return report

    def change(self, **rules: Any) -> None:
        """Change the persona's rules."""
        self.persona = self.personas.update(self.persona.model_copy(update=rules), self.persona.updated_at)
