"""What to type once the registry stands, with its real names filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.facts import CERTS_D
from wizard.given import dns_names
from wizard.names import in_url

if TYPE_CHECKING:
    from wizard.answers import Answers

NEXT_STEPS = "/etc/registry-wizard/next-steps.txt"


@dataclass(frozen=True)
class NextCommand:
    """One thing to type, and what for."""

    what: str
    where: str  # on the server, or on a client
    command: str


def next_commands(answers: Answers, user: str) -> tuple[NextCommand, ...]:
    registry = answers.registry
    at = in_url(registry.hostname, registry.https_port)
    ca = f"{CERTS_D}/{at}/ca.crt"
    return (
        NextCommand("Log in", "server", f"docker login -u {user} {at}"),
        NextCommand("Name an image for the registry", "server", f"docker tag IMAGE {at}/IMAGE"),
        NextCommand("Push it", "server", f"docker push {at}/IMAGE"),
        NextCommand("Pull it", "server", f"docker pull {at}/IMAGE"),
        NextCommand("List what is there", "server", _catalog(answers, user, ca)),
        *_client(answers, at, ca),
        NextCommand("Check everything again", "server", "registry-wizard verify"),
    )


def _catalog(answers: Answers, user: str, ca: str) -> str:
    at = in_url(answers.registry.hostname, answers.registry.https_port)
    return f"curl --cacert {ca} -u {user} https://{at}/v2/_catalog"


def _client(answers: Answers, at: str, ca: str) -> tuple[NextCommand, ...]:
    """Give what makes a client trust the registry; its Docker needs no restart and no flag."""
    ip = answers.registry.ip
    server = f"root@{ip}"
    names = " ".join(dns_names(answers))
    lead = f"echo '{ip} {names}' | sudo tee -a /etc/hosts"
    resolve = (NextCommand("Where DNS does not know the name", "client", lead),) if names else ()
    return (
        *resolve,
        NextCommand("A place for the CA", "client", f"sudo mkdir -p {CERTS_D}/{at}"),
        NextCommand("Trust the CA", "client", f"ssh {server} cat {ca} | sudo tee {ca}"),
    )


def as_text(commands: tuple[NextCommand, ...]) -> str:
    """Give the commands as a text to keep: each with what it does above it."""
    blocks = (f"# {each.what} (on the {each.where})\n{each.command}\n" for each in commands)
    return "\n".join(("", *blocks))
