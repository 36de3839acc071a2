"""Requests to the import function: for renditions that a photo lacks, and for a rejected file once more."""

import json

from shutterpost.photos.photo import Photo
from shutterpost.runtime.clients import client


class ImportQueue:
    def __init__(self, url: str) -> None:
        self._url = url

    def request(self, photo: Photo) -> None:
        """Have the renditions made that the photo lacks, or that other rules made; a repeat is harmless."""
        self._send({"persona_id": photo.persona_id, "photo_id": photo.photo_id})

    def retry(self, rejected_key: str) -> None:
        """Have the rejected file imported again; a repeat is harmless."""
        self._send({"rejected_key": rejected_key})

    def _send(self, message: dict[str, str]) -> None:
        client("sqs").send_message(QueueUrl=self._url, MessageBody=json.dumps(message))
