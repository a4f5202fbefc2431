"""Package managers and init systems in the script's own words."""

from __future__ import annotations

from wizard.changes.packagers import PACKAGERS
from wizard.changes.services import OPENRC, SCRIPTS, SYSTEMD
from wizard.render import render
from wizard.script.words import join, quote

BEGINS = {
    SYSTEMD: "[ -d /run/systemd/system ]",
    OPENRC: "[ -d /run/openrc ]",
    SCRIPTS: "[ ! -d /run/systemd/system ]",
}
"""What is true of a machine with this init."""


def packages(manager: str) -> str:
    """Give the script's words that look for packages and install them."""
    if manager == "apt":
        return render("script-apt.sh").decode()
    words = PACKAGERS[manager]
    text = render(
        "script-packages.sh",
        query=join(words.query),
        install=join(words.install),
        good="|".join(str(code) for code in words.good if code),
        refresh=join(words.refresh),
        where=quote(words.where),
    )
    return text.decode()


def gone(manager: str, name: str) -> str:
    """Give the line that removes a package where it is there."""
    remove = "apt purge" if manager == "apt" else join(PACKAGERS[manager].remove)
    return f"! is_installed {quote(name)} || {remove} {quote(name)}"
