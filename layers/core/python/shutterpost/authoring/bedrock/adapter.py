"""Calls the Converse API, within the persona's budget, and reads what the model proposes."""

from datetime import datetime
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, ValidationError

from shutterpost.authoring.bedrock import prompt
from shutterpost.authoring.ports import Brief, GenerationFailed, GeneratorBusy, ProposedText, ReadPicture
from shutterpost.authoring.store.spending import BudgetSpent, Spending
from shutterpost.runtime.clients import retry_policy
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

READ_TIMEOUT: Final = 60
"""Seconds."""
ATTEMPTS: Final = 3
MAX_OUTPUT_TOKENS: Final = 4_000
# Above what Anthropic's models count for the largest rendition, and for the tool.
PICTURE_TOKENS, TOOL_TOKENS = 2_000, 1_000
_BUSY = frozenset(
    {
        "InternalServerException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ServiceUnavailableException",
        "ThrottlingException",
    }
)
# Prefixes of cross-region inference profiles, and those of the regions that can call them.
_GEOGRAPHIES = {
    "apac": ("ap-",),
    "au": ("ap-southeast-",),
    "ca": ("ca-",),
    "eu": ("eu-",),
    "global": ("",),
    "jp": ("ap-northeast-",),
    "us": ("us-", "ca-"),
    "us-gov": ("us-gov-",),
}
_STOPPED = {
    "content_filtered": "The content filter of the model stopped the answer; change the prompt.",
    "guardrail_intervened": "The guard-rail stopped the answer; change the prompt.",
    "max_tokens": "The answer of the model was cut off; ask for fewer or shorter texts.",
    "model_context_window_exceeded": "The request is too long for the model; shorten the prompt.",
}
_INCOMPLETE = "The answer of the model was not complete; create another session."


class RegionUnserved(ValueError):
    """The model's inference profile cannot be called from the region."""


class ModelSettings(Value):
    """The model (an id or an inference profile), where it is, what it costs in USD per million tokens, and the limits.

    `guardrail` is ID:VERSION. The budget is for each persona and day in UTC.
    """

    model: str
    region: str
    guardrail: str = ""
    input_price: float
    output_price: float
    tokens_per_day: int
    dollars_per_day: float


class _Text(Value):
    content: str = Field(min_length=1)
    alt_text: str = ""
    score: float | None = Field(default=None, ge=0, le=1)


class _Answer(Value):
    language: str
    texts: tuple[_Text, ...] = Field(min_length=1)


def is_profile(model: str) -> bool:
    """Whether `model` is an inference profile of a part of the world, such as `eu.VENDOR.MODEL`."""
    geography, _, rest = model.partition(".")
    return geography in _GEOGRAPHIES and "." in rest


def check_region(model: str, region: str) -> None:
    """Raise `RegionUnserved` where the profile that `model` names is of another part of the world."""
    if is_profile(model) and not region.startswith(_GEOGRAPHIES[model.partition(".")[0]]):
        raise RegionUnserved(f"{model} is not served in {region}; use a profile of that region, or another region.")


class BedrockGenerator:
    name = "bedrock"

    def __init__(self, settings: ModelSettings, spending: Spending, clock: Clock) -> None:
        check_region(settings.model, settings.region)
        self._settings = settings
        self._spending = spending
        self._clock = clock

    def generate(self, brief: Brief, picture: ReadPicture | None) -> tuple[ProposedText, ...]:
        """The model's texts. Raises `GenerationFailed` for a refusal, a stop or a spent budget, `GeneratorBusy`."""
        texts = self._ask(brief, prompt.generating(brief), picture)
        return tuple(sorted(texts, key=lambda text: -(text.score or 0)))[: brief.wanted]

    def reword(self, brief: Brief, text: ProposedText) -> ProposedText | None:
        """The text in fewer words; `None` where the model gives none."""
        try:
            return self._ask(brief, prompt.rewording(brief, text), None)[0]
        except (GenerationFailed, GeneratorBusy) as failure:
            logger.info("text not reworded", reason=str(failure))
            return None

    def _ask(self, brief: Brief, document: str, picture: ReadPicture | None) -> tuple[ProposedText, ...]:
        content: list[dict[str, Any]] = [{"text": document}]
        if picture is not None:
            content.append({"image": {"format": "jpeg", "source": {"bytes": _jpeg(picture)}}})
        answer = self._converse(brief.persona_id, content, self._most_input(document, pictures=len(content) - 1))
        proposed = _read(answer)
        if brief.language and _language(proposed.language) != _language(brief.language):
            detail = f"The model wrote in {proposed.language[:20]}, not in {brief.language}; create another session."
            raise GenerationFailed(detail)
        return tuple(ProposedText(**text.model_dump()) for text in proposed.texts)

    def _converse(self, persona_id: str, content: list[dict[str, Any]], most_input: int) -> dict[str, Any]:
        now = self._clock.now()
        reserved = self._reserve(persona_id, most_input, now)
        try:
            answer: dict[str, Any] = self._client.converse(**self._request(content))
        except ClientError as error:
            self._spending.settle(persona_id, now, reserved, (0, 0))
            code = error.response["Error"]["Code"]
            if code in _BUSY:
                raise GeneratorBusy(f"Bedrock answers {code}.") from error
            detail = f"Bedrock refused the request ({code}); check the access to {self._settings.model}."
            raise GenerationFailed(detail) from error
        except BotoCoreError as error:
            # The model may have run, so the reservation stays.
            raise GeneratorBusy(f"Bedrock does not answer ({type(error).__name__}).") from error
        usage = answer["usage"]
        spent = self._cost(usage["inputTokens"], usage["outputTokens"])
        self._spending.settle(persona_id, now, reserved, spent)
        logger.info("model called", tokens=spent[0], micro_dollars=spent[1], stop_reason=answer["stopReason"])
        return answer

    def _request(self, content: list[dict[str, Any]]) -> dict[str, Any]:
        request: dict[str, Any] = {
            "modelId": self._settings.model,
            "system": [{"text": prompt.system_prompt()}],
            "messages": [{"role": "user", "content": content}],
            "inferenceConfig": {"maxTokens": MAX_OUTPUT_TOKENS},
            "toolConfig": {"tools": [prompt.tool()], "toolChoice": {"tool": {"name": prompt.TOOL}}},
        }
        identifier, _, version = self._settings.guardrail.partition(":")
        if identifier:
            request["guardrailConfig"] = {"guardrailIdentifier": identifier, "guardrailVersion": version or "DRAFT"}
        return request

    def _reserve(self, persona_id: str, most_input: int, now: datetime) -> tuple[int, int]:
        most = self._cost(most_input, MAX_OUTPUT_TOKENS)
        limits = self._settings.tokens_per_day, round(self._settings.dollars_per_day * 1_000_000)
        try:
            self._spending.reserve(persona_id, now, most, limits)
        except BudgetSpent:
            detail = (
                f"The persona's budget for today ({limits[0]} tokens, ${self._settings.dollars_per_day:g}) does not "
                "allow another request; it starts again at 00:00 UTC."
            )
            raise GenerationFailed(detail) from None
        return most

    def _cost(self, input_tokens: int, output_tokens: int) -> tuple[int, int]:
        """Tokens, and millionths of a dollar, which are dollars per million tokens."""
        price = input_tokens * self._settings.input_price + output_tokens * self._settings.output_price
        return input_tokens + output_tokens, round(price)

    def _most_input(self, document: str, *, pictures: int) -> int:
        """More tokens than the request has: a token is at least a byte."""
        return len((prompt.system_prompt() + document).encode()) + TOOL_TOKENS + pictures * PICTURE_TOKENS

    @cached_property
    def _client(self) -> Any:
        import boto3  # late: the first session needs it

        config = retry_policy(attempts=ATTEMPTS, read_timeout=READ_TIMEOUT)
        return boto3.client("bedrock-runtime", region_name=self._settings.region, config=config)


def _jpeg(picture: ReadPicture) -> bytes:
    try:
        return picture()
    except ClientError as error:
        raise GenerationFailed("The photo has no rendition that can be read; import it again.") from error


def _read(answer: dict[str, Any]) -> _Answer:
    reason = answer["stopReason"]
    if reason in _STOPPED:
        raise GenerationFailed(_STOPPED[reason])
    blocks = answer["output"].get("message", {}).get("content", [])
    inputs = [block["toolUse"]["input"] for block in blocks if "toolUse" in block]
    if not inputs:
        words = " ".join(block["text"] for block in blocks if "text" in block)
        raise GenerationFailed(f"The model refused: {' '.join(words.split())[:200]}" if words.strip() else _INCOMPLETE)
    try:
        return _Answer.model_validate(inputs[0])
    except ValidationError:
        raise GenerationFailed(_INCOMPLETE) from None


def _language(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].casefold()
