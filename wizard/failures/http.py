"""Failures that nginx and the registry themselves tell: statuses, logins, images, disks."""

from __future__ import annotations

from wizard.failures.cause import ROOT, SYMPTOM, Cause

CAUSES = (
    Cause(
        "upstream-selinux",
        (r"\(13: Permission denied\) while connecting to upstream",),
        "SELinux keeps nginx from the registry behind it.",
        (
            (
                "{on_server}: it sets the one boolean that nginx needs (by hand: setsebool -P"
                " httpd_can_network_connect 1); SELinux stays on"
            ),
        ),
        ("behind",),
        ROOT,
    ),
    Cause(
        "upstream-refused",
        (
            r"\(111: (?i:connection refused)\) while connecting to upstream",
            r"no live upstreams while connecting to upstream",
        ),
        "nginx is up, and the registry behind it is not.",
        ("{on_server}: it starts the registry", "its log: journalctl -u docker-registry -n 50"),
        ("behind",),
        ROOT,
    ),
    Cause(
        "disk-full",
        (r"(?i:no space left on device)", r"(?i:disk quota exceeded)"),
        "A disk is full: this machine's own at a pull, the server's at a push.",
        (
            "df -h shows which; docker system prune takes away what Docker does not use here",
            "on the server registry-wizard status shows what is left for the images",
        ),
        ("space",),
        ROOT,
    ),
    Cause(
        "too-large",
        (
            r"413 Request Entity Too Large|413 Payload Too Large",
            r"error parsing HTTP 413 response body|StatusCode: 413|status code 413",
            r"HTTP/[\d.]+\"? 413\b|returned error: 413|HTTP Error 413",
        ),
        "The proxy before {at} refuses bodies of that size, and layers are large.",
        (
            (
                "in nginx: client_max_body_size 0; the site that the wizard writes has it:"
                " {on_server}. Every proxy on the way needs it"
            ),
        ),
        ("proxy",),
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
        "wrong-password",
        (
            r"login attempt to \S+ failed with status: 401",
            r"invalid username/password",
            r"(?i:incorrect username or password)",
        ),
        "{at} does not know this name with this password.",
        (
            "docker login {place} anew; the names are in registry-wizard status on the server",
            (
                "a new password: put password_file into the user's [[users]] on the server, then"
                " {on_server}; in an htpasswd file made by hand only bcrypt counts (htpasswd -B)"
            ),
        ),
        ("login", "answer"),
    ),
    Cause(
        "forbidden",
        (
            r"error parsing HTTP 403 response body|403:? Forbidden|StatusCode: 403",
            r"status code from registry 403|returned error: 403",
            r"denied: (?:requested access to the resource is denied|access forbidden)",
        ),
        "{at} knows who asks, and does not allow it: not for this user, or not from this address.",
        (
            (
                "log in as a user who may push, from a machine that may; the registries that the"
                " wizard sets up let in whoever is logged in, so ask who set this one up"
            ),
        ),
        ("login", "answer"),
    ),
    Cause(
        "no-delete",
        (r"405 Method Not Allowed", r"(?i:the operation is unsupported)"),
        "{at} does not allow deleting images.",
        ("answer registry.delete = true on the server, then {on_server}",),
        ("answer",),
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
        "no-such-image",
        (
            r"manifest unknown|MANIFEST_UNKNOWN",
            r"manifest for \S+ not found",
            r"repository name not known to registry|NAME_UNKNOWN",
            r"failed to resolve reference \"[^\"\n]+\": \S+: not found",
        ),
        "The registry is reached and trusted; it has no image {image}.",
        (
            "see what is there: curl -u NAME https://{place}/v2/_catalog (asks for the password)",
            "a tag that is not said means latest",
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
    Cause(
        "not-logged-in",
        (
            r"no basic auth credentials",
            r"unauthorized: authentication required",
            r"401 Unauthorized|HTTP/[\d.]+\"? 401\b|StatusCode: 401",
            r"reading manifest [^\n]{1,300}: authentication required",
            r"returned error: 401|HTTP Error 401|401 Authorization Required",
        ),
        "{at} is reached and trusted; it wants a login, and none was sent.",
        ("docker login {place} (podman, skopeo likewise); sudo has logins of its own",),
        ("login", "answer"),
        SYMPTOM,
    ),
    Cause(
        "upstream-down",
        (
            r"50[234] (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)",
            r"invalid status code from registry 50[234]|StatusCode: 50[234]",
            r"HTTP/[\d.]+\"? 50[234]\b|returned error: 50[234]|HTTP Error 50[234]",
        ),
        "nginx answers at {at}, and the registry behind it does not.",
        (
            "{on_server}: it starts the registry and looks whether it answers",
            "why: tail /var/log/nginx/error.log and journalctl -u docker-registry -n 50 there",
        ),
        ("answer", "behind"),
        SYMPTOM,
    ),
    Cause(
        "server-error",
        (
            r"500 Internal Server Error",
            r"HTTP/[\d.]+\"? 500\b|StatusCode: 500|[Ee]rror:? 500",
            r"status code from registry 500",
        ),
        "The registry failed inside: often a full disk, or a folder that it may not write.",
        ("its log on the server says it: journalctl -u docker-registry -n 50, and df -h",),
        ("answer", "behind", "space"),
        SYMPTOM,
    ),
)
