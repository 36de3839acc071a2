"""Requests for renditions that a photo does not have yet; the import function makes them."""

import json

from shutterpost.photos.photo import Photo
from shutterpost.runtime.clients import client


class RenditionQueue:
    """The import queue at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def request(self, photo: Photo) -> None:
        """Have the renditions made that the persona's connections need and the photo lacks; a repeat is harmless."""
        body = json.dumps({"persona_id": photo.persona_id, "photo_id": photo.photo_id})
        client("sqs").send_message(QueueUrl=self._url, MessageBody=body)
