"""Which firewall is at work on a host, and where it lets a port in; looking changes nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import firewalld, nftables, ufw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wizard.changes.firewalld import SourceZone
    from wizard.hosts import Host

RULES_FILES = ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf")
# The chain that iptables keeps in nftables for itself, which ufw and Docker use through it.
IPTABLES = ("ip filter INPUT", "ip6 filter INPUT")


@dataclass(frozen=True)
class Firewall:
    """The firewall that is at work; none where there is no tool."""

    tool: str = ""  # ufw | firewalld | nftables | iptables
    zone: str = ""  # firewalld's, by which clients come in
    others: tuple[SourceZone, ...] = ()  # firewalld's, for clients of some addresses
    chains: tuple[str, ...] = ()  # nftables' own: a packet has to pass all of them
    file: str = ""  # from which nftables reads these chains when the machine starts
    refused: tuple[int, ...] = ()  # ports that somebody's own rule refuses
    accepted: tuple[int, ...] = ()  # ports that are open, where we can only look


def read_firewall(host: Host, ip: str) -> Firewall:
    """Look for the firewall that stands before this address."""
    return next((found for look in LOOKS if (found := look(host, ip)).tool), Firewall())


def _ufw(host: Host, ip: str) -> Firewall:
    said = ufw.status(host)
    if "Status: active" not in said:
        return Firewall()
    first: dict[int, str] = {}
    for ports, action in ufw.rules(said):
        # A rule about everything is no decision about one port, but the policy in other words.
        first |= {port: action for port in ports if len(ports) < 65535 and port not in first}
    refused = sorted(port for port, action in first.items() if action in ("DENY", "REJECT"))
    return Firewall("ufw", refused=tuple(refused))


def _firewalld(host: Host, ip: str) -> Firewall:
    if not firewalld.is_running(host):
        return Firewall()
    zone = host.run("firewall-cmd", f"--get-zone-of-interface={_interface(host, ip)}")
    if not zone.ok:
        zone = host.run("firewall-cmd", "--get-default-zone")
    name = zone.out.strip()
    others = tuple(each for each in firewalld.source_zones(host) if each.name != name)
    return Firewall("firewalld", zone=name, others=others)


def _interface(host: Host, ip: str) -> str:
    said = host.run("ip", "-j", "addr", "show").out.strip()
    for each in json.loads(said) if said else ():
        if ip in (address.get("local") for address in each.get("addr_info", ())):
            return str(each["ifname"])
    return "lo"


def _nftables(host: Host, ip: str) -> Firewall:
    found = nftables.ruleset(host)
    hooked = (each["chain"] for each in found if each.get("chain", {}).get("hook") == "input")
    names = [
        name
        for chain in hooked
        if (name := f"{chain['family']} {chain['table']} {chain['name']}") not in IPTABLES
        and chain["family"] in ("ip", "ip6", "inet")
        and (chain.get("policy") == "drop" or _ends_all(found, name))
    ]
    if not names:
        return Firewall()
    refused = sorted({port for name in names for port in _refused(found, name)})
    return Firewall(
        "nftables", chains=tuple(names), file=_file(host, names), refused=tuple(refused)
    )


def _refused(found: list[dict[str, object]], chain: str) -> Iterator[int]:
    rules = tuple(nftables.rules_of(found, chain))
    about = {port for rule in rules for port in nftables.named(rule)}
    return (port for port in about if nftables.verdict(rules, port) == "refused")


def _ends_all(found: list[dict[str, object]], chain: str) -> bool:
    last = list(nftables.rules_of(found, chain))[-1:]
    return bool(last) and nftables.ends_all(last[0])


def _file(host: Host, chains: list[str]) -> str:
    """Give the file that has all these chains in it; a rule for a chain it lacks would break it."""
    for path in RULES_FILES:
        file = host.read(path)
        if file and all(_made_in(file.content.decode(errors="replace"), each) for each in chains):
            return path
    return ""


def _made_in(text: str, chain: str) -> bool:
    family, table, name = map(re.escape, chain.split())
    family = f"({family}\\s+)?" if family == "ip" else f"{family}\\s+"
    made = rf"(?ms)^\s*table\s+{family}{table}\s*\{{.*^\s*chain\s+{name}\s*\{{"
    return re.search(made, text) is not None


def _iptables(host: Host, ip: str) -> Firewall:
    """Look at both kinds of iptables by what only prints, and makes no table by looking."""
    for program in ("iptables-save", "iptables-legacy-save"):
        said = host.run(program).out
        rules = said.partition("*filter\n")[2].partition("\nCOMMIT")[0]
        if re.search(r"(?m)^:INPUT DROP |^-A INPUT -j (DROP|REJECT)\b", rules):
            ports = re.findall(r"(?m)^-A INPUT -p tcp .*--dport (\d+) -j ACCEPT$", rules)
            return Firewall("iptables", accepted=tuple(map(int, ports)))
    return Firewall()


LOOKS: tuple[Callable[[Host, str], Firewall], ...] = (_ufw, _firewalld, _nftables, _iptables)
