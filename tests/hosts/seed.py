"""Run on a test host: fill a registry through its API, over many connections at once.

The arguments: the registry's port, how many repositories, how many tags each.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import sys
from multiprocessing import Process

OCI = "application/vnd.oci.image"
CONFIG = json.dumps({"os": "linux", "architecture": "amd64", "created": "2026-11-20T10:00:00Z"})


class Registry:
    """One connection to the registry on this machine's loopback."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port)

    def ask(self, method: str, path: str, body: bytes = b"", type_: str = "") -> str:
        self.line.request(method, path, body, {"Content-Type": type_} if type_ else {})
        answer = self.line.getresponse()
        said = answer.read()
        if answer.status not in (201, 202):
            raise RuntimeError(f"{method} {path}: {answer.status} {said.decode()}")
        return answer.headers.get("Location") or ""

    def blob(self, name: str, content: bytes) -> dict[str, object]:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        where = self.ask("POST", f"/v2/{name}/blobs/uploads/")
        self.ask("PUT", f"{where}&digest={digest}", content, "application/octet-stream")
        return {"digest": digest, "size": len(content)}

    def mount(self, name: str, blobs: list[dict[str, object]], source: str) -> None:
        for each in blobs:
            path = f"/v2/{name}/blobs/uploads/?mount={each['digest']}&from={source}"
            self.ask("POST", path)

    def manifest(self, name: str, tag: str, content: bytes, type_: str) -> None:
        self.ask("PUT", f"/v2/{name}/manifests/{tag}", content, type_)


def image(registry: Registry, name: str) -> tuple[bytes, list[dict[str, object]]]:
    config = registry.blob(name, CONFIG.encode()) | {"mediaType": f"{OCI}.config.v1+json"}
    made = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "config": config}
    return json.dumps(made | {"layers": []}).encode(), [config]


def fill(port: int, numbers: range, tags: int) -> None:
    registry, source = Registry(port), f"team{numbers.start % 7}/app-{numbers.start:04}"
    content, blobs = image(registry, source)
    for number in numbers:
        name = f"team{number % 7}/app-{number:04}"
        registry.mount(name, blobs, source)
        for tag in range(1, tags + 1):
            registry.manifest(name, f"1.{tag}", content, f"{OCI}.manifest.v1+json")


def main(port: int, count: int, tags: int) -> None:
    at_once = 8
    parts = [range(first, count, at_once) for first in range(at_once)]
    workers = [Process(target=fill, args=(port, part, tags)) for part in parts]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    if any(each.exitcode for each in workers):
        sys.exit("A worker failed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
