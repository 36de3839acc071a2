"""Request bodies about photos and their past publications."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from schedule_post.http.requests.times import check_year, refuse_numbers
from shutterpost.flows.records.history import MAX_ROWS as MAX_HISTORY
from shutterpost.flows.records.history import PostedPhoto
from shutterpost.photos import ModelName, PhotoChange, Vector
from shutterpost.runtime.pages import MAX_PAGE
from shutterpost.runtime.values import Value

DEFAULT_SIMILAR = 10


class SearchPhotosRequest(Value):
    """A vector, for example of words, made by a model that the library's vectors are made by."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"model": "clip-vit-b32", "vector": [0.12, -0.53, 0.31], "limit": 10}]},
    )

    model: ModelName
    vector: Vector
    limit: int = Field(default=DEFAULT_SIMILAR, ge=1, le=MAX_PAGE, description="Maximum number of photos.")
    unposted: bool = Field(default=False, description="Only photos that no post uses.")


class HistoryRowRequest(PostedPhoto):
    """A photo that was published elsewhere."""

    model_config = ConfigDict(extra="forbid")

    photo: str = Field(min_length=1, max_length=250, description="Photo id, its first 8 or more digits, or file name.")
    connection_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    posted_at: Annotated[AwareDatetime, BeforeValidator(refuse_numbers), AfterValidator(check_year)] = Field(
        description="The instant of publication, with an offset."
    )
    caption: str = Field(default="", max_length=10_000)
    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="The platform's id of the post, if known."
    )
    external_url: Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://")] | None = None


class RecordHistoryRequest(Value):
    """Publications that Shutterpost did not make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "rows": [
                        {
                            "photo": "DSC_0042.jpg",
                            "connection_id": "c0123456789ab",
                            "posted_at": "2025-10-03T09:00:00Z",
                            "caption": "Morning fog over the valley.",
                            "external_id": "17920238422030506",
                        }
                    ]
                }
            ]
        },
    )

    rows: tuple[HistoryRowRequest, ...] = Field(min_length=1, max_length=MAX_HISTORY)


class ChangePhotoRequest(PhotoChange):
    """Fields of a photo to change; those that are left out stay, `null` returns one to what the photo's files state."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"caption": "Evening fog."}, {"kept_out": "Blurred."}, {"kept_out": None}]},
    )


class RejectedFilesRequest(Value):
    """Rejected files, by `rejected_key`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"rejected_keys": ["rejected/nature/dune.tif"]}]}
    )

    rejected_keys: tuple[Annotated[str, StringConstraints(min_length=1, max_length=1024)], ...] = Field(
        min_length=1, max_length=100
    )


class ChangePhotosRequest(Value):
    """Photos, by id or file name, and the change that each of them gets."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"photos": ["DSC_0042.jpg", "9f86d081884c"], "change": {"kept_out": "Looks like DSC_0041."}}]
        },
    )

    photos: tuple[Annotated[str, StringConstraints(min_length=1, max_length=250)], ...] = Field(
        min_length=1, max_length=100
    )
    change: ChangePhotoRequest
