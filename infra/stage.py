"""What differs between deployments of the same app."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Self

from aws_cdk import CliCredentialsStackSynthesizer, DefaultStackSynthesizer, IReusableStackSynthesizer, RemovalPolicy
from pydantic import BaseModel, ConfigDict, Field, model_validator

LOCAL = "local"
SETTINGS: Final = "stages.json"
"""The file at the root, out of version control, that keeps what each stage was deployed with."""

HttpUrl = Annotated[str, Field(pattern=r"^https?://\S*[^/\s]$")]


class Stage(BaseModel):
    """One deployment, as given by CDK context (`cdk deploy --context key=value`); each field is a context key.

    `stage` names it and all it owns: `local` is the embedded AWS of a laptop, every other name an AWS account whose
    data survives the stack, under names by which the next deploy of the stage finds it again. The three URLs replace a
    platform by its simulator. The daily job that arms the coming slots runs at ten past `arm_hour` UTC; it looks ahead
    further than a day, so a slot between midnight and then was armed the day before. `sync_minutes` is the pause
    between two looks at the platforms.

    Raises pydantic's `ValidationError` for an unknown word or a platform URL outside `local`: the tokens of real
    accounts would go there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # EventBridge, S3 and Step Functions cut or refuse longer names made from it.
    stage: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,9}$")] = "prod"
    alarm_email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    arm_hour: Annotated[int, Field(ge=0, le=23)] = 0
    sync_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    instagram_url: HttpUrl | None = None
    facebook_url: HttpUrl | None = None
    buffer_url: HttpUrl | None = None

    @classmethod
    def from_context(cls, lookup: Callable[[str], Any], kept: Path | None = None) -> Self:
        """Read the fields with `lookup` (`app.node.try_get_context`).

        A missing or empty one is as the file `kept` has it for this stage, else it has its default. Raises ValueError
        also for a file that cannot be read.
        """
        given = {name: lookup(name) for name in cls.model_fields}
        given = {name: value for name, value in given.items() if value not in (None, "")}
        name = given.get("stage", cls.model_fields["stage"].default)
        return cls.model_validate({**_kept(kept).get(name, {}), **given})

    def keep(self, path: Path) -> None:
        """Write the settings to the file at `path`, for the next deploy of this stage; a laptop's are not kept."""
        if self.local:
            return
        stages = _kept(path) | {self.stage: self.model_dump(exclude={"stage"}, exclude_defaults=True)}
        path.write_text(json.dumps(stages, indent=2, sort_keys=True) + "\n")

    @model_validator(mode="after")
    def _real_platforms_off_the_laptop(self) -> Self:
        if self.platforms and not self.local:
            raise ValueError(
                f"Platform URLs are for --context stage={LOCAL} only; leave out {', '.join(self.platforms)}."
            )
        return self

    @property
    def prefix(self) -> str:
        """The stack's name, and so the start of every name CloudFormation makes."""
        return f"shutterpost-{self.stage}"

    @property
    def local(self) -> bool:
        """Whether this is the embedded AWS of a laptop."""
        return self.stage == LOCAL

    @property
    def retain(self) -> bool:
        """Whether tables and photos are protected from deletion and outlive their stack."""
        return not self.local

    @property
    def removal(self) -> RemovalPolicy:
        """What happens to state when its stack goes; a first deploy that fails takes it back all the same."""
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.retain else RemovalPolicy.DESTROY

    @property
    def token_prefix(self) -> str:
        """SSM path under which the tokens of connections lie, without a closing slash."""
        return f"/shutterpost/{self.stage}/tokens"

    @property
    def platforms(self) -> dict[str, str]:
        """The platform URLs that were given, by their name in `PlatformSettings`."""
        return self.model_dump(include={"instagram_url", "facebook_url", "buffer_url"}, exclude_none=True)

    def synthesizer(self) -> IReusableStackSynthesizer:
        """How a stack is deployed: on the laptop with the caller's own credentials, as the roles of `cdk bootstrap`
        are refused by the embedded AWS when it enforces IAM."""
        return CliCredentialsStackSynthesizer() if self.local else DefaultStackSynthesizer()


def _kept(path: Path | None) -> dict[str, dict[str, Any]]:
    if path is None or not path.exists():
        return {}
    try:
        stages = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}. Mend it, or remove it and give the settings again.") from error
    if not isinstance(stages, dict) or not all(isinstance(one, dict) for one in stages.values()):
        raise ValueError(f'{path} must map stages to their settings, like {{"prod": {{"alarm_email": "…"}}}}.')
    return stages
