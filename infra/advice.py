"""What to do about a deploy that failed: `python -m infra.advice LOG` reads what the CDK printed."""

import re
import sys
from pathlib import Path
from typing import Final, NamedTuple


class FailureCause(NamedTuple):
    """A cause of failed deploys: a pattern of its messages, and the advice with the pattern's groups."""

    pattern: str
    advice: str


# From specific to general, as the first that matches in a line is the line's cause.
CAUSES: Final = (
    FailureCause(
        r"not authorized to perform: (?P<action>[\w:]+)[^\n]*explicit deny in a service control policy",
        "A service control policy of your AWS organization forbids {action}. The bucket blocks all public access, and "
        "its policy allows CloudFront alone. Ask the policy's owner to allow {action}, or deploy to another account.",
    ),
    FailureCause(
        r"not authorized to perform: (?P<action>[\w:]+)",
        "Your credentials do not allow {action}: deploy with a role that may, such as AdministratorAccess. "
        "If the message names a policy with an explicit deny, ask its owner.",
    ),
    FailureCause(
        r"account must be verified",
        "AWS has to verify the account before it creates CloudFront distributions. Open a case with AWS Support "
        "(account and billing, free), and deploy again after the answer.",
    ),
    FailureCause(
        r"Has the environment been bootstrapped|cdk-bootstrap/\w+/version not found",
        "This account and region are not prepared for the CDK. Run: make bootstrap",
    ),
    FailureCause(
        r"(?P<name>shutterpost-[\w-]+) already exists",
        "{name} exists outside of the stack. A destroyed stage's tables and bucket become the new one's with: "
        "make deploy. For the stacks -app and -data of release 0.1.0 see docs/runbook.md, Upgrade.",
    ),
    FailureCause(
        r"Expired ?Token|token included in the request is expired",
        "The credentials have expired. Log in again, for example with: aws sso login",
    ),
    FailureCause(
        r"Unable to resolve AWS account|[Uu]nable to locate credentials|no credentials have been configured",
        "There are no AWS credentials. Set AWS_PROFILE to a profile that can deploy, and log in.",
    ),
    FailureCause(
        r"InvalidClientTokenId|UnrecognizedClientException|security token included in the request is invalid",
        "AWS does not know the credentials in this region. Enable the region (AWS console, Account, AWS Regions) if it "
        "is an opt-in region; otherwise choose another AWS_PROFILE.",
    ),
    FailureCause(
        r"self[- ]signed certificate|unable to get (?:local )?issuer certificate|unable to verify the first",
        "A proxy uses a certificate that is not trusted here. Set NODE_EXTRA_CA_CERTS, AWS_CA_BUNDLE and SSL_CERT_FILE "
        "to its file.",
    ),
    FailureCause(
        r"ENOTFOUND (?P<host>[\w.-]+)|EAI_AGAIN (?P<host2>[\w.-]+)",
        "The address {host} cannot be resolved. Check the name of the region (AWS_REGION), the network, and behind a "
        "proxy HTTPS_PROXY.",
    ),
    FailureCause(
        r"ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|socket hang up",
        "AWS cannot be reached. Check the network, and behind a proxy HTTPS_PROXY; then deploy again.",
    ),
)


def advice(log: str) -> list[str]:
    """The advice for each cause in `log`, once each, in order of appearance."""
    given: dict[str, None] = {}
    for line in log.splitlines():
        for cause in CAUSES:
            if match := re.search(cause.pattern, line):
                names = {name.rstrip("2"): text for name, text in match.groupdict().items() if text}
                given[cause.advice.format(**names)] = None
                break
    return list(given)


def main() -> None:
    for sentence in advice(Path(sys.argv[1]).read_text(errors="replace")):
        print(f"\n→ {sentence}")  # noqa: T201 - the command's output


if __name__ == "__main__":
    main()
