"""nginx's own source, as Debian's mirror has it, and archives that look like it."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from tests.hosts.image import CACHE, debian_mirrors

ARCHIVE = "nginx.tar.gz"


def nginx_archive() -> Path:
    """Give the archive that Debian's package is made of, fetched once."""
    kept = CACHE / ARCHIVE
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            fetched = _fetch(Path(folder))
            partial = kept.with_suffix(".partial")
            shutil.copy(fetched, partial)
            partial.rename(kept)
    return kept


def _fetch(folder: Path) -> Path:
    """Let an apt with a state of its own fetch it, the newest version that the mirror still has."""
    lines = [f"deb-src {mirror}\n" for mirror in debian_mirrors()]
    (folder / "sources.list").write_text("".join(lines))
    for each in ("state/lists/partial", "cache/archives/partial"):
        (folder / each).mkdir(parents=True)
    own = {"Etc::SourceList": "sources.list", "State": "state", "Cache": "cache"}
    options = [f"-oDir::{name}={folder}/{path}" for name, path in own.items()]
    options += ["-oDir::Etc::SourceParts=/dev/null", "-oAPT::Sandbox::User=root", "-q"]
    subprocess.run(["apt-get", *options, "update"], check=True, capture_output=True)
    shown = ["apt-cache", *options, "showsrc", "nginx"]
    text = subprocess.run(shown, check=True, capture_output=True, text=True).stdout
    versions = [line.split()[1] for line in text.splitlines() if line.startswith("Version: ")]
    for version in reversed(versions):
        argv = ["apt-get", *options, "source", "--download-only", "--tar-only", f"nginx={version}"]
        subprocess.run(argv, check=False, capture_output=True, cwd=folder)
        if found := next(folder.glob("nginx_*.orig.tar.gz"), None):
            return found
    raise RuntimeError("This machine's Debian mirror has no source of nginx")


# What the registry does without, and no optimising: built in a third of the time.
QUICK = "--with-cc-opt=-O0 --with-ld-opt=-pie --without-http_fastcgi_module"
QUICK += " --without-http_uwsgi_module --without-http_scgi_module --without-http_grpc_module"


def quick_version(archive: bytes, version: str) -> bytes:
    """Give the same source under another version, packed anew and quicker to build."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as former:
        members = {each: former.extractfile(each) for each in former.getmembers()}
        contents = {each: file.read() for each, file in members.items() if file}
    header = next(each for each in members if each.name.endswith("src/core/nginx.h"))
    contents[header] = contents[header].replace(_version(contents[header]), version.encode())
    script = next(each for each in members if each.name.endswith("/configure"))
    first, rest = contents[script].split(b"\n", 1)
    contents[script] = b"\n".join((first, f'set -- "$@" {QUICK}'.encode(), rest))
    for each in (header, script):
        each.size = len(contents[each])
    return packed([(each, contents.get(each, b"")) for each in members])


def packed(members: list[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _version(header: bytes) -> bytes:
    return header.partition(b'NGINX_VERSION      "')[2].partition(b'"')[0]


# Looks like nginx's source to whoever looks at it, and builds in no time what `main` says.
CONFIGURE = """#!/bin/sh
echo "checking for C compiler ... found"
mkdir -p objs/src
printf 'objs/nginx: objs/src/nginx.o\\n\\tcc -o objs/nginx objs/src/nginx.o\\n' > objs/Makefile
printf 'objs/src/nginx.o: nginx.c\\n\\tcc -c -o objs/src/nginx.o nginx.c\\n' >> objs/Makefile
printf 'default:\\n\\t$(MAKE) -f objs/Makefile\\n' > Makefile
"""


def look_alike(main: str, version: str = "1.99.1", more: dict[str, bytes] | None = None) -> bytes:
    files = {
        "configure": CONFIGURE.encode(),
        "src/core/nginx.h": f'#define NGINX_VERSION      "{version}"\n'.encode(),
        "conf/mime.types": b"types {}\n",
        "nginx.c": main.encode(),
        **(more or {}),
    }
    return packed([(member(f"nginx-{version}/{name}", text), text) for name, text in files.items()])


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mode, made.type = len(content), 0o755, kind
    return made
