"""How a machine becomes a client: one script that the registry serves, and the line that runs it.

The line is pinned: it has the script's SHA-256 in it, so where the script came from does not count,
and whoever has the line from the server needs to trust nothing on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.files import digest
from wizard.facts import HOSTS_MARKER
from wizard.given import addresses, dns_names
from wizard.names import in_url
from wizard.render import render
from wizard.troubles.store import STORES
from wizard.troubles.trouble import file_stem

if TYPE_CHECKING:
    from wizard.answers import Answers

PUBLISHED = "/var/www/registry-wizard"
SCRIPT = f"{PUBLISHED}/join.sh"
CA = f"{PUBLISHED}/ca.crt"
STATE = "/var/lib/registry-wizard-join"  # on a client: what was put where
# busybox's wget takes no time limit with https (1.35 crashes), and needs openssl for a registry.
LINE = (
    "(u='{url}' f=$(mktemp) || exit; trap 'rm -f \"$f\"' 0;"
    ' if command -v curl >/dev/null; then curl -fskSo "$f" -m 60 --noproxy \\* "$u";'
    ' else wget -qO "$f" --no-check-certificate "$u"; fi;'
    ' case $(sha256sum <"$f") in {sha256}*) sh "$f";;'
    ' *) echo "Stopped: $u is out of reach, or not what the registry made;'
    ' nothing was run" >&2; exit 1;; esac)'
)


@dataclass(frozen=True)
class Join:
    """A registry as its clients need to know it."""

    names: tuple[str, ...]  # the DNS names
    addresses: tuple[str, ...]
    ip: str
    port: int
    trust: bytes  # the CA that clients install, PEM

    @property
    def places(self) -> tuple[str, ...]:
        """Give every name and address as it begins an image's name."""
        return tuple(in_url(each, self.port) for each in (*self.names, *self.addresses))

    @property
    def url(self) -> str:
        """Give where it is fetched: by the address, since the name may lead nowhere yet."""
        return f"https://{in_url(self.ip, self.port)}/join.sh"

    @property
    def fingerprint(self) -> str:
        return pki.fingerprint(self.trust)

    @property
    def authority(self) -> str:
        """Give the lines of the script that tell of the CA; all others are known before it is."""
        return of_the_ca(self.fingerprint, file_stem(self.trust), self.trust.decode().rstrip("\n"))

    @property
    def script(self) -> bytes:
        return render(
            "join.sh",
            at=self.places[0],
            names=self.names,
            addresses=self.addresses,
            places=self.places,
            ip=self.ip,
            port=self.port,
            authority=self.authority,
            marker=HOSTS_MARKER,
            state=STATE,
            stores=STORES,
        )

    @property
    def sha256(self) -> str:
        return digest(self.script)

    @property
    def line(self) -> str:
        """Give what to paste on a client: fetched as it comes, compared, and only then run."""
        return LINE.format(url=self.url, sha256=self.sha256)


def join_of(answers: Answers, trust: bytes) -> Join:
    registry = answers.registry
    return Join(dns_names(answers), addresses(answers), registry.ip, registry.https_port, trust)


def of_the_ca(fingerprint: str, stem: str, pem: str) -> str:
    """Give the script's lines about the CA from what it says; each may be the shell's words."""
    return f"fingerprint={fingerprint}\nanchor={stem}\nca='{pem}'\n"
