"""A machine in memory with a store of CAs and folders of certs.d, whose tools do their work."""

from __future__ import annotations

import base64
import fnmatch
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tests.fake_host import FakeHost, says
from tests.given import ANSWERS, NOW, given
from wizard.hosts import File, Folder
from wizard.pem import certificates
from wizard.pki import Wanted, mint_authority
from wizard.troubles import Ours
from wizard.troubles.folders import LISTING
from wizard.troubles.store import OF_FILES, OF_FOLDERS, STORES, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wizard.hosts import Argv, Log, Result

EL, DEBIAN = STORES[0], STORES[1]
PKI = given().pki
OURS = Ours(("docker.benet.com", "192.168.1.107"), 443, PKI.trust)
LEAF = PKI.certificate
FORMER = mint_authority(Wanted(("docker.benet.com",), ()), NOW).certificate


def ca(name: str) -> bytes:
    wanted = Wanted((f"{name}.example",), (), ca_common_name=f"The {name} CA", organization="Else")
    return mint_authority(wanted, NOW).certificate


WORLD = tuple(ca(f"public{number}") for number in range(6))
CORPORATE = ca("corporate")
assert ANSWERS.registry.hostname == OURS.names[0]


@dataclass
class Tree(FakeHost):
    store: Store = DEBIAN
    packaged: set[str] = field(default_factory=set)

    def put(self, path: str, content: bytes = b"", mode: int = 0o644, owner: str = "root") -> None:
        self.folder_at(str(PurePosixPath(path).parent))
        self.files[path] = File(content, mode, owner, owner)

    def folder_at(self, path: str, mode: int = 0o755, owner: str = "root") -> None:
        for each in (*map(str, PurePosixPath(path).parents), path):
            self.folders.setdefault(each, Folder())
        self.folders[path] = Folder(mode, owner, owner)

    def read(self, path: str) -> File | None:
        return self.files.get(self.real(path))

    def write(self, path: str, file: File) -> None:
        super().write(self.real(path), file)

    def remove(self, path: str) -> None:
        super().remove(path if path in self.links else self.real(path))

    def real(self, path: str) -> str:
        for link, target in self.links.items():
            if path == link or path.startswith(f"{link}/"):
                return self.real(target + path.removeprefix(link))
        return path

    def run(self, *argv: str, stdin: bytes = b"", log: Log | None = None) -> Result:
        if argv == self.store.tool:
            self.refresh()
        tool = getattr(self, f"_{argv[0].replace('-', '_')}", None)
        out = tool(argv) if tool else None
        if out is not None:
            self.commands[argv] = says(out)
        return super().run(*argv, stdin=stdin, log=log)

    def refresh(self) -> None:
        """What update-ca-certificates and update-ca-trust do, as far as anybody here looks."""
        self.commands[self.store.tool] = says("done\n")
        chosen = self.files.get(self.store.chosen, File(b"")).content.decode().splitlines()
        named = [f"{self.store.sources[0]}/{name}" for name in chosen if name[0] not in "#!"]
        shipped = [path for path in self.files if path.startswith(f"{self.store.sources[0]}/")]
        paths = named if self.store.chosen else shipped
        paths += self._inside(self.store.anchors, f"*{self.store.ending}")
        self.put(self.store.bundle, b"".join(self.files[path].content for path in paths))

    def _inside(self, folder: str, name: str = "*") -> list[str]:
        return [p for p in self.files if p.startswith(f"{folder}/") and fnmatch.fnmatch(p, name)]

    def _find(self, argv: Argv) -> str:
        if "l" in argv:
            links = {PurePosixPath(p): target for p, target in self.links.items()}
            return "".join(f"{p.name}\t{t}\n" for p, t in links.items() if str(p.parent) == argv[1])
        if "-mindepth" in argv:
            below = [p for p in (*self.files, *self.folders) if p.startswith(f"{argv[1]}/")]
            return "".join(below[:1])
        return "".join(f"{path}\n" for path in self._inside(argv[1]))

    def _cat(self, argv: Argv) -> str:
        files = [self.read(path) for path in argv[1:] if path != "--"]
        return "".join(file.content.decode(errors="replace") for file in files if file)

    def _readlink(self, argv: Argv) -> str:
        return f"{self.real(argv[2])}\n"

    def _rpm(self, argv: Argv) -> str | None:
        return "a-package\n" if argv[2] in self.packaged else None

    def _rmdir(self, argv: Argv) -> str:
        self.folders.pop(argv[1])
        return ""

    def _runuser(self, argv: Argv) -> str:
        return self._rmdir(argv[argv.index("rmdir") :])

    def _sh(self, argv: Argv) -> str | None:
        if argv[2] == LISTING:
            return self._listing()
        if argv[2] == OF_FOLDERS:
            paths = [path for each in argv[5:] for path in self._inside(each, argv[4])]
            return self._coded(paths)
        if argv[2] == OF_FILES:
            return self._coded(argv[4:])
        return "" if argv[-1] == self.store.tool[0] else None

    def _coded(self, paths: Iterable[str]) -> str:
        files = [self.read(path) for path in paths]
        return base64.b64encode(b"".join(file.content for file in files if file)).decode()

    def _listing(self) -> str:
        lines = []
        there: dict[str, File | Folder] = {**self.folders, **self.files}
        for path, each in there.items():
            at = path.find("/certs.d")
            deep = path[at:].count("/") if at >= 0 and "/containerd/" not in path else 9
            if deep <= 3:
                kind = "d" if isinstance(each, Folder) else "f"
                lines.append(f"{kind} {each.mode:o} {each.owner} {each.group} {path}\0")
        return "".join(lines)


def debian() -> Tree:
    """Give a Debian whose store holds six CAs of the world, its bundle made of them."""
    host = Tree()
    host.folder_at(DEBIAN.anchors)
    names = [f"mozilla/{number}.crt" for number in range(len(WORLD))]
    for name, pem in zip(names, WORLD, strict=True):
        host.put(f"{DEBIAN.sources[0]}/{name}", pem)
    host.put(DEBIAN.chosen, "\n".join(["# by dpkg", *names, "!mozilla/not.crt", ""]).encode())
    host.refresh()
    return host


def el() -> Tree:
    """Give the layout of EL and Fedora: /etc/ssl/certs is a link, and so is every known bundle."""
    host = Tree(store=EL)
    host.folder_at(EL.anchors)
    host.put(f"{EL.sources[0]}/ca-bundle.trust.p11-kit", b"[p11-kit]\n" + b"".join(WORLD))
    host.refresh()
    host.folder_at("/etc/pki/tls/certs")
    host.links |= {
        "/etc/ssl/certs": "/etc/pki/tls/certs",
        "/etc/pki/tls/certs/ca-bundle.crt": EL.bundle,
        "/etc/pki/tls/cert.pem": EL.bundle,
    }
    return host


def fingerprints(host: Tree, path: str) -> set[str]:
    file = host.read(path)
    return set(certificates(file.content if file else b""))


def fingerprint(pem: bytes) -> str:
    return next(iter(certificates(pem)))
