"""Certificates that are not trusted, the more specific before the more general.

Go (Docker, podman, skopeo, containerd), curl with OpenSSL, Python, wget, browsers: the words were
seen from these programs, or stand in their source. Newer Go puts ``tls: failed to verify
certificate:`` before ``x509:``, so only what comes after it is matched.
"""

from __future__ import annotations

from wizard.failures.cause import ROOT, Cause

_UNKNOWN = r"certificate signed by unknown authority"
_TRUST = ("name", "registry", "places", "troubles", "store")

CAUSES = (
    Cause(
        "public-roots",
        (rf"docker\.io[^\n]*{_UNKNOWN}",),
        "This machine no longer trusts the CAs of the public names, Docker Hub's among them.",
        (
            (
                "make the system's store anew (Debian: update-ca-certificates; EL: update-ca-trust"
                " extract), then systemctl restart docker"
            ),
            "{again}: it repairs a bundle that hides the public CAs, and keeps a copy",
        ),
        ("roots", "environment"),
        ROOT,
    ),
    Cause(
        "not-a-ca",
        (
            rf"{_UNKNOWN} \(possibly[^\n]*parent certificate cannot sign this kind of certificate",
            r"certificate verify failed: invalid CA certificate|problem: invalid CA certificate",
        ),
        "What is trusted here for {at} is not a CA's certificate, so it can vouch for no other.",
        ("take the CA's own certificate, not the server's: {trust}",),
        _TRUST,
    ),
    Cause(
        "ca-outdated",
        (rf"{_UNKNOWN} \(possibly because of",),
        "This machine trusts an older CA{authority}: the certificate of {at} is signed by another"
        " one that bears the same name.",
        ("replace it by the CA of today: {trust}",),
        _TRUST,
    ),
    Cause(
        "ca-unknown",
        (
            _UNKNOWN,
            r"unable to get (?:local )?issuer certificate",
            r"unable to verify the first certificate",
            r"self[- ]signed certificate",
            r"UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN",
            r"ERR_CERT_AUTHORITY_INVALID|SEC_ERROR_UNKNOWN_ISSUER|MOZILLA_PKIX_ERROR_SELF_SIGNED",
            r"Unable to locally verify the issuer's authority|doesn't have a known issuer",
            r"server certificate verification failed",
            r"PKIX path building failed|The certificate issuer is unknown",
            r"x509: \S+ certificate is not trusted",
        ),
        "The certificate of {at} is signed by a CA that this machine does not trust.",
        (
            "{trust}",
            (
                "Docker, podman and skopeo need no restart for it; a change of the system's store"
                " is seen by Docker only after systemctl restart docker"
            ),
        ),
        (*_TRUST, "environment"),
    ),
    Cause(
        "not-yet-valid",
        (
            r"certificate has expired or is not yet valid: current time \S+ is before",
            r"certificate is not yet valid|certificate not yet valid|is not yet activated",
            r"NOT_YET_VALID_CERTIFICATE",
        ),
        "The certificate of {at} is not valid yet at the moment that this machine's clock shows:"
        " a clock is wrong.",
        ("set the clock: timedatectl set-ntp true",),
        ("times", "clock", "certificate"),
    ),
    Cause(
        "clock-behind",
        (r"Release file for \S{1,500} is not valid yet",),
        "This machine's clock is behind: the lists of its packages seem to come from the future.",
        ("set the clock: timedatectl set-ntp true",),
        ("clock",),
        ROOT,
    ),
    Cause(
        "expired",
        (
            r"ERR_CERT_DATE_INVALID|SEC_ERROR_EXPIRED|SSL_ERROR_EXPIRED_CERT",
            r"[Cc]ertificate (?:of \S{1,255} )?has expired",
        ),
        "The certificate of {at}, or the CA above it, has run out.",
        ("a new one on the server: {renew}",),
        ("times", "certificate", "clock"),
    ),
    Cause(
        "no-san",
        (
            r"certificate relies on legacy Common Name field",
            r"certificate is not valid for any names",
        ),
        "The certificate of {at} has its name only where nobody looks any more (CN), and none among"
        " its alternative names (SAN).",
        (
            "issue it again with the name as SAN; the wizard on the server does so: {on_server}",
            "curl and Python take such a certificate, so their silence proves nothing",
        ),
        ("certificate",),
    ),
    Cause(
        "address-not-named",
        (
            r"because it doesn't contain any IP SANs",
            r"IP address mismatch, certificate is not valid for",
            (
                r"certificate subject name .{0,300}does not match target"
                r" (?:host name|ipv4 address|ipv6 address) '[\d.:]{2,45}'"
            ),
            (
                r"no alternative certificate subject name matches target"
                r" (?:host name|ipv4 address|ipv6 address) '[\d.:]{2,45}'"
            ),
        ),
        "The certificate of {at} does not hold this address.",
        (
            "use the registry's name instead of its address",
            (
                "or have the certificate hold it: put it into certificate.alt_names on the server,"
                " then {on_server}; an address must be in it as an address, not as a name"
            ),
        ),
        ("certificate",),
    ),
    Cause(
        "wrong-name",
        (
            r"certificate is valid for [^\n\"]{1,2000}, not ",
            r"no alternative certificate subject name matches target",
            r"certificate subject name .{0,300}does not match target",
            r"Hostname mismatch, certificate is not valid for",
            r"hostname \S+ doesn't match",
            r"ERR_CERT_COMMON_NAME_INVALID|SSL_ERROR_BAD_CERT_DOMAIN",
            r"certificate (?:common|subject alternative) name .{0,300}(?:doesn.t|no) match",
            r"certificate's owner does not match host ?name",
        ),
        "The certificate that {name} shows is for other names{names}.",
        (
            "use one of the names that the certificate holds",
            (
                "or have it hold this one: put it into certificate.alt_names on the server, then"
                " {on_server}"
            ),
        ),
        ("name", "certificate"),
    ),
    Cause(
        "name-constraint",
        (
            r"is not authorized to sign for this name",
            r"(?:permitted|excluded) subtree violation",
            r"chain violates the signer's constraints",
        ),
        "The CA may sign only for the names it was made for, and {refused} is none of them.",
        (
            "drop that name from certificate.alt_names on the server, then {on_server}",
            "or make a new CA whose authority.permitted covers it, for every client",
        ),
        ("certificate",),
    ),
    Cause(
        "not-for-servers",
        (
            r"certificate specifies an incompatible key usage",
            r"uns(?:uitable|upported) certificate purpose",
        ),
        "The certificate of {at} was not made for a server.",
        ("a server's certificate in its place: {on_server}",),
        ("certificate",),
    ),
    Cause(
        "weak",
        (r"(?:EE|CA) certificate key too weak|CA signature digest algorithm too weak",),
        "The certificate of {at} or its CA has a key or a signature too weak for this program.",
        ("issue both anew by the wizard on the server: {on_server}",),
        ("certificate",),
    ),
    Cause(
        "not-strict",
        (
            r"Missing (?:Authority|Subject) Key Identifier",
            r"CA cert does not include key usage extension",
            r"Basic Constraints of CA cert not marked critical",
            r"Key usage keyCertSign invalid for non-CA cert",
        ),
        "The certificate or its CA lacks what strict programs ask for (Python 3.13, X.509 strict).",
        ("issue both anew by the wizard on the server, whose certificates have it: {on_server}",),
        ("certificate",),
    ),
)
