"""Openings of the firewall and labels of SELinux in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.changes.ufw import COMMENT
from wizard.script.words import join, quote

if TYPE_CHECKING:
    from wizard.changes.firewalld import FirewalldPort
    from wizard.changes.last_line import LastLine
    from wizard.changes.nftables import NftRule
    from wizard.changes.selinux import (
        SelinuxBoolean,
        SelinuxFiles,
        SelinuxPort,
        SelinuxRestored,
    )
    from wizard.changes.ufw import UfwPort
    from wizard.script.made import Made

QUIET = "> /dev/null 2>&1"


def last_line(change: LastLine, made: Made) -> str:
    path, line = quote(change.path), quote(change.line)
    there = f"grep -qxF {line} {path}"
    if not change.present:
        without = f'grep -vxF {line} {path} > "$work/lines" || :\n    cat "$work/lines" > {path}'
        return f"! {there} || {{\n    keep {path}\n    {without}\n}}"
    lines = [
        f"{there} || {{",
        f"    keep {path}",
        f'    [ -z "$(tail -c 1 {path})" ] || echo >> {path}',
        f"    printf '%s\\n' {line} >> {path}",
        "}",
    ]
    if change.check:
        refused = quote(f"{join(change.check)} refuses it; the former {change.path} is back")
        lines += [f"{join(change.check)} || {{", f"    back {path}", f"    stop {refused}", "}"]
    return "\n".join(lines)


def ufw_port(change: UfwPort, made: Made) -> str:
    rule = f"allow {change.port}/tcp"
    there = f'ufw show added | grep -q "^ufw {rule}'
    if change.opened:
        return f'{there}" || ufw {rule} comment {COMMENT}'
    return f"! {there} comment '{COMMENT}'\" || ufw delete {rule}"


def firewalld_port(change: FirewalldPort, made: Made) -> str:
    permanent = ("--permanent",) if change.permanent else ()
    act = f"--{'add' if change.opened else 'remove'}-port={change.port}/tcp"
    return join(("firewall-cmd", *permanent, f"--zone={change.zone}", act))


def nft_rule(change: NftRule, made: Made) -> str:
    rule = f'tcp dport {change.port} accept comment "{COMMENT}"'
    listed = f"nft -a list chain {change.chain}"
    if change.opened:
        return f"{listed} | grep -qF {quote(rule)} || nft {quote(change.line)}"
    handles = f"{listed} | sed -n {quote(f's/^.*{rule} # handle //p')}"
    return (
        f"for handle in $({handles}); do\n    nft delete rule {change.chain} handle $handle\ndone"
    )


def selinux_boolean(change: SelinuxBoolean, made: Made) -> str:
    word = "on" if change.on else "off"
    both = rf"^{change.name} +\({word} *, *{word}\)"
    there = f"semanage boolean -l | grep -Eq {quote(both)}"
    return f"{there} || setsebool -P {quote(change.name)} {word}"


def selinux_port(change: SelinuxPort, made: Made) -> str:
    if not change.type:
        return f"semanage port -d -p tcp {change.port} {QUIET} || :"
    label = f"-t {quote(change.type)} -p tcp {change.port}"
    there = (
        f"semanage port -l | tr -d , | grep -E '^http_(port|cache_port)_t +tcp '"
        f" | grep -qw {change.port}"
    )
    return f"{there} ||\n    semanage port -a {label} 2> /dev/null || semanage port -m {label}"


def selinux_files(change: SelinuxFiles, made: Made) -> str:
    path, pattern = quote(change.path), quote(change.pattern)
    restore = f"[ ! -e {path} ] || restorecon -R -F {path}"
    if not change.type:
        return f"semanage fcontext -d {pattern} {QUIET} || :\n{restore}"
    label = f"-t {quote(change.type)} {pattern}"
    add = f"semanage fcontext -a {label} 2> /dev/null || semanage fcontext -m {label}"
    return f"{add}\n{restore}"


def selinux_restored(change: SelinuxRestored, made: Made) -> str:
    path = quote(change.path)
    return f"[ ! -e {path} ] || restorecon -R {path}"
