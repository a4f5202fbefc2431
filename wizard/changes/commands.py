"""Commands that are due once after something changed, where a probe says that they make sense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wizard.hosts import Argv, Host, Log


@dataclass(frozen=True)
class Command:
    """A reload or refresh; it must be right after applying and after undoing alike."""

    argv: Argv
    only_if: Argv = ()  # a probe; the command runs where it succeeds

    def apply(self, host: Host, log: Log) -> bool:
        """Run it where it makes sense; say whether it ran. Raise WizardError where it fails."""
        if self.only_if and not host.run(*self.only_if).ok:
            return False
        host.run(*self.argv, log=log).must()
        return True
