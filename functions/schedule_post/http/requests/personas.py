"""Request bodies about personas and their connections."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from schedule_post.http.requests.times import check_year, refuse_numbers
from shutterpost.channels import Budget
from shutterpost.flows.operating.connect import AccountRequest
from shutterpost.personas import Name, PersonaRules, Zone
from shutterpost.runtime.values import Value

PRINCIPAL = r"^[0-9]{12}/(root|(user|role)/[A-Za-z0-9_+=,.@-]{1,64})$"


def describe_change(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)
    schema["examples"] = [{"status": "paused"}, {"slots": [{"at": "07:45"}]}]


class CreatePersonaRequest(PersonaRules):
    """A persona to create: its name, its time zone and any of its rules."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Nature Explorer",
                    "zone": "Europe/Paris",
                    "slots": [{"weekdays": "daily", "at": "18:30"}, {"weekdays": ["sat", "sun"], "at": "09:00"}],
                    "default_caption": "Outdoors.",
                    "hashtags": ["nature", "outdoors"],
                }
            ]
        },
    )

    name: Name


class ChangePersonaRequest(PersonaRules):
    """Fields of a persona to change; fields that are left out keep their values."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=describe_change)

    name: Name = Field(default="", description="The persona's present name; it cannot be changed.")
    zone: Zone = "UTC"

    def changes(self) -> Mapping[str, Any]:
        return self.model_dump(exclude_unset=True)


class GrantRoleRequest(Value):
    """A principal and its role."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"principal": "123456789012/role/Assistant", "role": "author"}]},
    )

    principal: str = Field(
        pattern=PRINCIPAL, max_length=100, description="Account id and `role/NAME`, `user/NAME` or `root`."
    )
    role: Literal["viewer", "author", "operator"]


class SetBudgetRequest(Budget, extra="forbid"):
    """The most that a connection may use in a calendar month (UTC)."""


class ConnectAccountRequest(AccountRequest):
    """An account to connect. The token is stored as an SSM SecureString and never returned."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "channel": "instagram",
                    "account_id": "17841400000000001",
                    "display_name": "Nature Explorer",
                    "login": "instagram",
                    "token": "the access token",
                },
                {
                    "channel": "buffer",
                    "account_id": "66f1c0ffee0000000000beef",
                    "organization_id": "66f1c0ffee0000000000cafe",
                    "token": "the API key",
                },
            ]
        },
    )

    token_expires_at: Annotated[AwareDatetime | None, BeforeValidator(refuse_numbers), AfterValidator(check_year)] = (
        None
    )


class PauseRequest(Value):
    """The reason of a pause."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "The account is restricted."}]}
    )

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
