"""A port in each firewall: opened, found open, closed again where we opened it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.fake_host import FakeHost, says
from wizard.changes.firewalld import FirewalldPort
from wizard.changes.last_line import LastLine
from wizard.changes.nftables import NftRule
from wizard.changes.ufw import UfwPort
from wizard.errors import WizardError
from wizard.hosts import File

if TYPE_CHECKING:
    from wizard.changes import Change

UFW = """Status: active
Logging: on (low)
Default: deny (incoming), allow (outgoing), disabled (routed)
New profiles: skip

To                         Action      From
--                         ------      ----
22/tcp                     ALLOW IN    Anywhere                  
{rule}
99/udp                     ALLOW IN    Anywhere                  
443/tcp (v6)               ALLOW IN    Anywhere (v6)              # registry-wizard
"""  # noqa: W291
OPEN_IN_UFW = (
    "443/tcp                    ALLOW IN    Anywhere                   # registry-wizard",
    "80,443/tcp (WWW Full)      ALLOW IN    Anywhere                  ",
    "400:500/tcp                LIMIT IN    Anywhere                  ",
    "443                        ALLOW IN    Anywhere                  ",
    "Anywhere                   ALLOW IN    Anywhere                  ",
)
CLOSED_IN_UFW = (
    "443/udp                    ALLOW IN    Anywhere                  ",
    "443/tcp on eth0            ALLOW IN    Anywhere                  ",
    "443/tcp                    ALLOW IN    10.0.0.0/8                ",
    "Anywhere                   ALLOW IN    10.0.0.0/8                ",
    "8443/tcp                   ALLOW IN    Anywhere                  ",
)
STATUS, ADDED = ("ufw", "status", "verbose"), ("ufw", "show", "added")
ZONE = """public (active)
  target: {target}
  interfaces: eth0
  services: dhcpv6-client ssh{services}
  ports: {ports}
  source-ports: 
"""  # noqa: W291
NFT = ("nft", "-j", "list", "chain", "inet", "filter", "input")
TCP = {"payload": {"protocol": "tcp", "field": "dport"}}
ACCEPT = [{"counter": {"packets": 1, "bytes": 2}}, {"accept": None}]
OURS = 'insert rule inet filter input tcp dport 443 accept comment "registry-wizard"'


def ufw(rule: str) -> FakeHost:
    opened = UFW.format(rule=OPEN_IN_UFW[0])
    added = "ufw allow 22/tcp\nufw allow 443/tcp comment 'registry-wizard'\n"
    return FakeHost(
        {STATUS: says(UFW.format(rule=rule)), ADDED: says("ufw allow 22/tcp\n"), ("ufw",): says()},
        {
            ("ufw", "allow", "443/tcp"): {STATUS: says(opened), ADDED: says(added)},
            ("ufw", "delete", "allow", "443/tcp"): {
                STATUS: says(UFW.format(rule=rule)),
                ADDED: says("ufw allow 22/tcp\n"),
            },
        },
    )


def firewalld(*, permanent: bool, ports: str = "", services: str = "") -> FakeHost:
    program = ("firewall-cmd", *(("--permanent",) if permanent else ()))
    zone = (*program, "--zone=public")
    query, every = (*zone, "--query-port=443/tcp"), (*zone, "--list-all")
    now = ZONE.format(target="default", services=services, ports=ports)
    opened = ZONE.format(target="default", services=services, ports="443/tcp")
    return FakeHost(
        {
            ("firewall-cmd", "--state"): says("running\n"),
            query: says("no\n", 1),
            every: says(now),
            (*program, "--info-service=https"): says("https\n  ports: 443/tcp\n"),
            (*program, "--info-service=ssh"): says("ssh\n  ports: 22/tcp\n"),
            (*program, "--info-service=dhcpv6-client"): says("  ports: 546/udp\n"),
            (*zone, "--add-port=443/tcp"): says("success\n"),
            (*zone, "--remove-port=443/tcp"): says("success\n"),
        },
        {
            (*zone, "--add-port=443/tcp"): {query: says("yes\n"), every: says(opened)},
            (*zone, "--remove-port=443/tcp"): {query: says("no\n", 1), every: says(now)},
        },
    )


def rule(right: Any, *more: Any, comment: str = "mine", handle: int = 3) -> dict[str, Any]:
    match = {"match": {"op": "==", "left": TCP, "right": right}}
    place = {"family": "inet", "table": "filter", "chain": "input"}
    return {"rule": {**place, "handle": handle, "comment": comment, "expr": [match, *more]}}


def but(right: Any) -> dict[str, Any]:
    return other(TCP, "!=", right, "drop")


def other(left: Any, op: str, right: Any, word: str) -> dict[str, Any]:
    match = {"match": {"op": op, "left": left, "right": right}}
    place = {"family": "inet", "table": "filter", "chain": "input", "handle": 3}
    return {"rule": {**place, "expr": [match, {word: None}]}}


def chain(*rules: dict[str, Any]) -> str:
    return json.dumps({"nftables": [{"metainfo": {"version": "1.0.6"}}, *rules]})


def nft(*rules: dict[str, Any]) -> FakeHost:
    ours = rule(443, {"accept": None}, comment="registry-wizard", handle=7)
    delete = ("nft", "delete", "rule", "inet", "filter", "input", "handle", "7")
    insert = ("nft", *OURS.split())
    return FakeHost(
        {NFT: says(chain(*rules)), delete: says(), insert: says()},
        {insert: {NFT: says(chain(ours, *rules))}, delete: {NFT: says(chain(*rules))}},
    )


ROUND_TRIPS: dict[str, tuple[Change, FakeHost]] = {
    "ufw": (UfwPort(443), ufw(CLOSED_IN_UFW[0])),
    "firewalld now": (
        FirewalldPort("public", 443, permanent=False),
        firewalld(permanent=False, ports="22/tcp"),
    ),
    "firewalld kept": (FirewalldPort("public", 443, permanent=True), firewalld(permanent=True)),
    "nftables": (NftRule("inet filter input", 443), nft(rule(22, *ACCEPT))),
}


@pytest.mark.parametrize("tool", ROUND_TRIPS)
def test_a_port_is_opened_and_closed_again(tool: str) -> None:
    change, host = ROUND_TRIPS[tool]
    found = change.compare(host)
    assert found
    assert found.verb == "create"
    assert found.inverse
    assert found.inverse.compare(host) is None
    change.apply(host, print)
    assert change.compare(host) is None
    back = found.inverse.compare(host)
    assert back
    assert back.inverse == change
    found.inverse.apply(host, print)
    assert found.inverse.compare(host) is None
    assert change.compare(host)


@pytest.mark.parametrize("line", OPEN_IN_UFW)
def test_a_port_that_ufw_lets_in_already_is_left_alone(line: str) -> None:
    assert UfwPort(443).compare(ufw(line)) is None


@pytest.mark.parametrize("line", CLOSED_IN_UFW)
def test_a_rule_for_some_is_no_rule_for_all(line: str) -> None:
    assert UfwPort(443).compare(ufw(line))


def test_the_rule_of_somebody_else_is_not_closed() -> None:
    host = ufw(OPEN_IN_UFW[1])
    host.commands[ADDED] = says("ufw allow 443/tcp comment 'web'\nufw allow 'WWW Full'\n")
    assert UfwPort(443, opened=False).compare(host) is None


def test_a_firewall_that_is_off_has_nothing_to_open() -> None:
    assert UfwPort(443).compare(FakeHost({STATUS: says("Status: inactive\n")})) is None
    off = FakeHost({("firewall-cmd",): says("not running\n", 252)})
    assert FirewalldPort("public", 443, permanent=False).compare(off) is None


def test_a_port_that_is_kept_can_be_closed_while_firewalld_is_off() -> None:
    zone = ("firewall-offline-cmd", "--zone=public")
    host = FakeHost({("firewall-cmd",): says("", 252), zone: says("yes\n")})
    closing = FirewalldPort("public", 443, permanent=True, opened=False)
    assert closing.compare(host)
    closing.apply(host, print)
    assert host.acts[-1] == (*zone, "--remove-port=443/tcp")


OWN, SHIPPED = "/etc/firewalld/zones/public.xml", "/usr/lib/firewalld/zones/public.xml"


def without_files(*, running: bool) -> FakeHost:
    host = firewalld(permanent=True)
    host.files[SHIPPED] = File(b"<zone/>")
    if not running:
        zone = ("firewall-offline-cmd", "--zone=public")
        host.commands |= {
            (zone[0], *argv[2:]): said
            for argv, said in host.commands.items()
            if argv[:2] == ("firewall-cmd", "--permanent")
        }
        host.commands[("firewall-cmd", "--state")] = says("not running\n", 252)
        host.commands[(*zone, "--remove-port=443/tcp")] = says("success\n")
    return host


@pytest.mark.parametrize("running", [True, False])
def test_the_file_of_a_zone_that_came_with_our_port_goes_with_it(*, running: bool) -> None:
    host = without_files(running=running)
    found = FirewalldPort("public", 443, permanent=True).compare(host)
    assert found
    assert found.inverse == FirewalldPort("public", 443, permanent=True, opened=False, fresh=True)
    host.files |= {OWN: File(b"<zone/>"), f"{OWN}.old": File(b"<zone>ours</zone>")}
    host.commands[("firewall-cmd", "--permanent", "--load-zone-defaults=public")] = says("success")
    assert found.inverse.compare(host)
    found.inverse.apply(host, print)
    assert set(host.files) == {SHIPPED}
    assert found.inverse.compare(host) is None
    loaded = [each for each in host.acts if "--load-zone-defaults=public" in each]
    assert len(loaded) == int(running)


@pytest.mark.parametrize(
    ("fresh", "content"), [(False, b"<zone/>"), (True, b"<zone>theirs</zone>")]
)
def test_the_file_of_a_zone_stays_where_it_is_somebody_elses(
    *, fresh: bool, content: bytes
) -> None:
    host = without_files(running=True)
    host.files[OWN] = File(content)
    change = FirewalldPort("public", 443, permanent=True, opened=False, fresh=fresh)
    assert change.compare(host) is None
    found = FirewalldPort("public", 443, permanent=True).compare(host)
    assert found
    assert found.inverse == FirewalldPort("public", 443, permanent=True, opened=False)


@pytest.mark.parametrize(
    ("ports", "services"), [("443/tcp", ""), ("22/tcp 400-500/tcp", ""), ("", " https")]
)
def test_a_zone_that_lets_the_port_in_is_left_alone(ports: str, services: str) -> None:
    host = firewalld(permanent=False, ports=ports, services=services)
    assert FirewalldPort("public", 443, permanent=False).compare(host) is None


NEW = {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": "new"}}
FROM_LAN = {
    "match": {
        "op": "==",
        "left": {"payload": {"protocol": "ip", "field": "saddr"}},
        "right": {"prefix": {"addr": "10.0.0.0", "len": 8}},
    }
}


@pytest.mark.parametrize(
    "there",
    [
        rule(443, *ACCEPT),
        rule({"set": [80, 443]}, NEW, *ACCEPT),
        rule({"set": [22, {"range": [400, 500]}]}, *ACCEPT),
        rule({"range": [1, 1024]}, *ACCEPT),
    ],
)
def test_a_chain_that_lets_the_port_in_is_left_alone(there: dict[str, Any]) -> None:
    assert NftRule("inet filter input", 443).compare(nft(there)) is None


@pytest.mark.parametrize(
    "there",
    [
        rule(443, {"drop": None}),
        rule(443, FROM_LAN, *ACCEPT),
        rule("@web", *ACCEPT),
        rule({"set": [80, 8443]}, *ACCEPT),
    ],
)
def test_a_rule_of_nftables_for_some_is_no_rule_for_all(there: dict[str, Any]) -> None:
    assert NftRule("inet filter input", 443).compare(nft(there))


# As nft 1.0.6 lists them.
BEFORE = {
    "tcp dport 443 drop": rule(443, {"drop": None}),
    "tcp dport != { 22, 80 } drop": but({"set": [22, 80]}),
    "tcp dport 1-65535 reject": rule({"range": [1, 65535]}, {"reject": {"type": "tcp reset"}}),
    "meta l4proto tcp drop": other({"meta": {"key": "l4proto"}}, "==", "tcp", "drop"),
    "iif != lo drop": other({"meta": {"key": "iif"}}, "!=", "lo", "drop"),
}
BESIDE = {
    "tcp dport 443 limit rate over 5/second drop": rule(
        443, {"limit": {"rate": 5, "burst": 5, "per": "second", "inv": True}}, {"drop": None}
    ),
    "ip saddr 10.0.0.0/8 tcp dport 443 drop": rule(443, FROM_LAN, {"drop": None}),
    "tcp dport != @web drop": but("@web"),
    "tcp dport 80 drop": rule(80, {"drop": None}),
    "iif lo accept": other({"meta": {"key": "iif"}}, "==", "lo", "accept"),
    "ct state established accept": other(
        {"ct": {"key": "state"}}, "in", ["established", "related"], "accept"
    ),
}


@pytest.mark.parametrize("before", BEFORE)
def test_a_port_that_is_dropped_before_it_is_let_in_is_closed(before: str) -> None:
    change = NftRule("inet filter input", 443)
    assert change.compare(nft(BEFORE[before], rule(443, *ACCEPT)))
    assert change.compare(nft(rule(443, *ACCEPT), BEFORE[before])) is None


@pytest.mark.parametrize("beside", BESIDE)
def test_a_rule_that_drops_only_some_decides_nothing(beside: str) -> None:
    change = NftRule("inet filter input", 443)
    assert change.compare(nft(BESIDE[beside], rule(443, *ACCEPT))) is None
    assert change.compare(nft(BESIDE[beside]))


def test_a_chain_that_is_gone_has_nothing_to_close() -> None:
    assert NftRule("inet filter input", 443, opened=False).compare(FakeHost()) is None


@pytest.mark.parametrize("former", [b"flush ruleset\n", b"flush ruleset", b"a\n\n", b"\xff", b""])
@pytest.mark.parametrize("lines", [("one",), ("one", "two")])
def test_a_last_line_goes_without_a_trace(former: bytes, lines: tuple[str, ...]) -> None:
    host = FakeHost(files={"/f": File(former, 0o755)})
    undo = []
    for line in lines:
        change = LastLine("/f", line)
        found = change.compare(host)
        assert found
        assert found.inverse
        undo.append(found.inverse)
        change.apply(host, print)
        assert change.compare(host) is None
    assert host.files["/f"].content.splitlines()[-1] == lines[-1].encode()
    for each in undo:  # in any order
        each.apply(host, print)
        assert each.compare(host) is None
    assert host.files["/f"] == File(former, 0o755)


def test_what_others_wrote_around_our_line_stays() -> None:
    host = FakeHost(files={"/f": File(b"a\nours\nb\n")})
    LastLine("/f", "ours", present=False).apply(host, print)
    assert host.files["/f"].content == b"a\nb\n"


def test_a_line_that_the_program_refuses_is_taken_back() -> None:
    host = FakeHost({("nft", "-c"): says("", 1, "Error: No such file")}, files={"/f": File(b"a")})
    with pytest.raises(WizardError, match="No such file"):
        LastLine("/f", OURS, check=("nft", "-c", "-f", "/f")).apply(host, print)
    assert host.files["/f"].content == b"a"
