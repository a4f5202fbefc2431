"""registries.yaml of k3s and rke2: our registry's entries, and every other byte as it was."""

from __future__ import annotations

import re
from typing import Any

from wizard.errors import WizardError


def with_entry(path: str, text: bytes | None, at: str, ca: str) -> bytes:
    """Give the file with our entries in it. Raise WizardError where there is no safe place.

    The mirror says nothing new, but some releases read a CA for mirrors only (k3s-io/k3s#9839).
    """
    old = (text or b"").decode(errors="surrogateescape")
    before = _read(path, old)
    wanted = {
        "mirrors": {"endpoint": [f"https://{at}"]},
        "configs": {"tls": {"ca_file": ca}},
    }
    due = [key for key, entry in wanted.items() if _entry(before, key, at) != entry]
    made = old
    for key in due:
        made = _inserted(made, key, f'  "{at}":\n{LINES[key].format(at=at, ca=ca)}')
    # Ours is the only thing that may differ: an entry that was there is somebody's own.
    theirs = [key for key in due if _entry(before, key, at) is not None]
    merged = before | {
        key: {**(before.get(key) or {}), at: wanted[key]} for key in due if key not in theirs
    }
    if due and (theirs or _load(made) != merged or _twice(made)):
        raise WizardError(
            f"{path} has an entry for {at} already, or is written in a way that leaves no place"
            " for ours",
            f"set configs, {at}, tls, ca_file to {ca} there by hand, then run again",
        )
    return made.encode(errors="surrogateescape") if due else text or b""


LINES = {
    "mirrors": '    endpoint: ["https://{at}"]\n',
    "configs": "    tls:\n      ca_file: {ca}\n",
}


def _inserted(text: str, key: str, entry: str) -> str:
    """Put an entry right under its key; where there is no such key, both at the end."""
    head = re.search(rf"(?m)^{key}:[^\S\n]*(#.*)?\n", text)
    if head:
        return text[: head.end()] + entry + text[head.end() :]
    return text + ("" if text.endswith("\n") or not text else "\n") + f"{key}:\n{entry}"


def _twice(text: str) -> bool:
    """Say whether a key is there twice, of which YAML's readers take the last."""
    return any(len(re.findall(rf"(?m)^{key}\s*:", text)) > 1 for key in LINES)


def _read(path: str, text: str) -> dict[str, Any]:
    found = _load(text)
    if found is None:
        raise WizardError(f"{path} is no valid YAML with keys", "mend it, then run again")
    return found


def _load(text: str) -> dict[str, Any] | None:
    """Give what a YAML text says by its keys, or None where it is something else."""
    import yaml  # noqa: PLC0415  (40 ms, where k3s or rke2 is)

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    return found if isinstance(found, dict) else {} if found is None else None


def _entry(document: dict[str, Any], key: str, at: str) -> Any:
    """Give what a key says of our registry; what is no table under it is somebody's own."""
    under = document.get(key)
    return under.get(at) if isinstance(under, dict) else under
