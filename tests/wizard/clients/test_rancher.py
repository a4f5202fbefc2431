"""registries.yaml of k3s: our entry, every other byte as it was."""

from __future__ import annotations

import pytest
import yaml

from wizard.clients.rancher import with_entry
from wizard.errors import WizardError

AT, CA = "docker.benet.com:8443", "/etc/rancher/k3s/registry-wizard-ca.crt"
OURS = {"tls": {"ca_file": CA}}
MIRROR = {"endpoint": [f"https://{AT}"]}


def merged(text: bytes | None) -> bytes:
    return with_entry("registries.yaml", text, AT, CA)


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"",
        b"# nothing yet\n",
        b'mirrors:\n  "a":\n    endpoint: ["https://a"] # mine',
        b'configs:\n  "a": {auth: {username: u, password: p}}\n',
        b'configs:   # mine\n    "a":\n        tls: {}\n',
    ],
)
def test_our_entry_is_added_and_all_else_stays(text: bytes | None) -> None:
    try:
        made = merged(text)
    except WizardError:
        # Other entries are indented in another way: there is no place for ours that YAML allows.
        assert text is not None
        assert b'    "a":\n        tls' in text
        return
    before = yaml.safe_load(text or b"") or {}
    after = yaml.safe_load(made)
    assert after == {
        **before,
        "configs": {**before.get("configs", {}), AT: OURS},
        "mirrors": {**(before.get("mirrors") or {}), AT: MIRROR},
    }
    assert all(line in made for line in (text or b"").splitlines())
    assert merged(made) == made


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'configs:\n  "{AT}": {{tls: {{insecure_skip_verify: true}}}}\n'.encode(), "already"),
        (b"configs: {}\n", "no place"),
        (b"mirrors: {}\n", "no place"),
        (b"a: [", "no valid YAML"),
    ],
)
def test_what_cannot_be_changed_safely_is_told(text: bytes, words: str) -> None:
    with pytest.raises(WizardError, match=words):
        merged(text)
