"""Looks after the fact, from the outside, each with a verdict, what was seen and what to do.

The catalogue is one table. A check needs others: where one of those fails it is not looked at, so
that one fault is told once, as what it is, and not as all that follows from it.
"""

from __future__ import annotations

import http.client
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.checks import accounts, images, machine, matrix, names, own, tls, trusting, uploads, web
from wizard.checks.images import sweep
from wizard.checks.own import PKI, Own
from wizard.checks.said import (
    FAILED,
    LOGS,
    PASSED,
    SKIPPED,
    WARNING,
    Look,
    Said,
    Unseen,
    aside,
    bad,
)
from wizard.checks.scene import DEEP, Depth, Scene
from wizard.checks.target import Target, target_at, target_of
from wizard.clean import clean
from wizard.errors import WizardError
from wizard.events import Checked, Names, Verified
from wizard.failures import remedy_of
from wizard.failures.ways import CLIENT, SERVER
from wizard.front import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wizard.events import Tell

__all__ = (
    "CATALOGUE",
    "DEEP",
    "PKI",
    "Depth",
    "Own",
    "Scene",
    "Target",
    "check",
    "sweep",
    "target_at",
    "target_of",
    "verified",
)


# What reading an answer can end with that is no answer of a registry's.
ODD = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, MemoryError)
ORDER = (SKIPPED, PASSED, WARNING, FAILED)
"""From what says least to what counts most."""


@dataclass(frozen=True)
class Check:
    id: str  # stable: monitoring knows it by this
    look: Callable[[Scene], Look]
    needs: tuple[str, ...] = ()
    when: Callable[[Scene], bool] = lambda _: True


def _on_server(scene: Scene) -> bool:
    return scene.own is not None


def _writing(scene: Scene) -> bool:
    """An upload that is begun and dropped leaves nothing on a server of ours."""
    return scene.depth.push or scene.own is not None


def _pushing(scene: Scene) -> bool:
    return scene.depth.push


def _known_ca(scene: Scene) -> bool:
    return bool(scene.target.ca)


CATALOGUE = (
    Check("resolve", names.resolve),
    Check("dns", names.dns, ("resolve",)),
    Check("nginx", own.nginx, when=_on_server),
    Check("tcp", names.tcp, ("nginx",)),
    Check("speaks", names.speaks, ("tcp",)),
    Check("tls-version", tls.version, ("speaks",)),
    Check("clock", tls.clock, ("tls-version",)),
    Check("tls-dates", tls.dates, ("tls-version", "clock")),
    Check("tls-chain", tls.chain, ("tls-version",)),
    Check("tls-usage", tls.usage, ("tls-version",)),
    Check("tls-constraints", tls.constraints, ("tls-chain",)),
    Check("tls-names", tls.names, ("tls-version",)),
    Check(
        "tls-trust",
        tls.trust,
        ("tls-dates", "tls-chain", "tls-usage", "tls-constraints", "tls-names"),
    ),
    Check("certificate-days", tls.days, ("tls-dates",)),
    Check("untrusted", tls.untrusted, ("tls-version",)),
    Check("tls-system", tls.system, ("tls-version",), _known_ca),
    Check("served", tls.served, ("tls-version",), _on_server),
    Check("runtime", own.runtime, when=_on_server),
    Check("storage", own.storage, when=_on_server),
    Check("disk", own.disk, when=_on_server),
    Check("accounts", accounts.accounts, when=_on_server),
    Check("plain-http", web.plain_http, ("speaks",)),
    Check("redirect", web.redirect, ("tcp",)),
    Check("api", web.api, ("tls-trust", "runtime")),
    Check("login", web.login, ("api", "accounts")),
    Check("wrong-password", web.wrong_password, ("login",)),
    Check("upload", uploads.begins, ("login", "storage", "disk"), _writing),
    Check("body-limit", uploads.limit, ("upload",), _writing),
    Check("catalog", web.catalog, ("login", "storage")),
    Check("blobs", images.blobs, ("login", "storage")),
    Check("push", images.pushed, ("upload", "body-limit"), _pushing),
    Check("pull", images.pulled, ("push",), _pushing),
    Check("range", images.ranged, ("push",), _pushing),
    Check("delete", images.deleted, ("push",), _pushing),
    Check("http2", tls.http2, ("tls-version",)),
    Check("join", own.join, ("tls-trust",), _on_server),
    Check("registry-hidden", web.hidden, ("tcp",)),
    Check("registry-alone", accounts.behind, ("login",), _on_server),
    Check("boot", own.boot, ("runtime",), _on_server),
    Check("nginx-files", own.nginx_files, when=_on_server),
    Check("renewal", own.renewed, when=_on_server),
    Check("firewall", own.firewall, when=_on_server),
    Check("selinux", own.selinux, when=_on_server),
    Check("file-modes", own.modes, when=_on_server),
    Check("drift", own.drift, when=_on_server),
    Check("trust-system", machine.system, when=_known_ca),
    Check("trust-docker", machine.docker, when=_known_ca),
    Check("trust-podman", machine.podman, when=_known_ca),
    Check("insecure-registries", machine.insecure, when=_known_ca),
    Check("public-roots", machine.roots, ("trust-system",)),
    Check("proxy", machine.proxy),
    Check("trust-here", trusting.here, ("tls-trust", "trust-docker", "trust-podman")),
)
"""Every check there is, in the order in which a cause comes before what it brings about."""


def verified(scene: Scene, tell: Tell, more: Iterable[Checked] = ()) -> bool:
    """Tell what every check says, then all names side by side; say whether none failed.

    ``more`` are further looks, which are taken after those of the catalogue.
    """
    found = []
    for each in itertools.chain(check(scene), more):
        tell(each)
        found.append(each)
    tell(Names(matrix.rows(scene)))
    tell(summary(found))
    return all(each.verdict != FAILED for each in found)


def summary(found: Iterable[Checked]) -> Verified:
    """Count the verdicts by check: one that looks at several things is one of them."""
    worst: dict[str, str] = {}
    for each in found:
        worst[each.name] = max(worst.get(each.name, SKIPPED), each.verdict, key=ORDER.index)
    ids = {said: tuple(n for n, w in worst.items() if w == said) for said in ORDER}
    return Verified(len(ids[PASSED]), ids[FAILED], ids[WARNING], ids[SKIPPED])


def check(scene: Scene) -> Iterator[Checked]:
    """Run every check that applies; what it wrote into the registry is taken away at the end."""
    failed: dict[str, str] = {}
    try:
        for each in CATALOGUE:
            if each.when(scene):
                yield from _checked(each, scene, failed)
    finally:
        sweep(scene)


def _checked(each: Check, scene: Scene, failed: dict[str, str]) -> Iterator[Checked]:
    lacking = next((need for need in each.needs if need in failed), "")
    if lacking:
        failed[each.id] = failed[lacking]
        yield Checked(each.id, SKIPPED, f"not looked at, because of {failed[lacking]}")
        return
    for said in _looked(each, scene):
        if said.verdict == FAILED:
            failed[each.id] = each.id
        # What a registry says is quoted in it: on one line, and with nothing a terminal obeys.
        yield Checked(each.id, said.verdict, clean(said.seen), clean(said.remedy))


def _looked(each: Check, scene: Scene) -> Iterator[Said]:
    """Look; one that cannot even begin fails with what stopped it."""
    try:
        yield from each.look(scene)
    except Unseen as why:
        yield aside(f"not looked at: {why}")
    except (OSError, http.client.HTTPException, WizardError) as error:
        said, ways = reason(error), SERVER if scene.own else CLIENT
        yield bad(said, remedy_of(said, ways) or LOGS)
    except ODD as error:
        yield bad(f"what it answers cannot be understood ({type(error).__name__})", LOGS)
