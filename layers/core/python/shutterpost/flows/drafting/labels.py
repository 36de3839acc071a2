"""Private labels of posts, and bounded metadata of posts and variants."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

# Without spaces, which separate the tags of a CSV cell.
Tag = Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]{1,100}$")]
Tags = Annotated[
    tuple[Tag, ...],
    Field(max_length=50, description="Private labels to filter by; they are not published."),
    AfterValidator(lambda tags: tuple(dict.fromkeys(tags))),
]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Metadata = Annotated[
    dict[Key, Annotated[str, StringConstraints(max_length=500)]],
    Field(max_length=20, description="Keys of the owner's, such as `campaign_id`; they are not published."),
]
