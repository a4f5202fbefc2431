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
        "storage",
        (
            r"filesystem: [^\n]{0,300}(?:read-only file system|permission denied)",
            r"push refers to repository [^\0]{0,60000}500 Internal Server Error",
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
            r"\b429:? \(?Too Many Requests|StatusCode: 429|returned error: 429|HTTP Error 429",
            r"HTTP/[\d.]+\"? 429\b",
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
        "blob-gone",
        (
            r"unknown blob|(?:blob|BLOB)[ _](?:unknown|UNKNOWN) to registry|MANIFEST_BLOB_UNKNOWN",
            r"blob unknown(?! to)",
            r"[Ff]etching blob: invalid status code from registry 404",
            r"could not fetch content descriptor sha256:[^\n]{1,200} from remote: not found",
            r"^unexpected EOF$|happened during read: unexpected EOF",
            r"reading blob sha256:[^\n]{1,300}unexpected EOF",
            r"failed to read expected number of bytes: unexpected EOF",
        ),
        "The registry promises a layer of the image and does not give it: a garbage collection took"
        " it away while the registry ran, which still believes that it has it. Or the connection"
        " was cut in the middle.",
        (
            (
                "pull again; where it stays so, restart the registry on the server (systemctl"
                " restart docker-registry) and push the image again"
            ),
            "stop the registry for a garbage collection the next time, as its manual asks",
        ),
        ("behind",),
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
                " server, which forgets what is no longer there, and push again"
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
            r"HTTP/[\d.]+\"? 500\b|StatusCode: 500|HTTP Error 500|returned error: 500",
            r"status code from registry 500",
        ),
        "The registry failed inside: often a full disk, or a folder that it may not write.",
        ("its log on the server says it: journalctl -u docker-registry -n 50, and df -h",),
        ("answer", "behind", "space"),
        SYMPTOM,
    ),
)
