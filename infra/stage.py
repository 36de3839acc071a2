"""Settings of a deployment."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Self

from aws_cdk import CliCredentialsStackSynthesizer, DefaultStackSynthesizer, IReusableStackSynthesizer, RemovalPolicy
from pydantic import BaseModel, ConfigDict, Field, model_validator

from shutterpost.authoring.bedrock import check_region
from shutterpost.runtime.settings import MAX_FUTURE_DAYS

LOCAL = "local"
SETTINGS: Final = "stages.json"
"""The file at the root, out of version control, that keeps what each stage was deployed with."""

HttpUrl = Annotated[str, Field(pattern=r"^https?://\S*[^/\s]$")]


class Stage(BaseModel):
    """A deployment; each field is a CDK context key (`cdk deploy --context key=value`).

    Stage `local` is the embedded AWS; other stages retain their data. The URLs replace a platform by its simulator.
    Coming slots are armed daily at ten past `arm_hour` UTC, the platforms are synced every `sync_minutes`. Raises
    `ValidationError` for invalid values, and for platform URLs outside `local`, which would receive real tokens.
    `sharpen_renditions` sharpens photos after reduction. `bedrock_model` and what belongs to it have a model write
    suggestions; prices are in USD per million tokens, limits for each persona and day. Posts are
    planned up to `max_future_days` ahead.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # EventBridge, S3 and Step Functions cut or refuse longer names made from it.
    stage: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,9}$")] = "prod"
    alarm_email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    arm_hour: Annotated[int, Field(ge=0, le=23)] = 0
    sync_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    instagram_url: HttpUrl | None = None
    facebook_url: HttpUrl | None = None
    facebook_page_url: HttpUrl | None = None
    buffer_url: HttpUrl | None = None
    threads_url: HttpUrl | None = None
    linkedin_url: HttpUrl | None = None
    x_url: HttpUrl | None = None
    sharpen_renditions: bool = True
    bedrock_model: Annotated[str, Field(pattern=r"^[a-z0-9][\w.:-]{2,200}$")] | None = None
    bedrock_region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")] | None = None
    bedrock_guardrail: Annotated[str, Field(pattern=r"^[a-z0-9]+:(\d+|DRAFT)$")] | None = None
    bedrock_input_price: Annotated[float, Field(gt=0)] | None = None
    bedrock_output_price: Annotated[float, Field(gt=0)] | None = None
    bedrock_tokens_per_day: Annotated[int, Field(ge=1)] = 200_000
    bedrock_dollars_per_day: Annotated[float, Field(gt=0)] = 1.0
    max_future_days: Annotated[int, Field(ge=1, le=MAX_FUTURE_DAYS)] = MAX_FUTURE_DAYS

    @classmethod
    def from_context(cls, lookup: Callable[[str], Any], kept: Path | None = None) -> Self:
        """Read the fields with `lookup` (`app.node.try_get_context`).

        Missing fields are read from the file `kept`. Raises ValueError if it cannot be read.
        """
        given = {name: lookup(name) for name in cls.model_fields}
        given = {name: value for name, value in given.items() if value not in (None, "")}
        name = given.get("stage", cls.model_fields["stage"].default)
        return cls.model_validate({**_kept(kept).get(name, {}), **given})

    def keep(self, path: Path) -> None:
        """Write the settings to `path` for the stage's next deploy, except for `local`."""
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

    @model_validator(mode="after")
    def _a_model_with_all_it_needs(self) -> Self:
        needed = ("bedrock_region", "bedrock_input_price", "bedrock_output_price")
        missing = [name for name in needed if getattr(self, name) is None]
        if self.bedrock_model is not None:
            if missing:
                raise ValueError(f"bedrock_model needs {', '.join(missing)} too.")
            check_region(self.bedrock_model, str(self.bedrock_region))
        return self

    @property
    def bedrock(self) -> dict[str, Any]:
        """The settings of the model that writes suggestions; none without a model."""
        if self.bedrock_model is None:
            return {}
        names = {name for name in type(self).model_fields if name.startswith("bedrock_")}
        return self.model_dump(include=names, exclude_none=True)

    @property
    def prefix(self) -> str:
        """The stack's name, with which CloudFormation's names begin."""
        return f"shutterpost-{self.stage}"

    @property
    def local(self) -> bool:
        return self.stage == LOCAL

    @property
    def retain(self) -> bool:
        """Whether data survives the stack."""
        return not self.local

    @property
    def removal(self) -> RemovalPolicy:
        """How state is removed with its stack; a failed first deploy always removes it."""
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if self.retain else RemovalPolicy.DESTROY

    @property
    def token_prefix(self) -> str:
        """The SSM path of token parameters, without a closing slash."""
        return f"/shutterpost/{self.stage}/tokens"

    @property
    def platforms(self) -> dict[str, str]:
        return self.model_dump(
            include={name for name in type(self).model_fields if name.endswith("_url")}, exclude_none=True
        )

    def synthesizer(self) -> IReusableStackSynthesizer:
        """The deploy's credentials; locally the caller's, as an IAM-enforcing emulator refuses the bootstrap roles."""
        return CliCredentialsStackSynthesizer() if self.local else DefaultStackSynthesizer()


def _kept(path: Path | None) -> dict[str, dict[str, Any]]:
    if path is None or not path.exists():
        return {}
    try:
        stages = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}. Mend it, or remove it and give the settings again.") from error
    if not isinstance(stages, dict) or not all(isinstance(fields, dict) for fields in stages.values()):
        raise ValueError(f'{path} must map stages to their settings, like {{"prod": {{"alarm_email": "…"}}}}.')
    return stages
