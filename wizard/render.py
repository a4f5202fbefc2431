"""Template and values in, bytes out. The home of ``jinja2``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> bytes:
    """Fill in a template; a value that is missing is an error, never a blank."""
    return _environment().get_template(f"{template}.j2").render(**values).encode()


def escaped(text: str) -> str:
    """Give a text as it stands in what is rendered as HTML."""
    from markupsafe import escape  # noqa: PLC0415  (jinja2's own)

    return str(escape(text))


@cache
def _environment() -> Environment:
    """Give the one environment, which keeps what it has compiled: most plans render some twice."""
    import jinja2  # noqa: PLC0415  (--help needs none of it)

    return jinja2.Environment(
        loader=jinja2.PackageLoader("templates", ""),
        undefined=jinja2.StrictUndefined,
        # Settings files need none: answers are checked before.
        autoescape=jinja2.select_autoescape(["html.j2"], default=False, default_for_string=False),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
