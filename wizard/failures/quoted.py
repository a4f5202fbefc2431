"""What an error text says besides its cause: the registry, the image, names, addresses, times."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.clean import clean
from wizard.names import in_url

if TYPE_CHECKING:
    from collections.abc import Iterator

# More is no error text but a log, whose end counts; and what is looked for stands near an end of a
# line. Both keep a hostile text from taking long.
LARGEST = 64 * 1024
LONGEST = 4000
# Options that a name with a password follows, some in one word with it: -u, -ku, -uann:password.
_FLAGS = r"--(?:proxy-)?(?:user(?:name)?|pass(?:word)?)|--(?:src-|dest-)?creds|-[A-Za-z]*[uU]|-p"
_WORD = r"(?:'[^'\n]*'|\"[^\"\n]*\"|\S+)"
# Taken out before anything else is read, so that nothing of it can be said again.
_SECRETS = (
    # No secret, but an address of a manual, which programs add and which is no registry.
    (r"https?://(?:curl\.se|curl\.haxx\.se|(?:docs|www)\.docker\.com|docs\.python\.org)/\S*", ""),
    # Up to the last @: there may be one in the password, and a slash as well.
    (r"://[^\s/]*@(?!sha256:)", "://"),
    (r"://[^\s/@\"']*:[^\s\"']*@(?!sha256:)", "://"),
    (r"(?im)^[<>* \t]*+(?:proxy-)?authorization\s*:.*$", ""),
    (r"(?i)[\"'](?:proxy-)?authorization\s*:[^\"'\n]*", ""),
    (r"(?i)authorization[\"']?\s*[:=]\s*[\"'\[]*(?:basic|bearer|digest|negotiate)\s+\S+", ""),
    (r"(?i)\b(?:basic|bearer)\s+[A-Za-z0-9+/=._~-]{8,}", ""),
    (rf"(?<!\S)(?:{_FLAGS})[= ]*{_WORD}", ""),
    (
        (
            r"(?i)[\"']?(?:pass(?:word|wd)?|\b\w{0,40}token|secret|auth)\\?[\"']?"
            r"(?:=|(?<=[\"'])\s{0,9}:)\s{0,9}(?:\\?\"[^\"\n]*\"|'[^'\n]*'|[\"']?[^\s\"',}]+)"
        ),
        "",
    ),
)
# containerd tries every place that it knows; the error that it ends with is what counts.
_TRIED = re.compile(r'^time=\S+ level=info msg="trying next host" error=.*\n', re.MULTILINE)
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_END = r"(?![A-Za-z0-9-]|\.[A-Za-z0-9])"  # no part of a name counts for the whole
_HOST = rf"(?P<host>{_NAME}){_END}"
_AT = rf"(?P<host>\[[0-9A-Fa-f:.]{{2,45}}\]|{_NAME}){_END}(?::(?P<port>\d{{1,5}})(?!\d))?"
_PATH = r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
_QUOTE = "[\"'`‘“]"  # noqa: RUF001  (as wget and browsers write them)
# How programs name the registry; what says its port, too, before what says the name alone.
_REGISTRIES = (
    rf"(?P<scheme>https?)://{_AT}",
    rf"(?:docker://|(?:reference|image) {_QUOTE}|repository \[){_AT}/",
    rf"/blobs/uploads/ in {_AT}",
    rf"(?:logging into {_QUOTE}|container registry ){_AT}",
    rf"[Cc]onnect(?:ed)? to {_HOST} port (?P<port>\d{{1,5}})",
    rf"host={_QUOTE}{_HOST}{_QUOTE}, port=(?P<port>\d{{1,5}})",
    rf"(?<!\S){_HOST}:(?P<port>\d{{1,5}})/{_PATH}",
    rf"(?<!\S)(?P<host>{_NAME}\.{_NAME}){_END}/{_PATH}",
    rf"dial tcp: lookup {_HOST}",
    rf"(?:[Rr]esolv\w+|target)(?: proxy| host)?(?: name| address)?:? ?{_QUOTE}?{_HOST}",
    rf"(?:not valid for|host ?name) {_QUOTE}{_HOST}",
    rf"(?:wanted to match|certificate for) {_HOST}(?= because|\W*$)",
    rf"(?<=, not )(?P<host>{_NAME}\.{_NAME}){_END}(?=\W*$)",
    rf"/certs\.d/{_AT}/",
    rf"certificate of {_QUOTE}{_HOST}",
    rf"cannot verify {_HOST}'s certificate",
    rf"Connecting to {_HOST} \([^)\n]{{1,253}}\)\|[^|\n]{{1,45}}\|:(?P<port>\d{{1,5}})",
    rf"\bserver: {_HOST}(?=,|$)",
    rf"dial tcp {_AT}",
)
_IMAGES = (
    (
        rf"(?:docker://|(?:reference|image) {_QUOTE}|repository \["
        r"|\b(?:docker|podman|images) (?:pull|push) )"
        rf"(?P<image>(?:{_NAME}(?::\d{{1,5}})?/)?{_PATH})"
    ),
    rf"access denied for (?P<image>(?:{_NAME}(?::\d{{1,5}})?/)?{_PATH})",
)
_TIMES = (
    r"current time (?P<now>[0-9T:.Z+-]{10,40}) is (?:after|before) (?P<limit>[0-9T:.Z+-]{10,40})"
)
_VALID_FOR = r"certificate is valid for (?P<names>[^\n\"]{1,2000}), not "
_DIALLED = r"dial tcp (?P<address>\[[0-9A-Fa-f:.]+\]|\d[\d.]+):(?P<port>\d{1,5})"
_RESOLVER = r"lookup \S+ on (?P<resolver>\[?[0-9A-Fa-f.:]+\]?):53\b"
_AUTHORITY = r"candidate authority certificate \\?\"(?P<authority>[^\"\\\n]{1,200})"
_REFUSED_NAME = (
    r"DNS name \\?\"(?P<refused>[^\"\\\n]{1,200})|IP address \\?\"(?P<ip>[^\"\\\n]{1,60})"
)
_FILE = r"(?<![\w/.:])(?P<path>/(?:etc|usr|var|home|root|opt|srv|run|tmp)/[\w@%+.,:/-]{1,300})"


@dataclass(frozen=True)
class Quoted:
    """What one text says; empty and 0 where it does not."""

    name: str = ""  # of the registry, as it was typed
    port: int = 0
    image: str = ""
    dialled: tuple[str, ...] = ()  # addresses to which a connection was tried
    names: tuple[str, ...] = ()  # that the certificate is good for
    refused: str = ""  # the name that a CA may not sign for
    resolver: str = ""  # who was asked for the name
    authority: str = ""  # the CA that was tried
    now: dt.datetime | None = None  # the moment at which a certificate was looked at
    limit: dt.datetime | None = None  # the moment that it had to be before, or after
    path: str = ""  # a file of this machine

    @property
    def at(self) -> str:
        """Give the registry as it begins an image's name; empty where the text names none."""
        return in_url(self.name, self.port or 443) if self.name else ""


def lines_of(text: str) -> str:
    """Give a text without its secrets and without anything that a terminal would obey."""
    lines = text[-LARGEST:].splitlines()
    kept = "\n".join(_shortened(clean(line, None)) for line in lines)
    for secret, instead in _SECRETS:
        kept = re.sub(secret, instead, kept)
    return _TRIED.sub("", kept)


def _shortened(line: str) -> str:
    """Leave out the middle of a line, with the words that would be cut, so that none is quoted."""
    if len(line) <= LONGEST:
        return line
    half = LONGEST // 2
    return f"{line[:half].rpartition(' ')[0]}\n{line[-half:].partition(' ')[2]}"


def quoted(text: str, line: str, words: str) -> Quoted:
    """Read all of it from a text; what stands in the line with the cause counts first.

    The registry is the one that the words name, if they do.
    """
    name, port = _registry(text, line, words)
    times = _first(_TIMES, line, text)
    refused = _first(_REFUSED_NAME, line, text)
    return Quoted(
        name=name,
        port=port,
        image=next((found[-1] for found in _all(_IMAGES, line, text)), ""),
        dialled=tuple(dict.fromkeys(m["address"].strip("[]") for m in re.finditer(_DIALLED, text))),
        names=tuple(filter(None, _first(_VALID_FOR, line, text).get("names", "").split(", "))),
        refused=refused.get("refused") or refused.get("ip") or "",
        resolver=_first(_RESOLVER, line, text).get("resolver", "").strip("[]"),
        authority=_first(_AUTHORITY, line, text).get("authority", ""),
        now=_moment(times.get("now", "")),
        limit=_moment(times.get("limit", "")),
        path=_first(_FILE, line, text).get("path", "").rstrip(".,:"),
    )


def _registry(text: str, line: str, words: str) -> tuple[str, int]:
    """Give name and port: of the line's last URL, which is the one that failed, or what is next."""
    for part in (words, line, text):
        for shape in _REGISTRIES:
            found = [m.groupdict() for m in re.finditer(shape, part, re.MULTILINE)]
            good = [each for each in found if _port(each) is not None]
            if good:
                chosen = good[0 if part is text else -1]
                name = chosen["host"].strip("[]").lower().rstrip(".")
                return name, _port(chosen) or _port_elsewhere(text, name)
    return "", 0


def _port(found: dict[str, str | None]) -> int | None:
    """Give the port that is meant: 0 where only a name is said, None for what is no port."""
    if found.get("port"):
        port = int(found["port"] or 0)
        return port if 0 < port < 65536 else None
    return {"http": 80, "https": 443}.get(found.get("scheme") or "", 0)


def _port_elsewhere(text: str, name: str) -> int:
    said = re.search(rf"(?<![\w.-]){re.escape(name)}:(\d{{1,5}})(?![\w:])", text, re.IGNORECASE)
    return int(said[1]) if said and 0 < int(said[1]) < 65536 else 0


def _all(shapes: tuple[str, ...], *parts: str) -> Iterator[list[str]]:
    for part in parts:
        for shape in shapes:
            found = [m["image"] for m in re.finditer(shape, part)]
            if found:
                yield found


def _first(shape: str, *parts: str) -> dict[str, str]:
    found = next((m for part in parts if (m := re.search(shape, part))), None)
    return {key: text or "" for key, text in found.groupdict().items()} if found else {}


def _moment(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text.rstrip(".,"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
