"""Of what kind a hash in an htpasswd file is, by how it begins (ngx_crypt.c, crypt(5))."""

from __future__ import annotations

import re

BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}")
PLAIN = "the password itself"
_OTHERS = {
    "$apr1$": "MD5",
    "$1$": "MD5",
    "{SHA}": "SHA-1",
    "{SSHA}": "SHA-1",
    "{PLAIN}": PLAIN,
    "$5$": "SHA-256",
    "$6$": "SHA-512",
    "$7$": "scrypt",
    "$y$": "yescrypt",
}


def kind_of(kept: str) -> str:
    """Say of what kind a hash is that is not bcrypt; empty where that is not to be seen."""
    return next((kind for mark, kind in _OTHERS.items() if kept.startswith(mark)), "")
