"""SSH between test hosts: who is let in where, and whose host key is known as what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

KEY = "/root/.ssh/id_ed25519"
MAKE_KEY = f"[ -e {KEY} ] || ssh-keygen -q -t ed25519 -N '' -f {KEY}; cat {KEY}.pub"
LET_IN = """home=$(getent passwd "$1" | cut -d : -f 6); keys=$home/.ssh/authorized_keys
install -d -m 700 -o "$1" -g "$1" "$home/.ssh"
touch "$keys"; chown "$1:$1" "$keys"; chmod 600 "$keys"
key=$(cat); grep -qxF "$key" "$keys" || echo "$key" >> "$keys"
"""
KNOW = """install -d -m 700 /root/.ssh; known=/root/.ssh/known_hosts; touch $known
for each; do ssh-keygen -q -R "$each" -f $known 2> /dev/null; done; cat >> $known
"""


def authorize(server: Machine, *clients: Machine, user: str = "root") -> None:
    """Let the server's root in as that user of the clients, by a key pair of its own."""
    key = server.run("sh", "-ec", f"install -d -m 700 /root/.ssh; {MAKE_KEY}").stdout
    for client in clients:
        client.run("sh", "-ec", LET_IN, "sh", user, stdin=key)


def known(server: Machine, client: Machine) -> None:
    """Tell the server's root which host keys the client has, instead of what it knew before."""
    names = (client.ip, client.ip6, client.name)
    keys = client.run("sh", "-c", "cut -d ' ' -f 1,2 /etc/ssh/ssh_host_*_key.pub").stdout
    lines = "".join(f"{','.join(names)} {key}\n" for key in keys.splitlines())
    server.run("sh", "-ec", KNOW, "sh", *names, stdin=lines)


def host_key(client: Machine) -> str:
    """Give the fingerprint that ssh shows of the client: SHA256:..."""
    said = client.run("ssh-keygen", "-l", "-f", "/etc/ssh/ssh_host_ed25519_key.pub").stdout
    return said.split()[1]


def change_host_key(client: Machine) -> None:
    """Let the client have other host keys from now on, as one that was installed anew has."""
    client.run("sh", "-ec", "rm /etc/ssh/ssh_host_*; service ssh restart")
