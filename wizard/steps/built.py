"""nginx from its own source, under a prefix of its own and for a user of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.built import BuildNginx
from wizard.changes.users import MakeUser
from wizard.nginx import BUILT_USER
from wizard.plan import Step
from wizard.source_facts import source_of

if TYPE_CHECKING:
    from wizard.changes import Change
    from wizard.given import Given

CONFIGURE = (
    f"--user={BUILT_USER}",
    f"--group={BUILT_USER}",
    "--with-pcre",
    "--with-http_stub_status_module",
    "--with-http_ssl_module",
    "--with-threads",
    "--with-http_v2_module",
    "--with-http_realip_module",
    "--with-http_addition_module",
    "--with-http_auth_request_module",
    "--with-http_flv_module",
    "--with-http_gzip_static_module",
    # Hardened as distributions do it. nginx turns every warning into an error, of which a newer
    # compiler has more.
    "--with-cc-opt=-O2 -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -Wno-error",
    "--with-ld-opt=-pie -Wl,-z,relro -Wl,-z,now",
)


def plan(given: Given) -> Step:
    return Step(
        id="build",
        title="Build nginx from source",
        why="It was asked for so; from now on keeping it up to date is up to you.",
        changes=_changes(given) if given.answers.proxy.install == "source" else (),
    )


def _changes(given: Given) -> tuple[Change, ...]:
    asked, archive = given.answers.proxy, source_of(given.facts).archive
    build = BuildNginx(
        version=archive.version,
        archive=asked.source_archive,
        sha256=archive.sha256,
        prefix=asked.prefix,
        configure=(f"--prefix={asked.prefix}", *CONFIGURE),
        service=given.nginx.service,
        port=given.answers.registry.https_port,
    )
    return (MakeUser(BUILT_USER), build)
