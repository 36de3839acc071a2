"""Builds the import flows at the first event."""

from functools import lru_cache

from shutterpost import channels, personas, photos
from shutterpost.channels import ConnectionStore, catalogue
from shutterpost.flows.importing.import_photo import ImportPhoto
from shutterpost.flows.importing.renditions import profiles_of
from shutterpost.flows.importing.retry_rejected import RetryRejected
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


@lru_cache
def retry_rejected() -> RetryRejected:
    """The flow that imports a rejected file again."""
    library = Library(ImportPhotosSettings.from_env().library_bucket, client("s3"))
    return RetryRejected(import_photo=import_photo(), library=library, clock=SystemClock())
