"""What the changes that repair trust are in the shell."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wizard.script.words import fed, join, quote

if TYPE_CHECKING:
    from wizard.changes.daemon import WithoutEntries, WithoutFlags
    from wizard.changes.folders import EmptyFolder
    from wizard.changes.store import Anchors, FormerBundle
    from wizard.script.made import Made

BLANK = "[[:space:]]*"


def anchors(change: Anchors, made: Made) -> str:
    """The tool runs each time: whether it changed anything is seen by its bundle."""
    bundle = quote(change.bundle)
    puts = [_put(path, pem, made) for path, pem in change.files.items()]
    lines = [
        f'cp -p {bundle} "$work/bundle" 2> /dev/null || : > "$work/bundle"',
        f"{join(change.tool)} > /dev/null",
        f'cmp -s "$work/bundle" {bundle} || {{',
        '    changed=yes\n    install -d -m 700 "$kept"',
        f'    install -D -m 600 "$work/bundle" "$kept"{bundle}\n}}',
    ]
    return "\n".join([*puts, *lines])


def _put(path: str, pem: bytes, made: Made) -> str:
    """Our own CA is the one that is made there, not the one of the plan."""
    put, copy = join(("put", "644", "root", "root", path)), made.copies.get(pem)
    return f"{put} < {copy}" if copy else fed(put, pem, made.holes)


def former_bundle(change: FormerBundle, made: Made) -> str:
    bundle, folder = quote(change.bundle), quote(str(PurePosixPath(change.bundle).parent))
    rights = (f"{change.mode:o}", change.owner, change.group, change.bundle)
    put = fed(join(("put", *rights)), change.content, made.holes)
    listing = fed('cat > "$work/links"', change.links + b"\n" * bool(change.links), made.holes)
    tab = "IFS=$(printf '\\t')"
    lines = [
        f"rm -f {join(change.paths)}" if change.paths else "",
        f"{join(change.tool)} > /dev/null",
        put if change.mode else f"rm -f {bundle}",
        listing,
        rf"find {folder} -maxdepth 1 -type l -printf '%f\t%l\n' |",
        f'    grep -vxFf "$work/links" | while {tab} read -r name _; do rm {folder}/"$name"; done',
        f"while {tab} read -r name target; do",
        f'    ln -sfn "$target" {folder}/"$name"\ndone < "$work/links"',
    ]
    return "\n".join(filter(None, lines))


def empty_folder(change: EmptyFolder, made: Made) -> str:
    path = quote(change.path)
    if change.there:
        return f"[ -d {path} ] || {join(change.argv)}"
    holds = f'[ -n "$(find {path} -mindepth 1 -print -quit)" ]'
    return f"[ ! -d {path} ] || {holds} || {{\n    changed=yes\n    {join(change.argv)}\n}}"


def without_entries(change: WithoutEntries, made: Made) -> str:
    """Within the brackets of that list alone: an address may stand in another one as well."""
    begins = rf'"{_literal(change.name)}"{BLANK}:{BLANK}\['
    before = rf'({begins}([^]"]|"[^"]*")*)'
    cuts: list[str] = []
    for entry in change.entries:
        item = f'"{_literal(entry)}"'
        again = len(cuts)
        cuts += [
            f":a{again};s/{before}{item}{BLANK},{BLANK}/\\1/;ta{again}",
            f"s/{before},{BLANK}{item}/\\1/",
            f"s/({begins}){BLANK}{item}{BLANK}\\]/\\1]/",
        ]
    return _edited(change.path, "-E -z", ";".join(cuts))


def without_flags(change: WithoutFlags, made: Made) -> str:
    cuts: list[str] = []
    for value in change.values:
        given = f"{_literal(change.flag)}(=|[[:space:]]+)"
        cuts.append(f"s/[[:space:]]+([\"']){given}{_literal(value)}\\1//g")
        cuts.append(f"s/{BLANK}{given}([\"']?){_literal(value)}\\2([[:space:]\"'\\\\]|$)/\\3/g")
    return _edited(change.path, "-E", f"/^{BLANK}[#;]/!{{{';'.join(cuts)}}}")


def _edited(path: str, options: str, script: str) -> str:
    where = quote(path)
    return (
        f"if [ -e {where} ]; then\n"
        f'    sed {options} {quote(script)} {where} > "$work/edited"\n'
        f'    cmp -s "$work/edited" {where} || {{\n'
        f'        keep {where}\n        cat "$work/edited" > {where}\n    }}\nfi'
    )


def _literal(text: str) -> str:
    return re.sub(r"([][\\.*^$/+?(){}|])", r"\\\1", text)
