"""Every sentence that the screens and the plain mode say, in one place for a translator."""

from __future__ import annotations

import gettext

_ = gettext.translation("registry-wizard", fallback=True).gettext


def translated(text: str) -> str:
    """Give a text of the engine (a question's title or help) in the user's language."""
    return _(text)


DEFAULT = _("the default")
WHOLE_NUMBER = _("must be a whole number")
FOR_EXAMPLE = _("for example: {}")
USER_TWICE = _("is the name of another user already")
PASSWORDS_DIFFER = _("the two passwords differ")

PAGE_NAME = (
    _("Name"),
    _("What do clients call this registry?"),
)
PAGE_ADDRESS = (
    _("Address"),
    _("Where do clients reach this machine?"),
)
PAGE_CERTIFICATE = (
    _("Certificate"),
    _("Under which names and addresses will clients trust it?"),
)
PAGE_AUTHORITY = (
    _("Authority"),
    _("The private CA that signs the certificate. Each can be left empty."),
)
PAGE_REGISTRY = (
    _("Registry"),
    _("Where do the images lie?"),
)
PAGE_ACCESS = (
    _("Access"),
    _("Who may log in? Without anybody, a user admin is made with a generated password."),
)

DUMB_TERMINAL = _("This terminal can place no cursor, so here are the questions line by line.")
SMALL_TERMINAL = _(
    "This terminal has {} columns and {} rows; the screen needs {} and {}, so here are the"
    " questions line by line."
)
NO_UTF8 = _("This terminal's language has no UTF-8, so here are the questions line by line.")
NO_TERMINAL = _("There is no terminal to ask on")
NO_TERMINAL_HINT = _(
    "give the answers in a file: registry-wizard --answers FILE;"
    " registry-wizard answers prints one with every question"
)
