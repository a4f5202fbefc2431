"""Files and folders in certs.d that keep Docker or podman from trusting the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.files import RemoveFile, WriteFile
from wizard.changes.folders import EmptyFolder, MakeFolder
from wizard.pem import certificates
from wizard.pki import describe
from wizard.pki.authority import MAKER
from wizard.troubles.folders import CONTAINERS, DOCKER, misnamed
from wizard.troubles.trouble import DOCKER as ABOUT_DOCKER
from wizard.troubles.trouble import PODMAN, REPAIRED, Ours, Trouble, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.changes import Change
    from wizard.troubles.folders import Entry, Seen

Wrong = tuple[str, str, str]
"""What it is, why it hurts, and the verdict."""


def find(seen: Seen, ours: Ours) -> Iterator[Trouble]:
    for base, about in ((DOCKER, ABOUT_DOCKER), (CONTAINERS, PODMAN)):
        yield from _closed(seen.folder(base), about)
        for at in ours.at:
            folder = f"{base}/{at}"
            yield from _closed(seen.folder(folder), about)
            for entry in seen.files(folder):
                yield from _of_file(entry, seen, ours, about)
        for name, right in misnamed(ours).items():
            yield from _of_misnamed(f"{base}/{name}", f"{base}/{right}", seen, ours, about)
    for base in seen.bases:
        for at in ours.at:
            yield from _hidden(f"{base}/{at}", seen, ours)


def _closed(folder: Entry | None, about: str) -> Iterator[Trouble]:
    if folder and folder.mode & 0o055 != 0o055:
        what = f"this folder can be opened by {folder.owner} alone (mode {folder.mode:04o})"
        why = "podman and skopeo run by anybody else do not find the CA in it"
        change = MakeFolder(folder.path, 0o755, folder.owner, folder.group)
        yield Trouble(about, folder.path, what, why, "warning", (change,))


def _of_file(entry: Entry, seen: Seen, ours: Ours, about: str) -> Iterator[Trouble]:
    wrong = _wrong(entry, seen, ours)
    if wrong:
        what, why, verdict = wrong
        yield Trouble(about, entry.path, what, why, verdict, _repair(entry, ours))
    elif entry.ending == ".crt" and entry.mode & 0o044 != 0o044:
        what = f"this file can be read by {entry.owner} alone (mode {entry.mode:04o})"
        why = "podman and skopeo run by anybody else fail at it"
        content = seen.contents[entry.path]
        readable = WriteFile(
            entry.path, content, 0o644, entry.owner, entry.group, shown=_shown(content)
        )
        changes = () if _is_for_trust_step(entry) else (readable,)
        yield Trouble(about, entry.path, what, why, "warning", changes)


def _repair(entry: Entry, ours: Ours) -> tuple[Change, ...]:
    """Give what puts it right; Docker's own ca.crt is written by the trust step anyway."""
    if _is_for_trust_step(entry):
        return ()
    if entry.name == "ca.crt":
        return (WriteFile(entry.path, ours.trust, shown=describe(ours.trust)),)
    return (RemoveFile(entry.path),)


def _is_for_trust_step(entry: Entry) -> bool:
    return entry.name == "ca.crt" and entry.path.startswith(f"{DOCKER}/")


def _wrong(entry: Entry, seen: Seen, ours: Ours) -> Wrong | None:
    content, stem = seen.contents[entry.path], entry.path.removesuffix(entry.ending)
    if entry.ending == ".key":
        return None if f"{stem}.cert" in seen.contents else _STRAY_KEY
    if entry.ending == ".cert":
        return None if f"{stem}.key" in seen.contents else _STRAY_CERT
    if entry.ending == ".crt":
        return _wrong_ca(entry, content, ours)
    if b"PRIVATE KEY-----" in content:
        return _FORGOTTEN_KEY
    return _MISNAMED_FILE if certificates(content) else None


def _wrong_ca(entry: Entry, content: bytes, ours: Ours) -> Wrong | None:
    found = certificates(content)
    if ours.known & set(found):
        return None
    says = [told(pem) for pem in found.values()]
    if not any(says):
        return _NO_PEM
    if all(each.get("CA") != "yes" for each in says):
        return _LEAF
    if entry.name == "ca.crt":
        return _ANOTHER_CA
    return _OLD_CA if any(is_former(each, ours) for each in says) else None


def is_former(says: dict[str, str], ours: Ours) -> bool:
    """Say whether this CA, which is not the registry's now, was made for it once."""
    permitted = says.get("may sign for", "")
    limited = any(name in permitted.replace(",", " ").split() for name in ours.names)
    return f"O={MAKER}" in says.get("subject", "") or limited


def _of_misnamed(folder: str, right: str, seen: Seen, ours: Ours, about: str) -> Iterator[Trouble]:
    """A folder for another port may serve another registry: then it has another CA in it."""
    there = seen.folder(folder)
    cas = [e for e in seen.files(folder) if certificates(seen.contents[e.path])]
    if there is None or not (folder.endswith(":443") or any(_about_us(e, seen, ours) for e in cas)):
        return
    what = f"nothing is read from this folder; the right one is {right}"
    why = "a folder is called exactly as the registry in an image's name, without :443"
    removals = tuple(RemoveFile(each.path) for each in cas)
    change = EmptyFolder(there.path, there.mode, there.owner, there.group)
    emptied = len(cas) == len(seen.inside(folder))
    changes: tuple[Change, ...] = (*removals, change) if emptied else removals
    remedy = REPAIRED if changes else f"look into it, move what is needed to {right}"
    yield Trouble(about, folder, what, why, "warning", changes, remedy)


def _about_us(entry: Entry, seen: Seen, ours: Ours) -> bool:
    found = certificates(seen.contents[entry.path])
    says = [told(pem) for pem in found.values()]
    signed = any(each.get("issuer") == ours.subject for each in says)
    return ours.fingerprint in found or signed or any(is_former(each, ours) for each in says)


def _hidden(folder: str, seen: Seen, ours: Ours) -> Iterator[Trouble]:
    """Of the three places where podman looks the first folder that exists counts, even empty."""
    there = seen.folder(folder)
    if there is None or _holds_ours(folder, seen, ours):
        return
    if f"{folder}/ca.crt" in seen.contents and folder.startswith(f"{CONTAINERS}/"):
        return  # what is wrong with that file is told of the file
    why = "podman looks into it first and no further, so it refuses the registry"
    empty = EmptyFolder(there.path, there.mode, there.owner, there.group)
    if not seen.inside(folder):
        what = f"this empty folder hides {DOCKER} from podman"
        yield Trouble(PODMAN, folder, what, why, "warning", (empty,))
    elif folder.startswith(f"{CONTAINERS}/"):
        what = f"this folder hides {DOCKER} from podman, and holds no CA of the registry"
        ca = WriteFile(f"{folder}/ca.crt", ours.trust, shown=describe(ours.trust))
        yield Trouble(PODMAN, folder, what, why, "warning", (ca,))
    else:
        what = f"this folder of {there.owner} hides {DOCKER} from podman, and holds no CA of ours"
        remedy = f"as {there.owner}: copy the CA to {folder}/ca.crt, or remove that folder"
        yield Trouble(PODMAN, folder, what, why, "warning", remedy=remedy)


def _holds_ours(folder: str, seen: Seen, ours: Ours) -> bool:
    cas = [seen.contents[e.path] for e in seen.files(folder) if e.ending == ".crt"]
    return any(ours.known & set(certificates(each)) for each in cas)


def _shown(content: bytes) -> str:
    found = certificates(content)
    return "; ".join(told(pem).get("subject", "a certificate") for pem in found.values()) or "text"


_STRAY_KEY: Wrong = (
    "a private key without its certificate",
    "Docker refuses the registry while it lies there (missing client certificate)",
    "failed",
)
_STRAY_CERT: Wrong = (
    "a client's certificate without its key",
    "Docker refuses the registry while it lies there (missing key); a CA ends in .crt",
    "failed",
)
_FORGOTTEN_KEY: Wrong = (
    "a private key that nobody needs here",
    "whoever reads it can be taken for its owner",
    "warning",
)
_MISNAMED_FILE: Wrong = (
    "a certificate under a name that Docker passes over",
    "a CA counts only in a file that ends in .crt",
    "warning",
)
_NO_PEM: Wrong = (
    "there is no PEM certificate in it",
    "Docker passes it over, and newer ones refuse the registry (unable to load CA cert)",
    "failed",
)
_LEAF: Wrong = (
    "a server's certificate instead of its CA's",
    "it stops working as soon as the certificate is renewed",
    "warning",
)
_ANOTHER_CA: Wrong = (
    "another CA than the one that signed the registry's certificate",
    "Docker refuses the registry (certificate signed by unknown authority)",
    "failed",
)
_OLD_CA: Wrong = (
    "a former CA of this registry, which signs nothing any more",
    "whoever has its key could still pass for the registry here",
    "warning",
)
