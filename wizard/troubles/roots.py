"""How the system's own trust in public names stands, as Go and as OpenSSL see it; no internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.events import Checked
from wizard.troubles import store
from wizard.troubles.trouble import REPAIRED

if TYPE_CHECKING:
    from wizard.hosts import Host
    from wizard.troubles.store import Seen

NAME = "public-roots"
# Roots that every distribution's ca-certificates has had for years, by SHA-256 of the DER.
WELL_KNOWN = {
    "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6": "ISRG Root X1",
    "cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f": "DigiCert Global Root G2",
    "d947432abde7b7fa90fc2e6b59101b1280e0e1c7e4e40fa3c6887fff57a7f4cf": "GTS Root R1",
    "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e": "Amazon Root CA 1",
    "e793c9b02fd8aa13e21c31228accb08119643b749c898964b1746d46c3d4cbd2": "USERTrust RSA",
}


def public_roots(host: Host, seen: Seen | None = None) -> Checked:
    """Judge the store; ``seen`` is how it is where somebody has looked at it already."""
    seen = seen or store.look(host)
    if seen.first is None and not seen.chosen:
        return _passed("there is no store of CAs here, so nothing on this machine trusts any name")
    held = seen.first.held if seen.first else {}
    path = seen.first.path if seen.first else store.BUNDLES[0]
    missing = len(seen.chosen - set(held))
    if missing:
        said = f"{path}, which Go reads first, lacks {missing} of its {len(seen.chosen)} sources"
        return Checked(NAME, "failed", said, REPAIRED)
    known = [digest for digest in WELL_KNOWN if digest in held]
    if not known:
        said = f"{path}, which Go reads first, has {len(held)} certificates, no well-known root"
        return Checked(NAME, "warning", said, "right where this machine trusts its own CAs alone")
    return _by_openssl(host, seen, known, f"{path} has {len(held)} certificates")


def _by_openssl(host: Host, seen: Seen, known: list[str], said: str) -> Checked:
    """Let OpenSSL judge roots by its own defaults: none validates that it does not trust."""
    if not host.run("openssl", "version").ok or seen.first is None:
        return _passed(f"{said}, {len(known)} well-known roots among them")
    trusted = _trusted(host, [seen.first.held[digest] for digest in known])
    refused = [WELL_KNOWN[digest] for digest, good in zip(known, trusted, strict=True) if not good]
    if refused:
        text = f"{said}, but OpenSSL does not trust {', '.join(refused)}"
        tool = " ".join(seen.store.tool) if seen.store else "the distribution's tool"
        return Checked(NAME, "failed", text, f"make the store anew: {tool}")
    return _passed(f"{said}; {len(known)} well-known roots validate")


def _trusted(host: Host, pems: list[bytes]) -> list[bool]:
    """Ask about all in one go, each by a descriptor of its own: what takes long is the store."""
    paths = [f"/dev/fd/{number}" for number, _ in enumerate(pems, start=3)]
    given = "".join(f" {number}<<'END'" for number, _ in enumerate(pems, start=3))
    script = f"openssl verify {' '.join(paths)}{given}\n" + "".join(
        f"{pem.decode()}END\n" for pem in pems
    )
    lines = host.run("sh", "-c", script).out.splitlines()
    return [f"{path}: OK" in lines for path in paths]


def _passed(seen: str) -> Checked:
    return Checked(NAME, "passed", seen)
