"""TLS that does not come about, or is taken for something else; and files of certs.d."""

from __future__ import annotations

from wizard.failures.cause import AFTERWARDS, Cause

CAUSES = (
    Cause(
        "no-proto",
        (
            r"error parsing HTTP 400 response body[^\n]*sent to HTTPS port",
            r"(?:uploading layer|writing blob)[^\0]{0,200}400 The plain HTTP request wa",
            rf"push refers to repository {AFTERWARDS}plain HTTP request was sent to HTTPS port",
            r"unexpected status from (?:PUT|PATCH|POST) request to http://",
            r"(?:Put|Patch|Post) \"?http://[^\s\"]+/blobs/uploads/",
        ),
        "The registry sends uploads on to http://: the proxy before it does not say that the client"
        " came by https. Pulls and logins work all the same.",
        (
            (
                "in nginx, beside proxy_pass: proxy_set_header X-Forwarded-Proto $scheme; the site"
                " that the wizard writes has it: {on_server}"
            ),
        ),
        ("proxy",),
    ),
    Cause(
        "https-wanted",
        (r"plain HTTP request was sent to HTTPS port", r"sent an HTTP request to an HTTPS server"),
        "{at} was asked over plain http, and speaks https there.",
        (
            (
                "write https:// in the address, and take {place} out of insecure-registries in"
                " /etc/docker/daemon.json, if it is there"
            ),
        ),
        ("registry",),
    ),
    Cause(
        "plain-http",
        (
            r"server gave HTTP response to HTTPS client",
            r"first record does not look like a TLS handshake",
            r"(?i:wrong[ _]version[ _]number)|packet length too long",
            r"SSL_ERROR_RX_RECORD_TOO_LONG",
        ),
        "What answers at {at} speaks plain HTTP, no TLS.",
        (
            (
                "is it the right port? A registry of the wizard's answers on its HTTPS port (443"
                " unless you chose another) and never on 5000 from outside"
            ),
            "else nginx listens there without ssl: {on_server}",
        ),
        ("name", "plain", "listeners"),
    ),
    Cause(
        "sni-refused",
        (r"(?i:unrecognized[ _]name)",),
        "The server refuses the name {name}: no site there bears it.",
        ("use the registry's own name, or put this one into certificate.alt_names: {on_server}",),
        ("name", "proxy"),
    ),
    Cause(
        "client-certificate",
        (
            r"No required SSL certificate was sent",
            r"tls: certificate required|alert certificate required",
            r"ERR_BAD_SSL_CLIENT_AUTH_CERT",
        ),
        "{at} wants a certificate of the client's own.",
        (
            (
                "put client.cert and client.key beside ca.crt in certs.d, or take"
                " ssl_verify_client out of nginx; the wizard's registries ask for a password, not"
                " for a certificate"
            ),
        ),
        ("places", "proxy"),
    ),
    Cause(
        "old-tls",
        (
            r"(?i:protocol version not supported|tlsv1[ _]alert[ _]protocol[ _]version)",
            r"legacy sigalg disallowed|server selected unsupported protocol version",
            r"(?i:unsupported[ _]protocol)(?! scheme)|SSL_ERROR_UNSUPPORTED_VERSION",
            r"ERR_SSL_VERSION_OR_CIPHER_MISMATCH|SSL_ERROR_NO_CYPHER_OVERLAP",
            r"tls: handshake failure|(?i:sslv3[ _]alert[ _]handshake[ _]failure)",
        ),
        "This program and {at} have no version of TLS, or no cipher, in common.",
        (
            (
                "in nginx: ssl_protocols TLSv1.2 TLSv1.3; the site that the wizard writes has it:"
                " {on_server}"
            ),
            "or the program here is older than TLS 1.2: update it",
        ),
        ("registry", "proxy"),
    ),
    Cause(
        "ca-as-client-certificate",
        (
            r"missing key \S+ for client certificate",
            r"found a certificate rather than a key in the PEM",
        ),
        "A file in certs.d ends in .cert, which Docker takes for a client's certificate; a CA's"
        " file ends in .crt.",
        ("rename it to ca.crt: {trust}",),
        ("places", "troubles"),
    ),
    Cause(
        "stray-key",
        (r"(?i:missing client certificate) \S+ for key",),
        "A private key lies in certs.d without its certificate, and Docker refuses the registry as"
        " long as it does.",
        ("take that .key file away from there; a client needs ca.crt alone",),
        ("places", "troubles"),
    ),
    Cause(
        "ca-file",
        (
            r"error setting certificate (?:file|verify locations)",
            r"unable to (?:load|read) CA cert",
            r"curl: \(77\)",
        ),
        "The file that should hold the CA{path} cannot be read, or holds no PEM certificate.",
        ("put the CA there in PEM: {trust}",),
        ("file", "places"),
    ),
)
