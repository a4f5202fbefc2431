"""What programs print when something is wrong with a registry, each with the cause it has.

Collected from Docker 20.10, moby of 2026, podman 4.3, skopeo 1.9, containerd 1.6, curl 7.88, Python
3.11, wget and browsers; H and P stand for the registry's name and port.
"""

# ruff: noqa: E501, RUF001  (as long as the programs print them, and in their quotes)
from __future__ import annotations

import re

H, P = "docker.benet.com", "8443"
AT = f"{H}:{P}"
HTML = (
    r'invalid character \'<\' looking for beginning of value: "<html>\r\n<head><title>{0}</title>'
)
SKOPEO = 'time="2026-11-23T21:31:18Z" level=fatal msg='

# How each program begins, before the end that Go's own words are.
GO = {
    "Docker 20.10, pull": 'Error response from daemon: Get "https://H:P/v2/": ',
    "Docker 20.10, push": 'The push refers to repository [H:P/tiny]\nGet "https://H:P/v2/": ',
    "new Docker, pull": 'Error response from daemon: failed to resolve reference "H:P/tiny:1":'
    ' failed to do request: Head "https://H:P/v2/tiny/manifests/1": ',
    "new Docker, push": "failed to do request: Head"
    ' "https://H:P/v2/tiny/blobs/sha256:' + "ab" * 32 + '": ',
    "podman": "Error: initializing source docker://H:P/tiny:1: pinging container registry H:P:"
    ' Get "https://H:P/v2/": ',
    "skopeo": SKOPEO + '"Error parsing image name \\"docker://H:P/tiny:1\\": pinging container'
    ' registry H:P: Get \\"https://H:P/v2/\\": ',
    "containerd": 'ctr: failed to resolve reference "H:P/tiny:1": failed to do request: Head'
    ' "https://H:P/v2/tiny/manifests/1": ',
}
X509 = ("x509: ", "tls: failed to verify certificate: x509: ")
_BECAUSE = ' (possibly because of "{}" while trying to verify candidate authority certificate "{}")'
CERTIFICATES = {
    "ca-unknown": ("certificate signed by unknown authority",),
    "ca-outdated": (
        "certificate signed by unknown authority"
        + _BECAUSE.format("x509: ECDSA verification failure", "Benet CA"),
        "certificate signed by unknown authority"
        + _BECAUSE.format("crypto/rsa: verification error", "Benet CA"),
    ),
    "not-a-ca": (
        "certificate signed by unknown authority"
        + _BECAUSE.format(
            "x509: invalid signature: parent certificate cannot sign this kind of certificate", H
        ),
    ),
    "expired": (
        (
            "certificate has expired or is not yet valid: current time 2026-11-23T21:31:18Z is after"
            " 2026-11-22T21:23:24Z"
        ),
        "certificate has expired or is not yet valid",
    ),
    "not-yet-valid": (
        (
            "certificate has expired or is not yet valid: current time 2026-11-20T21:31:18+01:00 is"
            " before 2026-11-22T21:23:24Z"
        ),
    ),
    "wrong-name": ("certificate is valid for a.example, b.example, not H",),
    "no-san": (
        "certificate relies on legacy Common Name field, use SANs instead",
        "certificate is not valid for any names, but wanted to match H",
    ),
    "address-not-named": (
        "cannot validate certificate for 192.0.2.10 because it doesn't contain any IP SANs",
    ),
    "name-constraint": (
        (
            "a root or intermediate certificate is not authorized to sign for this name: DNS name"
            ' "other.example" is not permitted by any constraint'
        ),
        (
            "a root or intermediate certificate is not authorized to sign for this name: IP address"
            ' "198.51.100.7" is excluded by constraint "0.0.0.0/0"'
        ),
    ),
    "not-for-servers": ("certificate specifies an incompatible key usage",),
}
TAILS = {
    "plain-http": ("http: server gave HTTP response to HTTPS client",),
    "old-tls": ("remote error: tls: protocol version not supported",),
    "sni-refused": ("remote error: tls: unrecognized name",),
    "refused": ("dial tcp 192.0.2.10:P: connect: connection refused",),
    "no-route": (
        "dial tcp 192.0.2.10:P: connect: no route to host",
        "dial tcp 192.0.2.10:P: connect: network is unreachable",
    ),
    "timeout": (
        "dial tcp 192.0.2.10:P: i/o timeout",
        (
            "net/http: request canceled while waiting for connection (Client.Timeout exceeded while"
            " awaiting headers)"
        ),
        "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        "net/http: TLS handshake timeout",
    ),
    "no-such-name": (
        "dial tcp: lookup H on 192.0.2.53:53: no such host",
        "dial tcp: lookup H: no such host",
    ),
    "dns-down": (
        (
            "dial tcp: lookup H on 192.0.2.53:53: read udp 192.0.2.10:34567->192.0.2.53:53: read:"
            " connection refused"
        ),
        "dial tcp: lookup H on 192.0.2.53:53: server misbehaving",
        (
            "dial tcp: lookup H on 192.0.2.53:53: read udp 192.0.2.10:34567->192.0.2.53:53: i/o"
            " timeout"
        ),
        "dial tcp: lookup H: Temporary failure in name resolution",
    ),
    "proxy-between": ("proxyconnect tcp: dial tcp 192.0.2.80:3128: connect: connection refused",),
    "cut-off": ("EOF", "read tcp 192.0.2.11:34567->192.0.2.10:P: read: connection reset by peer"),
}
_PY = "urllib.error.URLError: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {} (_ssl.c:992)>"
_REQUESTS = (
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='H', port=P): Max retries"
    " exceeded with url: /v2/ (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection"
    " object at 0x7f>: Failed to establish a new connection: {}'))"
)
_DNEW_PUSH = (
    'unknown: failed commit on ref "layer-sha256:ab": unexpected status from PUT request to'
)
_PUSH = "The push refers to repository [H:P/new]\n7a70d3fc2b03: Preparing\n"
_PODMAN_PUSH = (
    f"Getting image source signatures\nCopying blob sha256:{'7a' * 32}\nError: writing blob: "
)
_PAGE = (
    "<html>\n<head><title>{0}</title></head>\n<body>\n<center><h1>{0}</h1></center>\n"
    "<hr><center>nginx/1.22.1</center>\n</body>\n</html>"
)
_NOWHERE = "registry.internal on [::1]:53: read udp [::1]:51932->[::1]:53: read: connection refused"
_LIMIT = (
    "You have reached your pull rate limit. You may increase the limit by authenticating and"
    " upgrading: https://www.docker.com/increase-rate-limit"
)
# containerd goes on to the same host without its CA, and says so, before it tells what was wrong.
_TRYING = (
    'time="2026-11-27T02:19:11Z" level=info msg="trying next host" error="failed to do request: Head'
    ' \\"https://H:P/v2/tiny/manifests/1\\": x509: certificate signed by unknown authority" host="H:P"\n'
)
OTHERS: dict[str, tuple[str, ...]] = {
    "ca-unknown": (
        "curl: (60) SSL certificate problem: unable to get local issuer certificate",
        (
            "curl: (60) SSL certificate problem: unable to get local issuer certificate\n"
            "More details here: https://curl.se/docs/sslcerts.html\n\n"
            "curl failed to verify the legitimacy of the server and therefore could not\n"
            "establish a secure connection to it. To learn more about this situation and\n"
            "how to fix it, please visit the web page mentioned above."
        ),
        "curl: (60) SSL certificate problem: self-signed certificate in certificate chain",
        "curl: (60) SSL certificate problem: self signed certificate",
        _PY.format("unable to get local issuer certificate"),
        _PY.format("self-signed certificate in certificate chain"),
        (
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed:"
            " unable to get local issuer certificate (_ssl.c:992)"
        ),
        "Your connection is not private\nNET::ERR_CERT_AUTHORITY_INVALID",
        "Error code: SEC_ERROR_UNKNOWN_ISSUER",
        (
            "ERROR: The certificate of ‘H’ is not trusted.\n"
            "ERROR: The certificate of ‘H’ doesn't have a known issuer."
        ),
        (
            "ERROR: cannot verify H's certificate, issued by ‘CN=CA’:\n"
            "  Unable to locally verify the issuer's authority."
        ),
        "Error: Get https://H:P/v1/_ping: x509: certificate signed by unknown authority",
        "verify error:num=20:unable to get local issuer certificate",
    ),
    "expired": (
        "curl: (60) SSL certificate problem: certificate has expired",
        _PY.format("certificate has expired"),
        "NET::ERR_CERT_DATE_INVALID",
        "SEC_ERROR_EXPIRED_CERTIFICATE",
        "ERROR: The certificate of ‘H’ is not trusted.\nERROR: The certificate of ‘H’ has expired.",
        "  Issued certificate has expired.",
    ),
    "not-yet-valid": (
        "curl: (60) SSL certificate problem: certificate is not yet valid",
        _PY.format("certificate is not yet valid"),
        "MOZILLA_PKIX_ERROR_NOT_YET_VALID_CERTIFICATE",
    ),
    "wrong-name": (
        "curl: (60) SSL: no alternative certificate subject name matches target host name 'H'",
        "curl: (60) SSL: certificate subject name 'a.example' does not match target host name 'H'",
        _PY.format("Hostname mismatch, certificate is not valid for 'H'."),
        "NET::ERR_CERT_COMMON_NAME_INVALID",
        "SSL_ERROR_BAD_CERT_DOMAIN",
    ),
    "address-not-named": (
        (
            "curl: (60) SSL: no alternative certificate subject name matches target host name"
            " '192.0.2.10'"
        ),
        (
            "curl: (60) SSL: certificate subject name 'a.example' does not match target host name"
            " '192.0.2.10'"
        ),
        _PY.format("IP address mismatch, certificate is not valid for '192.0.2.10'."),
    ),
    "name-constraint": (
        "curl: (60) SSL certificate problem: permitted subtree violation",
        _PY.format("permitted subtree violation"),
        _PY.format("excluded subtree violation"),
    ),
    "not-for-servers": (
        "curl: (60) SSL certificate problem: unsuitable certificate purpose",
        _PY.format("unsuitable certificate purpose"),
    ),
    "not-strict": (
        _PY.format("Missing Authority Key Identifier"),
        _PY.format("CA cert does not include key usage extension"),
    ),
    "plain-http": (
        "curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number",
        "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)",
        "Error code: SSL_ERROR_RX_RECORD_TOO_LONG",
    ),
    "weak": (_PY.format("EE certificate key too weak"), _PY.format("CA certificate key too weak")),
    "not-a-ca": (_PY.format("invalid CA certificate"),),
    "clock-behind": (
        (
            "E: Release file for http://deb.mirror.lan/debian/dists/bookworm/InRelease is not valid"
            " yet (invalid for another 3d 2h 1min 5s). Updates for this repository will not be applied."
        ),
    ),
    "https-wanted": (
        (
            "<center><h1>400 Bad Request</h1></center>\n"
            "<center>The plain HTTP request was sent to HTTPS port</center>"
        ),
        "Client sent an HTTP request to an HTTPS server.",
    ),
    "old-tls": (
        (
            "curl: (35) OpenSSL/3.0.19: error:0A0001A6:SSL routines::legacy sigalg disallowed or"
            " unsupported"
        ),
        "curl: (35) error:0A00042E:SSL routines::tlsv1 alert protocol version",
        "ssl.SSLError: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version",
        "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
    ),
    "sni-refused": ("curl: (35) error:0A000458:SSL routines::tlsv1 unrecognized name",),
    "refused": (
        "curl: (7) Failed to connect to H port P after 0 ms: Couldn't connect to server",
        "curl: (7) Failed to connect to H port P: Connection refused",
        "curl: (7) Failed to connect to H port P after 0 ms: Could not connect to server",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        _REQUESTS.format("[Errno 111] Connection refused"),
        "Connecting to H (H)|192.0.2.10|:P... failed: Connection refused.",
        "This site can't be reached\nERR_CONNECTION_REFUSED",
    ),
    "no-route": (
        "OSError: [Errno 113] No route to host",
        "curl: (7) Failed to connect to H port P after 3051 ms: No route to host",
    ),
    "timeout": (
        "curl: (28) Failed to connect to H port P after 130324 ms: Connection timed out",
        "curl: (28) Connection timed out after 5001 milliseconds",
        "TimeoutError: [Errno 110] Connection timed out",
        "The read operation timed out",
        "_ssl.c:989: The handshake operation timed out",
        "urllib.error.URLError: <urlopen error _ssl.c:989: The handshake operation timed out>",
        "ERR_CONNECTION_TIMED_OUT",
    ),
    "no-such-name": (
        "curl: (6) Could not resolve host: H",
        "socket.gaierror: [Errno -2] Name or service not known",
        "wget: unable to resolve host address ‘H’",
        "DNS_PROBE_FINISHED_NXDOMAIN",
        "ERR_NAME_NOT_RESOLVED",
    ),
    "dns-down": ("socket.gaierror: [Errno -3] Temporary failure in name resolution",),
    "cut-off": (
        "curl: (35) Recv failure: Connection reset by peer",
        "urllib.error.URLError: <urlopen error [Errno 104] Connection reset by peer>",
        "urllib.error.URLError: <urlopen error EOF occurred in violation of protocol (_ssl.c:2427)>",
        "Remote end closed connection without response",
        "curl: (52) Empty reply from server",
        "curl: (56) Recv failure: Connection reset by peer",
    ),
    "too-large": (
        f"error parsing HTTP 413 response body: {HTML.format('413 Request Entity Too Large')}",
        (
            "unknown: failed to copy: unexpected status from PUT request to"
            " https://H:P/v2/tiny/blobs/uploads/ab?_state=x: 413 Request Entity Too Large"
        ),
        SKOPEO + '"writing blob: uploading layer chunked: StatusCode: 413, <html>"',
        "curl: (22) The requested URL returned error: 413",
        f"{_PUSH}unknown: {_PAGE.format('413 Request Entity Too Large')}",
        f"{_PODMAN_PUSH}uploading layer chunked: StatusCode: 413, <html>\n<head><title>413 Request Entity Too Large<...",
    ),
    "no-proto": (
        "error parsing HTTP 400 response body: "
        + HTML.format("400 The plain HTTP request was sent to HTTPS port"),
        f"{_DNEW_PUSH} http://H:P/v2/tiny/blobs/uploads/ab: 400 Bad Request",
        f"{_PUSH}unknown: {_PAGE.format('400 The plain HTTP request was sent to HTTPS port')}",
        f"{_PODMAN_PUSH}uploading layer chunked: StatusCode: 400, <html>\n<head><title>400 The plain HTTP request wa...",
    ),
    "port-lost": (
        (
            "The push refers to repository [H:P/tiny]\n"
            'Patch "https://H/v2/tiny/blobs/uploads/ab-cd?_state=x": dial tcp 192.0.2.10:443: connect:'
            " connection refused"
        ),
        f"{_PUSH}dial tcp 192.0.2.10:443: connect: connection refused",
        (
            f'{_PODMAN_PUSH}Patch "https://H/v2/new/blobs/uploads/ab-cd?_state=x%3D": dial tcp'
            " 192.0.2.10:443: connect: connection refused"
        ),
    ),
    "sent-elsewhere": (
        f"{_PUSH}dial tcp: lookup {_NOWHERE}",
        f'{_PODMAN_PUSH}Patch "https://registry.internal:9443/v2/new/blobs/uploads/ab-cd?_state=x": dial tcp: lookup {_NOWHERE}',
        (
            "Error: initializing source docker://H:P/tiny:1: pinging container registry H:P: Get"
            f' "https://registry.internal:9443/v2/": dial tcp: lookup {_NOWHERE}'
        ),
        (
            'ctr: failed to resolve reference "H:P/tiny:1": failed to do request: Head'
            f' "https://registry.internal:9443/v2/tiny/manifests/1": dial tcp: lookup {_NOWHERE}'
        ),
    ),
    "storage": (
        f"{_PUSH}received unexpected HTTP status: 500 Internal Server Error",
        (
            f"{_PODMAN_PUSH}initiating layer upload to /v2/new/blobs/uploads/ in H:P: received"
            " unexpected HTTP status: 500 Internal Server Error"
        ),
    ),
    "rate-limit": (
        f"Error response from daemon: toomanyrequests: {_LIMIT}",
        SKOPEO + '"Error parsing image name \\"docker://H:P/tiny:1\\": pinging container registry'
        ' H:P: too many requests to registry"',
        SKOPEO + '"Error parsing image name \\"docker://H:P/tiny:1\\": pinging container registry'
        f' H:P: toomanyrequests: {_LIMIT}"',
        f'{_TRYING}ctr: failed to resolve reference "H:P/tiny:1": pulling from host H:P failed with status code [manifests 1]: 429 Too Many Requests',
        "curl: (22) The requested URL returned error: 429",
        "urllib.error.HTTPError: HTTP Error 429: Too Many Requests",
    ),
    "upstream-down": (
        "Error response from daemon: received unexpected HTTP status: 502 Bad Gateway",
        "unexpected status from HEAD request to https://H:P/v2/tiny/manifests/1: 502 Bad Gateway",
        "login attempt to https://H:P/v2/ failed with status: 502 Bad Gateway",
        "invalid status code from registry 502 (Bad Gateway)",
        f'{_TRYING}ctr: failed to resolve reference "H:P/tiny:1": pulling from host H:P failed with status code [manifests 1]: 502 Bad Gateway',
        "curl: (22) The requested URL returned error: 502",
        "urllib.error.HTTPError: HTTP Error 502: Bad Gateway",
    ),
    "not-logged-in": (
        "no basic auth credentials",
        (
            "Error response from daemon: pull access denied, repository does not exist or may require"
            " authorization: authorization failed: no basic auth credentials"
        ),
        (
            "Error: initializing source docker://H:P/tiny:1: reading manifest 1 in H:P/tiny:"
            " unauthorized: authentication required"
        ),
        (
            'ctr: failed to resolve reference "H:P/tiny:1": pulling from host H:P failed with status'
            " code [manifests 1]: 401 Unauthorized"
        ),
        f'{_TRYING}ctr: failed to resolve reference "H:P/tiny:1": pulling from host H:P failed with status code [manifests 1]: 401 Unauthorized',
        "curl: (22) The requested URL returned error: 401",
        "urllib.error.HTTPError: HTTP Error 401: Unauthorized",
        SKOPEO + '"Error parsing image name \\"docker://H:P/tiny:1\\": reading manifest 1 in'
        ' H:P/tiny: authentication required"',
    ),
    "wrong-password": (
        (
            "Error response from daemon: login attempt to https://H:P/v2/ failed with status: 401"
            " Unauthorized"
        ),
        'Error: error logging into "H:P": invalid username/password',
    ),
    "client-certificate": (
        "error parsing HTTP 400 response body: "
        + HTML.format("400 No required SSL certificate was sent"),
        'Get "https://H:P/v2/": remote error: tls: certificate required',
    ),
    "ca-file": (
        "curl: (77) error setting certificate file: /root/ca.crt",
        'unable to load CA cert "/etc/docker/certs.d/H:P/ca.crt"',
        (
            'unable to read CA cert "/etc/containerd/certs.d/H:P/ca.crt": open'
            " /etc/containerd/certs.d/H:P/ca.crt: no such file or directory"
        ),
    ),
    "ca-as-client-certificate": (
        (
            "missing key ca.key for client certificate ca.cert. CA certificates must use the extension"
            " .crt"
        ),
        (
            "failed to load X509 key pair: tls: found a certificate rather than a key in the PEM for"
            " the private key"
        ),
    ),
    "stray-key": (
        "missing client certificate server.cert for key server.key",
        "Missing client certificate server.cert for key server.key",
    ),
    "public-roots": (
        (
            'Error response from daemon: Get "https://registry-1.docker.io/v2/": x509: certificate'
            " signed by unknown authority"
        ),
        (
            'failed to resolve reference "docker.io/library/alpine:latest": failed to do request: Head'
            ' "https://registry-1.docker.io/v2/library/alpine/manifests/latest": tls: failed to verify'
            " certificate: x509: certificate signed by unknown authority"
        ),
    ),
    "hub-instead": (
        (
            'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup'
            " registry-1.docker.io on 192.0.2.53:53: no such host"
        ),
        (
            "The push refers to repository [docker.io/library/tiny]\n"
            "denied: requested access to the resource is denied"
        ),
    ),
    "pull-only": (
        (
            "The push refers to repository [H:P/tiny]\n"
            "denied: this user may pull only; on the server, registry-wizard users add NAME --role"
            " push changes that"
        ),
        (
            "Error: writing blob: initiating layer upload to /v2/tiny/blobs/uploads/ in H:P:"
            " denied: this user may pull only; on the server, registry-wizard users add NAME"
            " --role push changes that"
        ),
    ),
    "push-from-elsewhere": (
        (
            "The push refers to repository [H:P/tiny]\n"
            "denied: pushes are not taken from 10.0.0.7; on the server, push_from in the answers"
            " says from where they are"
        ),
    ),
    "forbidden": (
        f"error parsing HTTP 403 response body: {HTML.format('403 Forbidden')}",
        "unexpected status from POST request to https://H:P/v2/tiny/blobs/uploads/: 403 Forbidden",
        "pinging container registry H:P: invalid status code from registry 403 (Forbidden)",
        "curl: (22) The requested URL returned error: 403",
        (
            "The push refers to repository [H:P/tiny]\n"
            "denied: requested access to the resource is denied"
        ),
    ),
    "upstream-selinux": (
        (
            "2026/11/23 21:31:18 [crit] 12#12: *1 connect() to 127.0.0.1:5000 failed (13: Permission"
            " denied) while connecting to upstream, client: 192.0.2.11, server: H"
        ),
    ),
    "upstream-refused": (
        (
            "2026/11/23 21:31:18 [error] 12#12: *1 connect() failed (111: Connection refused) while"
            " connecting to upstream, client: 192.0.2.11, server: H"
        ),
    ),
    "disk-full": (
        "failed to register layer: write /var/lib/docker/tmp/x: no space left on device",
    ),
    "docker-down": (
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon"
            " running?"
        ),
    ),
    "docker-not-allowed": (
        (
            "permission denied while trying to connect to the Docker daemon socket at"
            ' unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial'
            " unix /var/run/docker.sock: connect: permission denied"
        ),
    ),
    "daemon-flag-twice": (
        (
            "unable to configure the Docker daemon with file /etc/docker/daemon.json: the following"
            " directives are specified both as a flag and in the configuration file:"
            " insecure-registries"
        ),
    ),
    "daemon-json": (
        (
            "unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character"
            " '}' looking for beginning of object key string"
        ),
    ),
    "no-v1": ("Error response from daemon: Unexpected status code 404",),
    "no-delete": (
        "curl: (22) The requested URL returned error: 405",
        "DELETE https://H:P/v2/tiny/manifests/1: 405 Method Not Allowed",
        "UNSUPPORTED: The operation is unsupported.",
    ),
    "upload-lost": ("blob upload unknown",),
    "blob-gone": (
        "7a70d3fc2b03: Retrying in 1 second\nunexpected EOF",
        "2: Pulling from client\n7a70d3fc2b03: Pulling fs layer\nunknown blob",
        f"Error: reading blob sha256:{'7a' * 32}: Error fetching blob: invalid status code from registry 404 (Not Found)",
        SKOPEO + f'"reading blob sha256:{"7a" * 32}: fetching blob: blob unknown to registry"',
        f"ctr: failed to copy: httpReadSeeker: failed open: could not fetch content descriptor sha256:{'7a' * 32} (application/vnd.docker.image.rootfs.diff.tar.gzip) from remote: not found",
        "Error: writing blob: setting up to decompress blob: happened during read: unexpected EOF",
        SKOPEO
        + f'"reading blob sha256:{"7a" * 32}: (heuristic tuning data: total 0 @1192.725 ms, last retry'
        ' 0 @0.015 ms, last progress @ NaN ms): unexpected EOF"',
        "ctr: failed to read expected number of bytes: unexpected EOF",
    ),
    "no-such-image": (
        (
            'time="2026-11-27T02:34:57Z" level=info msg="trying next host - response was'
            f' http.StatusNotFound" host="H:P"\n{_TRYING}ctr: failed to resolve reference'
            ' "H:P/tiny:1": failed to do request: Head "https://H:P/v2/tiny/manifests/1": x509:'
            " certificate signed by unknown authority"
        ),
        (
            "Error response from daemon: manifest for H:P/tiny:2 not found: manifest unknown: manifest"
            " unknown"
        ),
        'failed to resolve reference "H:P/tiny:2": H:P/tiny:2: not found',
        "name unknown: repository name not known to registry",
    ),
    "bad-reference": ("docker: invalid reference format: repository name must be lowercase.",),
    "server-error": (
        SKOPEO + '"Error parsing image name \\"docker://H:P/tiny:1\\": pinging container registry'
        ' H:P: invalid status code from registry 500 (Internal Server Error)"',
        "received unexpected HTTP status: 500 Internal Server Error",
    ),
}
UNRELATED = (
    "",
    "hello",
    "sudo: nginx: command not found",
    "Segmentation fault (core dumped)",
    "bash: syntax error near unexpected token `('",
    "E: Unable to locate package docker-ce",
    "ssh: connect to host 192.0.2.10 port 22: Connection refused",
    'psql: error: connection to server at "db" (192.0.2.3), port 5432 failed: Connection refused',
    "permission denied",
    "Permission denied (publickey).",
    "mv: cannot stat 'x': No such file or directory",
    "==> Interactive authentication required.",
    "Traceback (most recent call last):\n  File \"x.py\", line 1\nKeyError: 'certificate'",
    "The quick brown fox jumps over 413 lazy dogs and 502 cats.",
    "Status: Downloaded newer image for docker.benet.com:8443/tiny:1",
    "Login Succeeded",
    "\x00\x01\x02",
    "npm ERR! code ELIFECYCLE",
    "bash: -c: line 1: unexpected EOF while looking for matching `\"'",
    "tar: Unexpected EOF in archive",
    "kex_exchange_identification: read: Connection reset by peer",
    "client_loop: send disconnect: Broken pipe",
    "ssh: connect to host 192.0.2.10 port 22: Connection timed out",
    "mount: /mnt: permission denied.",
    "touch: cannot touch '/srv/x': Read-only file system",
    "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (apt)",
    "nginx: [emerg] bind() to 0.0.0.0:443 failed (98: Address already in use)",
    "make: *** [Makefile:8: build] Error 500",
    "Your subscription is limited: too many requests in flight",
    "the command timed out after 5 s",
    "The push was refused by the branch's rules",
    "Patch applied; see https://example.com/blobs/uploads",
    "Your password has expired. Choose a new one.",
    # The same words about servers that are no registries.
    "fatal: unable to access 'https://github.com/a/b.git/': Could not resolve host: github.com",
    (
        "fatal: unable to access 'https://git.example/': server certificate verification failed."
        " CAfile: none CRLfile: none"
    ),
    (
        "npm ERR! code ECONNREFUSED\nnpm ERR! errno ECONNREFUSED\nnpm ERR! FetchError: request to"
        " https://npm.mirror.lan/x failed, reason: connect ECONNREFUSED 192.0.2.9:443"
    ),
    "npm error code ETIMEDOUT\nnpm error network request to https://npm.mirror.lan/x failed",
    (
        'go: example.com/m@v1.0.0: Get "https://go.mirror.lan/example.com/m/@v/v1.0.0.mod": dial tcp:'
        " lookup go.mirror.lan on 192.0.2.53:53: no such host"
    ),
    (
        "Unable to connect to the server: dial tcp: lookup api.example on 192.0.2.53:53: no such host"
    ),
    "Unable to connect to the server: x509: certificate signed by unknown authority",
    (
        "E1127 03:00:00.000000    1234 memcache.go:238] couldn't get current server API group list: Get"
        ' "https://192.0.2.4:6443/api?timeout=32s": dial tcp 192.0.2.4:6443: connect: connection refused\n'
        "The connection to the server 192.0.2.4:6443 was refused - did you specify the right host or port?"
    ),
    "ssh: connect to host 192.0.2.10 port 22: No route to host",
    "ssh: Could not resolve hostname web9: Name or service not known",
    "ping: web9: Name or service not known",
    (
        "WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after"
        " connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object"
        " at 0x7f>: Failed to establish a new connection: [Errno 111] Connection refused')':"
        " /simple/requests/"
    ),
    (
        "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='pip.mirror.lan',"
        " port=443): Max retries exceeded with url: /simple/requests/ (Caused by"
        " SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify"
        " failed: self-signed certificate in certificate chain (_ssl.c:992)')))"
    ),
    (
        "Could not fetch URL https://pip.mirror.lan/simple/pip/: There was a problem confirming the ssl"
        " certificate: certificate has expired - skipping"
    ),
    (
        'Error: looks like "https://charts.example/stable" is not a valid chart repository or cannot be'
        ' reached: Get "https://charts.example/stable/index.yaml": dial tcp 192.0.2.9:443: connect:'
        " connection refused"
    ),
    (
        'Error: INSTALLATION FAILED: Kubernetes cluster unreachable: Get "https://192.0.2.4:6443/version":'
        " x509: certificate has expired or is not yet valid"
    ),
    (
        "E: Failed to fetch http://deb.mirror.lan/debian/pool/n.deb  Could not connect to"
        " deb.mirror.lan:80 (192.0.2.9). - connect (111: Connection refused)"
    ),
    "E: Failed to fetch http://deb.mirror.lan/debian/pool/n.deb  Could not resolve 'deb.mirror.lan'",
    (
        "Err:1 http://deb.mirror.lan/debian bookworm InRelease\n"
        "  Temporary failure resolving 'deb.mirror.lan'\n"
        "W: Failed to fetch http://deb.mirror.lan/debian/dists/bookworm/InRelease  Temporary failure"
        " resolving 'deb.mirror.lan'"
    ),
    "  - Curl error (60): SSL peer certificate was not OK for https://mirrors.example/ [SSL certificate problem: certificate has expired]",
    (
        "ConnectionRefusedError: [Errno 111] Connection refused\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.example.com', port=443): Max"
        " retries exceeded with url: /v1/items (Caused by NewConnectionError('<urllib3.connection."
        "HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno 111] Connection"
        " refused'))"
    ),
    "timed out",
    "unexpected EOF",
    "403 Forbidden",
    "401 Unauthorized",
    "502 Bad Gateway",
    "500 Internal Server Error",
    "GET https://api.example.com/v1/items 403 Forbidden",
    '192.0.2.7 - - [27/Nov/2026:03:00:00 +0000] "GET /login HTTP/1.1" 401 12',
)


def filled(text: str) -> str:
    """Put the registry's name and port in."""
    return re.sub(r"\bP\b", P, re.sub(r"\bH\b", H, text))


def every() -> list[tuple[str, str]]:
    """Give each text with the id of its cause, in the words of each program."""
    go = [
        (cause, begin + x509 + tail)
        for begin in GO.values()
        for x509 in X509
        for cause, tails in CERTIFICATES.items()
        for tail in tails
    ]
    go += [
        (c, begin + tail) for begin in GO.values() for c, tails in TAILS.items() for tail in tails
    ]
    found = [*go, *((cause, text) for cause, texts in OTHERS.items() for text in texts)]
    return [(cause, filled(text)) for cause, text in found]
