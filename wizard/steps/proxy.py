"""nginx in front of the registry: one file of ours, tested before it is taken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wizard.changes.files import Link, RemoveFile, WriteFile
from wizard.changes.services import reload
from wizard.credentials import HTPASSWD
from wizard.given import addresses, dns_names
from wizard.join import PUBLISHED
from wizard.names import in_url, is_address
from wizard.nginx import FRONT_FOLDER, PID_FILE, packaged_nginx
from wizard.page import NAMES
from wizard.plan import Step
from wizard.render import render
from wizard.source_facts import source_of
from wizard.steps import front
from wizard.steps.authority import PKI
from wizard.survey import redirects

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.given import Given


def plan(given: Given) -> Step:
    nginx = given.nginx
    write = WriteFile(nginx.site, _content(given, nginx.site), check=nginx.test)
    return Step(
        id="proxy",
        title="Set up nginx in front of it",
        why="It speaks HTTPS and passes layers of any size through without a copy.",
        changes=(*_around(given), *front.files(given), write),
        then=tuple(reload(given.host, name) for name in (nginx.service, *_left(given))),
    )


def _around(given: Given) -> tuple[Change, ...]:
    """Give what has to be so around our file for it to be the one that is read."""
    nginx = given.nginx
    if not nginx.settings:
        return _packaged(given)
    text = render("nginx.conf", prefix=given.answers.proxy.prefix, pid=PID_FILE)
    site = packaged_nginx(given.distro).site
    off = (RemoveFile(site),) if source_of(given.facts).site else ()
    return (*off, WriteFile(nginx.settings, text, check=nginx.test))


def _packaged(given: Given) -> tuple[Change, ...]:
    """Give what comes with nginx and is not wanted: off, or another in its place."""
    distro, facts = given.distro, given.facts
    if facts.nginx and distro.nginx not in given.brought and not facts.bare:
        return ()
    text = render("nginx-whole.conf", user=distro.nginx_user, conf_d=distro.conf_d)
    off = (Link(distro.default_site),) if distro.default_site else ()
    return (*off, *([WriteFile(distro.nginx_conf, text)] if distro.nginx_conf else ()))


def _left(given: Given) -> tuple[str, ...]:
    """Give a distribution's nginx that goes on without our file: it was here before us."""
    nginx, site = given.distro.nginx, source_of(given.facts).site
    return (nginx,) if given.nginx.settings and site and nginx not in given.brought else ()


def _content(given: Given, path: str) -> bytes:
    registry = given.answers.registry
    at = in_url(registry.hostname, registry.https_port)
    names = (*dns_names(given.answers), *map(in_url, addresses(given.answers)))
    others = any(
        registry.https_port in site.ports for site in given.facts.sites if site.file != path
    )
    return render(
        "registry.conf",
        server_names=" ".join(names),
        host=at,
        port=registry.https_port,
        redirect=redirects(given.answers, given.facts),
        ipv6=given.facts.ipv6,
        # Clients that use an address send no name in TLS: they get the default server.
        default_server=any(map(is_address, addresses(given.answers))) and not others,
        name=names[0],
        pki=PKI,
        htpasswd=HTPASSWD,
        front=FRONT_FOLDER,
        **front.access(given),
        published=PUBLISHED,
        page=_page(at),
    )


def _page(at: str) -> str:
    """Give the places of the page, and of what went before it."""
    names = "|".join(map(re.escape, NAMES))
    return render("page.conf", names=names, published=PUBLISHED, host=at).decode()
