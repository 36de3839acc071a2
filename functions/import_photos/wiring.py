"""Builds the import flow at the first event."""

from functools import lru_cache

from shutterpost import channels, personas, photos
from shutterpost.channels import ConnectionStore, catalogue
from shutterpost.flows.importing.import_photo import ImportPhoto
from shutterpost.flows.importing.renditions import profiles_of
from shutterpost.personas import Personas
from shutterpost.photos import Library, Photos
from shutterpost.runtime.clients import client
from shutterpost.runtime.clock import SystemClock
from shutterpost.runtime.settings import ImportPhotosSettings


@lru_cache
def import_photo() -> ImportPhoto:
    """The flow, with the tables and the bucket from the function's settings."""
    settings = ImportPhotosSettings.from_env()
    personas.use_table(settings.personas_table)
    photos.use_table(settings.photos_table)
    channels.use_table(settings.channels_table)
    return ImportPhoto(
        personas=Personas(),
        photos=Photos(),
        library=Library(settings.library_bucket, client("s3")),
        clock=SystemClock(),
        connections=ConnectionStore(),
        profiles=profiles_of(catalogue(), sharpen=settings.sharpen_renditions),
    )
