"""What ssh and sudo say where they refuse, as sentences with a way out."""

from __future__ import annotations

from wizard.errors import WizardError


class Unreachable(WizardError):
    """Nobody who can be worked with is at the other end."""


class UnknownHostKey(Unreachable):
    """The other end shows a host key that is in no list of known ones."""

    fingerprint = ""

    @classmethod
    def of(cls, host: str, fingerprint: str) -> UnknownHostKey:
        made = cls(
            f"{host} shows the SSH host key {fingerprint}, which is not known here",
            f"compare it on {host} itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then"
            f' answer host_key = "{fingerprint}" for it',
        )
        made.fingerprint = fingerprint
        return made


def of_ssh(said: str, name: str, user: str) -> Unreachable:
    """Give the sentence for what ssh printed instead of connecting."""
    for mark, sentence, hint in _REFUSALS:
        if mark in said:
            return Unreachable(sentence.format(name, user), hint.format(name, user))
    return Unreachable(f"{name} cannot be reached by SSH: {last_line(said)}", f"try: ssh {name}")


def of_sudo(said: str, name: str, user: str) -> Unreachable:
    """Give the sentence for what sudo printed instead of becoming root."""
    if "password is required" in said:
        return Unreachable(
            f"sudo on {name} asks {user} for a password, and nobody is there to type it",
            f"let this user become root without one (NOPASSWD in {name}'s sudoers), or"
            ' answer user = "root"',
        )
    return Unreachable(
        f"{user.capitalize()} cannot become root on {name}: {last_line(said)}",
        f'answer user = "root" for {name}, or a user who may use sudo there',
    )


def lost(said: str) -> str:
    """Say how a connection ended; where it had ended before, ssh has no words for it."""
    gone = "UNKNOWN port" in said or not said.strip()
    return "it is gone" if gone else last_line(said)


def last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


# The first words that fit; ssh(1) and OpenSSH's readconf.c, sshconnect.c, channels of libc.
_REFUSALS = (
    (
        "HAS CHANGED",
        "{0} shows another SSH host key than the one that is known for it",
        "if it was installed anew: ssh-keygen -R {0}, then run again; else somebody is in between",
    ),
    (
        "Host key verification failed",
        "An SSH host key on the way to {0} is not known here: a jump host's",
        "connect by hand once, as root: ssh {0}",
    ),
    (
        "Permission denied",
        "{0} does not let {1} in with the keys that are here",
        "ssh-copy-id {1}@{0} puts the key there; or answer another user for it",
    ),
    (
        "Could not resolve hostname",
        "The name {0} leads nowhere",
        "answer its address, or a name that DNS or the hosts file knows",
    ),
    (
        "Connection refused",
        "{0} accepts no SSH connection on this port",
        "is sshd running there? port is another one for it? Or use the join command there",
    ),
    (
        "No route to host",
        "There is no way to {0}",
        "is it switched on and its cable plugged in? Or use the join command there",
    ),
    (
        "timed out",
        "{0} does not answer by SSH",
        "is it switched on, and does a firewall stand between? Or use the join command there",
    ),
)
