"""What is said of an image, in a line and whole; loads no Textual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens import words
from wizard.catalog.shown import short, size_text
from wizard.clean import clean

if TYPE_CHECKING:
    from wizard.catalog.manifests import Image
    from wizard.catalog.walk import Tag

CELLS = (-10, 18, 10, 12)  # the widths of a line's cells
TITLE = 11


def cells(image: Image | None) -> tuple[str, ...]:
    """Give size, platforms, day of creation and digest in short; nothing of what is not known."""
    return short(image) if image else ("...",)


def described(image: Image | None, tag: Tag, pull: str) -> str:
    """Give all that is known of an image, and the command that pulls it, to be copied."""
    if image is None:
        return f"{pull}\n\n{words.IMAGES_READING}"
    if not image.media_type:
        return f"{pull}\n\n{words.IMAGES_BROKEN}\n{clean(image.digest)}"
    none = words.IMAGES_ARTIFACT.format(clean(image.media_type))
    told = {
        "platforms": ", ".join(image.platforms) or none,
        "size": f"{size_text(image.size)}, {image.size} bytes",
        "created": image.created or "-",
        "pushed": f"{tag.pushed:%Y-%m-%dT%H:%M:%SZ}",
    }
    titles = words.IMAGES_DETAIL
    return "\n".join(
        (
            pull,
            "",
            clean(image.digest),
            *(f"{titles[key]:{TITLE}}{clean(told[key])}" for key in told),
        )
    )
