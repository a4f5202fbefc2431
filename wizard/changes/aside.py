"""What others put among a package's settings: aside while the package is purged, then back.

The scripts are for Debian's sh. Like dpkg's own they work below ``DPKG_ROOT``, where it is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

# What a package's own script wipes with its settings may hold files of others by now: nginx's
# wipes /etc/nginx. They wait here meanwhile, whole or not at all.
ASIDE = "/var/lib/registry-wizard/aside"
# Settings of the package itself that somebody changed: brought back alone they would only litter.
KEPT = "/var/lib/registry-wizard/kept"

# A link is taken for the package's where it leads to a file of the package: scripts make some
# that are in no list. Lists are files, and names end with NUL: there may be many, of any bytes.
SET_ASIDE = r"""root=${DPKG_ROOT:-} aside=$1 kept=$2 new=$1.new
shift 2
export LC_ALL=C
rm -rf "$new"
mkdir -p -m 700 "$new" "$kept"
for list in listed wiping folders files others settings; do : > "$new/$list"; done
{ dpkg -L "$@" 2> /dev/null || :; } | sed 's,^/,,' > "$new/listed"
for name in "$@"; do
    script=$root/var/lib/dpkg/info/$name
    for script in "$script.postrm" "$script":*.postrm; do
        [ ! -e "$script" ] || sed -nE '/rm -[a-zA-Z]*[rR]/p' "$script" >> "$new/wiping"
    done
done
grep -aoE '/etc/[A-Za-z0-9._+/-]+' "$new/wiping" > "$new/folders" || [ $? -eq 1 ]
cd "$root/"
while read -r folder; do
    folder=${folder#/} folder=${folder%/}
    [ -e "$folder" ] || [ -L "$folder" ] || continue
    find "$folder" -type f -print0 >> "$new/files"
    find "$folder" -type l -exec sh -euc '
        root=$1 new=$2
        shift 2
        for link in "$@"; do
            target=$(readlink -m -- "$link")
            target=${target#"$root"}
            ! grep -qxF -e "$link" -e "${target#/}" "$new/listed" || continue
            printf "%s\\0" "$link" >> "$new/others"
        done' sh "$root" "$new" {} +
done < "$new/folders"
grep -zavxF -f "$new/listed" "$new/files" >> "$new/others" || [ $? -eq 1 ]
xargs -0 -r cp -a --parents -t "$new" -- < "$new/others"
{ dpkg-query -W -f '${Conffiles}\n' "$@" 2> /dev/null || :; } |
    sed -nE 's,^ /(.*) ([0-9a-f]{32})( .*)?$,\2 \1,p' > "$new/settings"
while read -r sum file; do
    [ -f "$file" ] || continue
    case $(md5sum < "$file") in "$sum "*) continue ;; esac
    cmp -s -- "$file" "$kept/$file" || cp -aL --parents --backup=numbered -t "$kept" -- "$file"
    echo "/$file was changed: a copy of it is kept as $kept/$file"
done < "$new/settings"
for list in listed wiping folders files others settings; do rm "$new/$list"; done
rmdir "$new" 2> /dev/null || { sync; mv -T "$new" "$aside"; }"""

# Folders that are there keep their owner and mode, and files that came there since stay.
BRING_BACK = r"""export LC_ALL=C
if [ -d "$1/etc" ]; then
    tar -C "$1" --acls --xattrs -cf "$1.tar" etc
    tar -C "${DPKG_ROOT:-}/" --acls --xattrs --numeric-owner --skip-old-files -xpf "$1.tar"
    sync
fi
rm -rf "$1.tar" "$1" """

# docker.io's script takes a copy of this one into /var/lib/docker as it goes, to wipe that folder
# with when it is purged: containers, images and volumes of whoever there may be.
NUKE = "nuke-graph-directory.sh"
SPARE_DOCKER = f"""script=${{DPKG_ROOT:-}}/usr/share/docker.io/contrib/{NUKE}
[ ! -e "$script" ] || chmod a-x "$script"
rm -f "${{DPKG_ROOT:-}}/var/lib/docker/{NUKE}" """
SPARED = {"docker.io": (SPARE_DOCKER, "/var/lib/docker stays")}


def set_aside(host: Host, names: tuple[str, ...], log: Log) -> None:
    """Set aside what purging these packages would wipe of others, and tell what is kept.

    What an earlier purge that failed left aside goes back first: what is there now is newer.
    """
    bring_back(host, log)
    host.run("sh", "-euc", SET_ASIDE, "sh", ASIDE, KEPT, *names, log=log).must()
    for name in names:
        if name in SPARED:
            host.run("sh", "-euc", SPARED[name][0], log=log).must()


def bring_back(host: Host, log: Log) -> None:
    """Put back what was set aside, if anything was."""
    if host.folder(ASIDE) is not None:
        host.run("sh", "-euc", BRING_BACK, "sh", ASIDE, log=log).must()
