"""The script for clients in the shell's words: put together there, around the CA made there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.join import SCRIPT, join_of
from wizard.pki import fingerprint, subject, until
from wizard.render import escaped, render
from wizard.script.words import fed, join
from wizard.troubles.trouble import file_stem

if TYPE_CHECKING:
    from wizard.given import Given

FINGERPRINT = "openssl x509 -noout -fingerprint -sha256 -in {} | cut -d = -f 2"
# As RFC 4514 has it, and as it stands in HTML.
SUBJECT = (
    "openssl x509 -noout -subject -nameopt RFC2253,-esc_msb -in {} | sed 's/^subject=//;"
    ' s/&/\\&amp;/g; s/</\\&lt;/g; s/>/\\&gt;/g; s/"/\\&#34;/g\'";s/\'/\\&#39;/g"'
)
UNTIL = 'date -u -d "@$(moment -enddate {})" "+%Y-%m-%d %H:%M UTC"'
DIGEST = f"sha256sum < {SCRIPT} | cut -d ' ' -f 1"


def join_script(given: Given, ca: str) -> str:
    """Give the lines that put it together, with the CA out of the file ``ca``."""
    wanted = join_of(given.answers, given.pki.trust)
    before, after = wanted.script.decode().split(wanted.authority)
    holes = {
        wanted.trust.decode().rstrip("\n"): f"cat {ca}",
        fingerprint(wanted.trust): FINGERPRINT.format(ca),
        file_stem(wanted.trust): f"file_stem {ca}",
    }
    return render(
        "script-join.sh",
        before=fed("cat", before.encode(), {}),
        authority=fed("cat", wanted.authority.encode(), holes),
        after=fed("cat", after.encode(), {}),
        put=join(("put", "644", "root", "root", SCRIPT)),
    ).decode()


def told_later(given: Given, ca: str) -> dict[str, str]:
    """Give what is known of the CA only once it is made, each with the words that print it."""
    wanted = join_of(given.answers, given.pki.trust)
    return {
        wanted.sha256: DIGEST,
        fingerprint(wanted.trust): FINGERPRINT.format(ca),
        escaped(subject(wanted.trust)): SUBJECT.format(ca),
        until(wanted.trust): UNTIL.format(ca),
    }
