"""Failures that nginx and the registry tell by a status: logins, sizes, a registry that is down."""

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
        ("{on_server}: it starts the registry", "its log: {log}"),
        ("behind",),
        ROOT,
    ),
    Cause(
        "too-large",
        (
            r"error parsing HTTP 413 response body|StatusCode: 413|status code 413",
            r"returned error: 413|HTTP Error 413",
        ),
        "The proxy before {at} refuses bodies of that size, and layers are large.",
        (
            (
                "in nginx: client_max_body_size 0; the site that the wizard writes has it:"
                " {on_server}. Every proxy on the way needs it"
            ),
        ),
        ("proxy",),
        bare=(r"413 Request Entity Too Large|413 Payload Too Large|HTTP/[\d.]+\"? 413\b",),
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
                "a new password, on the server: registry-wizard users passwd NAME; in an htpasswd"
                " file that a registry reads itself only bcrypt counts (htpasswd -B)"
            ),
        ),
        ("login", "answer"),
    ),
    Cause(
        "pull-only",
        (r"this user may pull only",),
        "{at} knows who asks, who may pull but not push, mount or delete.",
        (
            "on the server: registry-wizard users add NAME --role push; users list shows who may",
            "or log in as a user who may push: docker login {place}",
        ),
        ("login", "answer"),
    ),
    Cause(
        "push-from-elsewhere",
        (r"pushes are not taken from \S+",),
        "{at} takes pushes from certain addresses only, and this machine has another.",
        (
            (
                "push from a machine that may; push_from under [access] in the server's answers"
                " says which those are: change it there, then {on_server}"
            ),
        ),
        ("answer",),
    ),
    Cause(
        "forbidden",
        (
            r"error parsing HTTP 403 response body|StatusCode: 403",
            r"status code from registry 403|returned error: 403",
            r"denied: (?:requested access to the resource is denied|access forbidden)",
        ),
        "{at} knows who asks, and does not allow it: not for this user, or not from this address.",
        (
            (
                "log in as a user who may push, from a machine that may; the registries that the"
                " wizard sets up say more than this, so ask who set this one up"
            ),
        ),
        ("login", "answer"),
        bare=(r"403:? Forbidden",),
    ),
    Cause(
        "not-logged-in",
        (
            r"no basic auth credentials",
            r"unauthorized: authentication required",
            r"a right user name and password are needed",
            r"StatusCode: 401",
            r"reading manifest [^\n]{1,300}: authentication required",
            r"returned error: 401|HTTP Error 401",
        ),
        "{at} is reached and trusted; it wants a login, and none was sent.",
        ("docker login {place} (podman, skopeo likewise); sudo has logins of its own",),
        ("login", "answer"),
        SYMPTOM,
        (r"401 (?:Unauthorized|Authorization Required)|HTTP/[\d.]+\"? 401\b",),
    ),
    Cause(
        "upstream-down",
        (
            r"invalid status code from registry 50[234]|StatusCode: 50[234]",
            r"returned error: 50[234]|HTTP Error 50[234]",
        ),
        "nginx answers at {at}, and the registry behind it does not.",
        (
            "{on_server}: it starts the registry and looks whether it answers",
            "why, there: nginx's error log says it (tail /var/log/nginx/error.log), and {log}",
        ),
        ("answer", "behind"),
        SYMPTOM,
        (
            r"50[234] (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)",
            r"HTTP/[\d.]+\"? 50[234]\b",
        ),
    ),
    Cause(
        "server-error",
        (
            r"StatusCode: 500|HTTP Error 500|returned error: 500",
            r"status code from registry 500",
        ),
        "The registry failed inside: often a full disk, or a folder that it may not write.",
        ("its log on the server says it: {log}, and df -h",),
        ("answer", "behind", "space"),
        SYMPTOM,
        (r"500 Internal Server Error|HTTP/[\d.]+\"? 500\b",),
    ),
)
