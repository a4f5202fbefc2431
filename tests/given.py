"""A machine and answers to plan for, without a machine."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from wizard.answers import Answers, Proxy, Registry
from wizard.credentials import Credentials
from wizard.distros import DISTROS
from wizard.facts import Facts, Space
from wizard.given import Given, addresses, dns_names
from wizard.hosts import Folder, LocalHost
from wizard.pki import Wanted, between, issue, mint_authority
from wizard.source_archive import Archive
from wizard.source_facts import Source

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
FACTS = Facts(
    root=True,
    os="Debian GNU/Linux 12 (bookworm)",
    distro=DISTROS["debian"],
    init="systemd",
    name="server.benet.com",
    addresses=("192.168.1.107", "2001:db8::107"),
    default_address="192.168.1.107",
    default_device="eth0",
    ipv6=True,
    now=NOW,
    listeners=(),
    nginx=False,
    nginx_problem="",
    registry=False,
    sites=(),
    marked_names=(),
    resolved={},
    space=Space("/opt", writable=True, free=100 * 1024**3, owners=()),
)
ANSWERS = Answers(registry=Registry(hostname="docker.benet.com", ip="192.168.1.107"))
HASH = "$2b$10$abcdefghijklmnopqrstuuKzBpgfQ3pZQmVqWbKzBpgfQ3pZQmVqW"


class SystemdHost(LocalHost):
    """This machine, as it would be with systemd as PID 1."""

    def folder(self, path: str) -> Folder | None:
        return Folder() if path == "/run/systemd/system" else super().folder(path)


PAIR = between.kept_or_made(None, NOW)
# What a survey finds where nginx is to be built from source and nothing stands in the way.
FROM_SOURCE = replace(
    ANSWERS, proxy=Proxy(install="source", source_archive="/root/nginx-1.26.3.tar.gz")
)
SOURCE = Source(archive=Archive(version="1.26.3", sha256="5e" * 32))


def given(answers: Answers = ANSWERS, facts: Facts = FACTS, brought: str = "") -> Given:
    wanted = Wanted(dns_names(answers), addresses(answers))
    runtime = {"auto": "package"}.get(answers.registry.runtime, answers.registry.runtime)
    named = [user.name for user in answers.users] or ["admin"]
    return Given(
        answers=replace(answers, registry=replace(answers.registry, runtime=runtime)),
        facts=facts,
        distro=DISTROS["debian"],
        host=SystemdHost(),
        pki=issue(wanted, mint_authority(wanted, NOW), NOW),
        credentials=Credentials(
            dict.fromkeys((*named, "registry-wizard"), HASH),
            "check",
            "pw",
            "s3cret",
            "fr0nt",
            PAIR,
        ),
        brought=frozenset(brought.split()),
        program=("/opt/registry-wizard/bin/registry-wizard",),
    )
