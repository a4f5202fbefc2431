"""Failures about images: where they are kept, what of them is there, how often they are asked."""

from __future__ import annotations

from wizard.failures.cause import AFTERWARDS, ROOT, Cause

CAUSES = (
    Cause(
        "disk-full",
        (r"(?i:no space left on device)", r"(?i:disk quota exceeded)"),
        "A disk is full: this machine's own at a pull, the server's at a push.",
        (
            "df -h shows which; docker image prune takes away images here that bear no name",
            "on the server registry-wizard status shows what is left for the images",
        ),
        ("space",),
        ROOT,
    ),
    Cause(
        "storage",
        (
            r"filesystem: [^\n]{0,300}(?:read-only file system|permission denied)",
            rf"push refers to repository {AFTERWARDS}500 Internal Server Error",
            r"(?:initiating layer upload|uploading layer|writing blob)[^\n]*500 \(?Internal Server",
        ),
        "The registry cannot keep what is pushed: the disk of its images is full or can only be"
        " read, or their folder belongs to another user. Pulls work all the same.",
        (
            "{on_server}: it gives the folder back to the registry's user",
            (
                "full: df -h there, and delete images or move them; read-only: dmesg says why the"
                " disk was mounted so"
            ),
        ),
        ("storage", "space", "behind"),
        ROOT,
    ),
    Cause(
        "rate-limit",
        (
            r"toomanyrequests|TOOMANYREQUESTS|(?i:too many requests to registry)",
            r"StatusCode: 429|returned error: 429|HTTP Error 429",
        ),
        "{name} allows no more pulls for a while: it counts them, as Docker Hub does. A registry of"
        " the wizard counts none, so this is about another one, or about a proxy.",
        (
            "docker login there raises the limit (Docker Hub: free with an account), or wait",
            (
                "what is needed often can lie in your own registry: docker tag IMAGE"
                " REGISTRY/IMAGE && docker push REGISTRY/IMAGE"
            ),
        ),
        ("installed",),
        bare=(r"\b429:? \(?Too Many Requests|HTTP/[\d.]+\"? 429\b",),
    ),
    Cause(
        "no-v1",
        (
            r"/v1/(?:search|_ping|repositories)[^\n]*404",
            r"404[^\n]*/v1/(?:search|_ping|repositories)",
            r"Unexpected status code 404",
        ),
        "The old v1 interface was asked (docker search uses it), which no registry of today has.",
        (
            (
                "ask https://{place}/v2/_catalog for the images and /v2/NAME/tags/list for the"
                " tags; registry-wizard status and its next-steps.txt show how"
            ),
        ),
        ("answer",),
    ),
    Cause(
        "no-delete",
        (r"(?i:the operation is unsupported)", r"StatusCode: 405|returned error: 405"),
        "{at} does not allow deleting images.",
        ("answer registry.delete = true on the server, then {on_server}",),
        ("answer",),
        bare=(r"405 Method Not Allowed|HTTP/[\d.]+\"? 405\b",),
    ),
    Cause(
        "upload-lost",
        (r"(?i:blob upload unknown|BLOB_UPLOAD_UNKNOWN|blob upload invalid)",),
        "The registry no longer knows the upload that it began: it was restarted meanwhile, or"
        " there are two with different secrets.",
        ("push again; if it stays so: {on_server}, which gives it one fixed secret",),
        ("behind",),
    ),
    Cause(
        "blob-gone",
        (
            r"unknown blob|(?:blob|BLOB)[ _](?:unknown|UNKNOWN) to registry|MANIFEST_BLOB_UNKNOWN",
            r"blob unknown(?! to)",
            r"[Ff]etching blob: invalid status code from registry 404",
            r"could not fetch content descriptor sha256:[^\n]{1,200} from remote: not found",
            r"happened during read: unexpected EOF",
            r"reading blob sha256:[^\n]{1,300}unexpected EOF",
            r"failed to read expected number of bytes: unexpected EOF",
        ),
        "The registry promises a layer of the image and does not give it: a garbage collection took"
        " it away while the registry ran, which still believes that it has it. Or the connection"
        " was cut in the middle.",
        (
            (
                "pull again; where it stays so, restart the registry on the server ({restart}) and"
                " push the image again"
            ),
            "stop the registry for a garbage collection the next time, as its manual asks",
        ),
        ("behind",),
        bare=(r"^unexpected EOF$",),
    ),
    Cause(
        "no-such-image",
        (
            r"manifest unknown|MANIFEST_UNKNOWN",
            r"manifest for \S+ not found",
            # after which containerd asks the same host without its CA, and ends with that
            r"trying next host - response was http\.StatusNotFound",
            r"repository name not known to registry|NAME_UNKNOWN",
            r"failed to resolve reference \"[^\"\n]+\": \S+: not found",
        ),
        "The registry is reached and trusted; it has no image {image}.",
        (
            "see what is there: curl -u NAME https://{place}/v2/_catalog (asks for the password)",
            "a tag that is not said means latest",
            (
                "if it was pushed just now, after a garbage collection: restart the registry on the"
                " server ({restart}), which forgets what is no longer there, and push again"
            ),
        ),
        ("answer",),
    ),
    Cause(
        "bad-reference",
        (r"invalid reference format", r"repository name must be lowercase"),
        "The image's name is none: capitals, blanks, or https:// in it; an IPv6 address in brackets"
        " is one only for newer Dockers than 20.10.",
        ("write it as REGISTRY/name:tag, in lower case up to the colon, without https://",),
        (),
    ),
)
