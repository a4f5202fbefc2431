"""What is worth knowing of the firewall before anything is touched, with the exact command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.nftables import NftRule
from wizard.events import Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.changes.firewalld import SourceZone
    from wizard.firewall import Firewall


def told(firewall: Firewall) -> str:
    """Give the firewall in words for people."""
    chains = ", ".join(firewall.chains)
    return {
        "": "none is at work",
        "ufw": "ufw",
        "firewalld": f"firewalld, zone {firewall.zone}",
        "nftables": f"nftables, {chains}",
        "iptables": "iptables, which has to be told by hand",
    }[firewall.tool]


def look_at_firewall(ports: tuple[int, ...], firewall: Firewall) -> Iterator[Found]:
    """Warn of ports that stay closed, or would be closed again, unless somebody does something."""
    for port in ports:
        if port in firewall.refused:
            yield _warning(
                f"{firewall.tool} refuses port {port} by a rule that somebody made, which stays:"
                " it is theirs to take back, and until then no client gets in",
                f"if that is not meant: {_taking_back(firewall)}; then run the wizard again",
            )
        if firewall.tool == "iptables" and port not in firewall.accepted:
            yield _warning(
                f"iptables drops what comes in, and its rules are not ours to keep: port {port}"
                " stays closed",
                f"iptables -I INPUT -p tcp --dport {port} -j ACCEPT, and save it the way these"
                " rules are saved here",
            )
        for zone in firewall.others:
            if not any(port in span for span in zone.open):
                yield _elsewhere(port, zone)
    if firewall.chains and not firewall.file:
        yield from _lost(ports, firewall)


def _taking_back(firewall: Firewall) -> str:
    if firewall.tool == "ufw":
        return "ufw status numbered, then ufw delete NUMBER"
    chains = " and ".join(firewall.chains)
    return f"nft -a list ruleset, then nft delete rule CHAIN handle NUMBER, of {chains}"


def _elsewhere(port: int, zone: SourceZone) -> Found:
    """Such a zone was made to tell clients apart, so what it lets in is not ours to say."""
    act = f"--zone={zone.name} --add-port={port}/tcp"
    return _warning(
        f"Clients from {', '.join(zone.sources)} come in by firewalld's zone {zone.name}, in which"
        f" port {port} stays closed",
        f"if they are to come in: firewall-cmd {act}; firewall-cmd --permanent {act}",
    )


def _lost(ports: tuple[int, ...], firewall: Firewall) -> Iterator[Found]:
    lines = [NftRule(chain, port).line for chain in firewall.chains for port in ports]
    yield _warning(
        f"The chain {', '.join(firewall.chains)} is not made in /etc/nftables.conf, so its new rule"
        " is lost when the machine restarts",
        f"add to the file that makes it: {'; '.join(lines)}",
    )


def _warning(text: str, remedy: str) -> Found:
    return Found(blocker=False, text=text, remedy=remedy)
