"""The registry's images in its storage folder, deleted for good where somebody asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.changes import Difference
from wizard.errors import WizardError

if TYPE_CHECKING:
    from wizard.hosts import Host, Log

SHOWN = 20
UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class RemoveImages:
    """No image in this folder. Only what the registry itself keeps there goes: all else stays.

    No link is followed, no other disk is entered, and a disk that is mounted here stays mounted.
    """

    folder: str

    @property
    def label(self) -> str:
        return f"delete the images in {self.folder}"

    @property
    def key(self) -> str:
        return f"images:{self.folder}"

    @property
    def root(self) -> str:
        """Where the registry keeps all that is its own, in any of its releases."""
        return f"{self.folder}/docker/registry/v2"

    def held(self, host: Host) -> bool:
        """Say whether there is anything of an image at all."""
        there = host.folder(self.root) is not None
        return there and bool(host.run("find", self.root, "-type", "f", "-print", "-quit").out)

    def compare(self, host: Host) -> Difference | None:
        if not self.held(host):
            return None
        names = self._repositories(host)
        head = f"{len(names)} {'repository' if len(names) == 1 else 'repositories'}"
        more = len(names) - SHOWN
        lines = [f"  {name}" for name in names[:SHOWN]] + [f"  and {more} more"] * (more > 0)
        text = f"{head}, {self._size(host)} in {self.root}; they do not come back"
        return Difference("remove", "\n".join((text, *lines)), None)

    def apply(self, host: Host, log: Log) -> None:
        self.refuse_links(host)
        argv = ("find", "-P", self.root, "-xdev", "-depth", "-delete")
        host.run(*argv, log=log).must("is another disk mounted in there? unmount it, and run again")
        for part in ("docker/registry", "docker"):
            host.remove_folder(f"{self.folder}/{part}")
        log(self.label)

    def refuse_links(self, host: Host) -> None:
        """Raise WizardError where a link leads there: what is behind it may be anybody's."""
        leads = host.run("readlink", "-f", self.root).out.strip()
        if host.folder(self.root) is not None and leads != self.root:
            raise WizardError(
                f"{self.root} is reached by a link and really is {leads or 'nowhere'}:"
                " no link is followed to delete what is behind it",
                "delete it by hand, if it is the registry's alone",
            )

    def _repositories(self, host: Host) -> list[str]:
        where = f"{self.root}/repositories"
        argv = ("find", where, "-xdev", "-type", "d", "-name", "_manifests", "-printf", "%P\\n")
        lines = host.run(*argv).out.splitlines()
        return sorted(line.removesuffix("/_manifests") for line in lines)

    def _size(self, host: Host) -> str:
        said = host.run("du", "-sx", "--block-size=1", self.root).out.split()
        size = float(said[0]) if said and said[0].isdigit() else 0.0
        unit = 0
        while size >= 1024 and unit < len(UNITS) - 1:
            size, unit = size / 1024, unit + 1
        return f"{size:.1f} {UNITS[unit]}" if unit else f"{size:.0f} {UNITS[0]}"
