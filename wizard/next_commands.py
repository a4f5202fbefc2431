"""What to type once the registry stands, with its real names filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.facts import CERTS_D
from wizard.join import SCRIPT
from wizard.names import in_url

if TYPE_CHECKING:
    from wizard.answers import Answers
    from wizard.join import Join

NEXT_STEPS = "/etc/registry-wizard/next-steps.txt"
NAME = "Where DNS does not know the name"
DESKTOP = "Trust it, as an administrator, and restart Docker Desktop"


@dataclass(frozen=True)
class NextCommand:
    """One thing to type, and what for."""

    what: str
    where: str  # on the server, or on a client; Docker Desktop: on a Mac or a Windows machine
    command: str


def next_commands(answers: Answers, user: str, line: str) -> tuple[NextCommand, ...]:
    """Give all of it; ``line`` is what a client joins with."""
    registry = answers.registry
    at = in_url(registry.hostname, registry.https_port)
    ca = f"{CERTS_D}/{at}/ca.crt"
    return (
        NextCommand("Log in", "server", f"docker login -u {user} {at}"),
        NextCommand("Name an image for the registry", "server", f"docker tag IMAGE {at}/IMAGE"),
        NextCommand("Push it", "server", f"docker push {at}/IMAGE"),
        NextCommand("Pull it", "server", f"docker pull {at}/IMAGE"),
        NextCommand("List what is there", "server", _catalog(answers, user, ca)),
        NextCommand("Make a client of a machine", "client", line),
        NextCommand("Check everything again", "server", "registry-wizard verify"),
    )


def _catalog(answers: Answers, user: str, ca: str) -> str:
    at = in_url(answers.registry.hostname, answers.registry.https_port)
    return f"curl --cacert {ca} -u {user} https://{at}/v2/_catalog"


def by_hand(join: Join) -> tuple[NextCommand, ...]:
    """Give the ways without that line: over ssh, and for Docker Desktop, which has its own."""
    at, ip, names = join.places[0], join.ip, " ".join(join.names)
    ca = f"https://{in_url(ip, join.port)}/ca.crt"
    script = f"ssh root@{ip} cat {SCRIPT} > join.sh && sh join.sh"
    fetch = f"curl -fsSk --create-dirs -o ~/.docker/certs.d/{at}/ca.crt {ca}"
    show = f"openssl x509 -noout -fingerprint -sha256 -in ~/.docker/certs.d/{at}/ca.crt"
    keychain = "-k /Library/Keychains/System.keychain"
    trust = f"sudo security add-trusted-cert -d -r trustRoot {keychain}"
    hosts = r"$env:SystemRoot\System32\drivers\etc\hosts"
    lead = (
        NextCommand(NAME, "Mac", f"echo '{ip} {names}' | sudo tee -a /etc/hosts"),
        NextCommand(NAME, "Windows machine", f"Add-Content {hosts} '{ip} {names}'"),
    )
    mac = (
        NextCommand("Fetch the CA", "Mac", fetch),
        NextCommand(f"It must be {join.fingerprint}", "Mac", show),
        NextCommand(DESKTOP, "Mac", f"{trust} ~/.docker/certs.d/{at}/ca.crt"),
    )
    windows = (
        NextCommand("Fetch the CA", "Windows machine", f"curl.exe -fsSko ca.crt {ca}"),
        NextCommand(f"It must be {join.fingerprint}", "Windows machine", "certutil -dump ca.crt"),
        NextCommand(DESKTOP, "Windows machine", "certutil -addstore -f Root ca.crt"),
    )
    return (
        NextCommand("The same over ssh, without that line", "client", script),
        *(lead[:1] if names else ()),
        *mac,
        *(lead[1:] if names else ()),
        *windows,
    )


def commands_on_client(answers: Answers) -> tuple[NextCommand, ...]:
    """Give what to type on a client that trusts the registry now."""
    at = in_url(answers.registry.hostname, answers.registry.https_port)
    return (
        NextCommand("Log in", "client", f"docker login -u NAME {at}"),
        NextCommand("Pull an image", "client", f"docker pull {at}/IMAGE"),
        NextCommand("Check everything again", "client", "registry-wizard verify"),
    )


def as_text(commands: tuple[NextCommand, ...]) -> str:
    """Give the commands as a text to keep: each with what it does above it."""
    blocks = (f"# {each.what} (on the {each.where})\n{each.command}\n" for each in commands)
    return "\n".join(("", *blocks))
