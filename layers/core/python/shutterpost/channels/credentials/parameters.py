"""SecureStrings in SSM's Parameter Store."""

import re
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.runtime.clients import client

# A standard parameter's value (AWS, Systems Manager quotas).
MAX_LENGTH = 4_096
PRINTABLE = re.compile(r"[!-~]+")
_MISSING = {"ParameterNotFound", "AccessDeniedException", "InvalidKeyId", "ParameterVersionNotFound"}


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why a parameter was not read; `missing` where another attempt would not find it either."""

    code: str
    missing: bool


def read(name: str) -> str | NotRead:
    try:
        answer = _ssm().get_parameter(Name=name, WithDecryption=True)
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        return NotRead(code, missing=code in _MISSING)
    except BotoCoreError as error:
        return NotRead(type(error).__name__, missing=False)
    text = str(answer["Parameter"]["Value"]).strip()
    return text if PRINTABLE.fullmatch(text) else NotRead("unusable", missing=True)


def write(name: str, value: str) -> None:
    _ssm().put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def delete(name: str) -> None:
    try:
        _ssm().delete_parameter(Name=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ParameterNotFound":
            raise


def _ssm() -> Any:
    return client("ssm")
