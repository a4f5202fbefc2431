"""Who renews the server certificate by itself: a timer of systemd or cron, and how that goes."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wizard import pki
from wizard.changes.services import OPENRC, SCRIPTS, SYSTEMD, is_enabled, is_running
from wizard.credentials import ETC
from wizard.errors import Blocked
from wizard.events import Checked

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host

NAME = "registry-wizard-renew"
SERVICE, TIMER = f"{NAME}.service", f"{NAME}.timer"
UNITS = {each: f"/etc/systemd/system/{each}" for each in (SERVICE, TIMER)}
# run-parts takes a name without a dot only. busybox's crond has a folder of its own.
CRON = {SCRIPTS: f"/etc/cron.daily/{NAME}", OPENRC: f"/etc/periodic/daily/{NAME}"}
PLACES = frozenset((*UNITS.values(), *CRON.values()))
AGAIN = "run the wizard again"
BY_HAND = "by hand: registry-wizard renew"
NEW_CA = "a new CA means: undo, install anew, visit every client"
LATE = dt.timedelta(days=2)  # a machine may be off for a day


def program() -> Argv:
    """Give the words that run this very program from anywhere else.

    Without a script of its own it may be there only for who stands in the folder of its source.
    """
    beside = Path(sys.executable).with_name("registry-wizard")
    if beside.exists():
        return (str(beside),)
    source = Path(__file__).resolve().parents[1]
    return ("/usr/bin/env", f"PYTHONPATH={source}", sys.executable, "-m", "wizard")


def told(host: Host, begins: str) -> str:
    """Say who renews the certificate, and when next where that is known."""
    if begins != SYSTEMD:
        return f"daily by {CRON[begins]}" if host.read(CRON[begins]) else BY_HAND
    if host.read(UNITS[TIMER]) is None:
        return BY_HAND
    at = _shown(host, TIMER, "NextElapseUSecRealtime")
    return f"daily by {TIMER}" + (f", next on {at}" if at else "")


def look(host: Host, begins: str, served: bytes, now: dt.datetime) -> Checked:
    """Say whether the certificate that is served, in PEM, is renewed without anybody there."""
    wrong = _timer(host, served) if begins == SYSTEMD else _cron(host, CRON[begins])
    due = pki.due(served)
    if wrong:
        return wrong
    if _ends_with_its_ca(host, served):
        return _last_one(served, late=now > due + LATE)
    if now > due + LATE:
        seen = f"the certificate has been due since {due:%Y-%m-%d}, and nobody renewed it"
        return Checked("renewal", "warning", seen, "registry-wizard renew says why")
    seen = f"{_so_far(host, begins)}; the certificate is due on {due:%Y-%m-%d}"
    return Checked("renewal", "passed", seen)


def _ends_with_its_ca(host: Host, served: bytes) -> bool:
    ca = host.read(f"{ETC}/pki/ca.crt")
    return ca is not None and pki.ends_with_its_ca(served, ca.content)


def _last_one(served: bytes, *, late: bool) -> Checked:
    seen = f"the certificate ends with its CA on {pki.ends(served):%Y-%m-%d}: only a new CA helps"
    return Checked("renewal", "warning" if late else "passed", seen, NEW_CA if late else "")


def _timer(host: Host, served: bytes) -> Checked | None:
    why = _no_unit(host) or _not_started(host)
    return Checked("renewal", "failed", why, AGAIN) if why else _went_wrong(host, served)


def _no_unit(host: Host) -> str:
    missing = [name for name, path in UNITS.items() if host.read(path) is None]
    return f"nothing renews the certificate: no {' and no '.join(missing)}" if missing else ""


def _not_started(host: Host) -> str:
    if not is_enabled(host, TIMER):
        return f"{TIMER} is not enabled: it would not come back with the machine"
    return "" if is_running(host, TIMER) else f"{TIMER} does not run"


def _went_wrong(host: Host, served: bytes) -> Checked | None:
    """After a restart of the machine nothing is known of earlier runs."""
    result, at = _shown(host, SERVICE, "Result"), _shown(host, SERVICE, "ExecMainStartTimestamp")
    if result in ("", "success") or _since(host, at, served):
        return None
    code = _shown(host, SERVICE, "ExecMainStatus")
    if code == str(Blocked.exit_code):
        seen = f"its last run ({at}) stood back: another registry-wizard was at work"
        return Checked("renewal", "warning", seen, "it tries again by itself")
    ended = f"with {code}" if result == "exit-code" else f"by {result}"
    seen = f"its last run ({at}) ended {ended}; journalctl -u {NAME} says why"
    return Checked("renewal", "failed", seen, f"{AGAIN}, or: systemctl start {NAME}")


def _since(host: Host, at: str, served: bytes) -> bool:
    """Say whether the certificate was made since then: somebody else has renewed it."""
    seconds = host.run("date", "-d", at, "+%s").out.strip() if at else ""
    return bool(seconds) and pki.issued(served).timestamp() > int(seconds)


def _so_far(host: Host, begins: str) -> str:
    if begins != SYSTEMD:
        return told(host, begins)
    at = _shown(host, TIMER, "LastTriggerUSec")
    return f"{told(host, begins)}, last {f'on {at}' if at else 'never yet'}"


def _cron(host: Host, path: str) -> Checked | None:
    file = host.read(path)
    if file is None or not file.mode & 0o100:
        seen = f"{path} {'cannot be run' if file else 'is not there'}"
        return Checked("renewal", "failed", seen, AGAIN)
    if not host.run("pgrep", "-x", "cron|crond").ok:
        remedy = "install cron and start it, or run registry-wizard renew now and then"
        return Checked("renewal", "warning", f"no cron runs, which would run {path}", remedy)
    return None


def _shown(host: Host, unit: str, what: str) -> str:
    """Give a property of a unit; empty where it has none."""
    found = host.run("systemctl", "show", "-p", what, "--value", unit).out.strip()
    return "" if found == "n/a" else found
