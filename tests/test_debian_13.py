"""Debian 13 as the server: the package, then a container; clients of both releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosts import registry_image
from tests.installation import departed, install, listing, wizard
from tests.test_container_on_hosts import ARCHIVE, CONTAINER, NAME, bring
from tests.test_end_to_end import client_of, named

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host


def test_debian_13_serves_clients_of_both_releases(
    server_13: Machine, client: Machine, client_13: Machine
) -> None:
    untouched = listing(server_13)
    package = named(server_13)
    assert "FAIL" not in install(server_13, package)
    old, new = (client_of(each, server_13, NAME) for each in (client, client_13))
    pushed = []
    for user in (old, new):
        user.login()
        reference = user.image(f"by-{user.machine.name}")
        pushed.append((reference, user.push(reference)))
    old.pull(*pushed[1])
    new.pull(*pushed[0])
    assert "Nothing had to be changed" in install(server_13, package)

    # No engine is here yet: the distribution's is installed, with the command that it forgets.
    bring(server_13, registry_image.oci_archive(), ARCHIVE)
    install(server_13, named(server_13, CONTAINER))
    assert "26." in server_13.run("docker", "version").stdout
    new.pull(*pushed[1])

    undone = wizard(server_13, "undo", "--packages")
    assert (undone.returncode, undone.stderr) == (0, "")
    kept = ("/opt", "/var/lib", "/var/backups", "/var/www/html/index.nginx-debian.html")
    accounts = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow")
    left = [x for x in departed(server_13, untouched) if not x.startswith((*kept, *accounts))]
    assert not [line for line in left if "registry" in line or "nginx" in line]
