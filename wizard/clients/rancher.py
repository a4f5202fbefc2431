"""registries.yaml of k3s and rke2: our registry's entry, and every other byte as it was."""

from __future__ import annotations

import re
from typing import Any

from wizard.errors import WizardError


def with_entry(path: str, text: bytes | None, at: str, ca: str) -> bytes:
    """Give the file with our entry in it. Raise WizardError where there is no safe place for it."""
    old = (text or b"").decode(errors="surrogateescape")
    before = _read(path, old)
    wanted = {"tls": {"ca_file": ca}}
    if _entry(before, at) == wanted:
        return text or b""
    entry = f'  "{at}":\n    tls:\n      ca_file: {ca}\n'
    head = re.search(r"(?m)^configs:[^\S\n]*(#.*)?\n", old)
    if head:
        made = old[: head.end()] + entry + old[head.end() :]
    else:
        made = old + ("" if old.endswith("\n") or not old else "\n") + f"configs:\n{entry}"
    merged = {**before, "configs": {**(before.get("configs") or {}), at: wanted}}
    free = _entry(before, at) is None and (head or "configs" not in before)
    if not free or _load(made) != merged:
        raise WizardError(
            f"{path} has an entry for {at} already, or is written in a way that leaves no place"
            " for ours",
            f"set configs, {at}, tls, ca_file to {ca} there by hand, then run again",
        )
    return made.encode(errors="surrogateescape")


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


def _entry(document: dict[str, Any], at: str) -> Any:
    return (document.get("configs") or {}).get(at)
