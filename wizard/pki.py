"""The private CA and the server certificate: kept while they are right, else minted in memory."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wizard.errors import WizardError

if TYPE_CHECKING:
    from collections.abc import Iterator

    SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

T = TypeVar("T")
CA_YEARS = 10
BACKDATED = dt.timedelta(hours=1)  # clients' clocks may be a little slow
COMMON_NAME_LIMIT = 64  # X.520 ub-common-name
# For DNS, IPv4 and IPv6 alike a CA either permits something or excludes all: a kind without an
# entry would be unrestricted (RFC 5280 4.2.1.10).
NO_DNS = "none.invalid"
EVERY_ADDRESS = {4: ip_network("0.0.0.0/0"), 6: ip_network("::/0")}


@dataclass(frozen=True)
class Wanted:
    """What the certificates should say."""

    names: tuple[str, ...]  # DNS names, the hostname first
    addresses: tuple[str, ...]
    common_name: str = ""
    days: int = 199
    ca_common_name: str = ""
    organization: str = ""
    permitted: tuple[str, ...] = ()  # what the CA may sign for besides these names and addresses

    @property
    def first(self) -> str:
        return (self.names or self.addresses)[0]


@dataclass(frozen=True)
class Authority:
    """A CA: PEM certificate (of a brought intermediate: its chain, issuer first) and PEM key."""

    certificate: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Pki:
    authority: Authority
    certificate: bytes  # what nginx serves: the leaf, then intermediates
    key: bytes = field(repr=False)

    @property
    def trust(self) -> bytes:
        """The one certificate that clients install: the root if we have it, else the issuer."""
        chain = x509.load_pem_x509_certificates(self.authority.certificate)
        roots = [each for each in chain if each.subject == each.issuer]
        return _pem((roots or chain)[0])


def mint_authority(wanted: Wanted, now: dt.datetime) -> Authority:
    """Make a CA that may sign for nothing but what is wanted; its name is unlike any other's."""
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    unique = f"{now:%Y-%m-%d} {identifier.digest.hex()[:8]}"
    fallback = f"{wanted.first[: COMMON_NAME_LIMIT - len(unique) - 4]} CA {unique}"
    subject = _name(wanted.ca_common_name or fallback, wanted.organization)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + dt.timedelta(days=365 * CA_YEARS + 3))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .add_extension(_constraints(wanted), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
    )
    return Authority(_pem(builder.sign(key, hashes.SHA256())), _private(key))


def issue(wanted: Wanted, authority: Authority, now: dt.datetime) -> Pki:
    """Make a fresh key and its certificate; raise WizardError where a client would refuse it.

    The certificate never outlives a CA above it: no client would notice, and all would break.
    """
    chain = x509.load_pem_x509_certificates(authority.certificate)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _leaf_subject(wanted)
    ends = min(now + dt.timedelta(days=wanted.days), *(each.not_valid_after_utc for each in chain))
    leaf = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(chain[0].subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - BACKDATED, chain[0].not_valid_before_utc))
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_alternative_names(wanted), critical=not list(subject))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_issuer_identifier(chain[0]), critical=False)
        .sign(_load_key(authority.key), _hash(chain[0]))
    )
    served = [leaf, *(each for each in chain if each.subject != each.issuer)]
    pki = Pki(authority, b"".join(map(_pem, served)), _private(key))
    _gate(pki, wanted, now)
    return pki


def keep_or_issue(
    wanted: Wanted, authority: Authority, found: tuple[bytes, bytes] | None, now: dt.datetime
) -> Pki:
    """Keep the found pair byte for byte while it is right, else issue a new one."""
    if found and not reason_to_issue(wanted, authority, found, now):
        return Pki(authority, *found)
    return issue(wanted, authority, now)


def reason_to_issue(
    wanted: Wanted, authority: Authority, found: tuple[bytes, bytes] | None, now: dt.datetime
) -> str:
    """Say why a new certificate is due, in a sentence; empty where the found one is right."""
    if found is None:
        return "there is none yet"
    try:
        leaf = x509.load_pem_x509_certificates(found[0])[0]
        key = _load_key(found[1])
        issuer = x509.load_pem_x509_certificates(authority.certificate)[0]
    except (ValueError, TypeError, IndexError):
        return "the one there cannot be read"
    return next(_reasons(wanted, leaf, key, issuer, now), "")


def _reasons(
    wanted: Wanted,
    leaf: x509.Certificate,
    key: SigningKey,
    issuer: x509.Certificate,
    now: dt.datetime,
) -> Iterator[str]:
    if key.public_key() != leaf.public_key():
        yield "its key is another one"
    if not _signed_by(leaf, issuer):
        yield "it is not signed by this CA"
    if set(_names_of(leaf)) != set(_alternative_names(wanted)):
        yield "the names or addresses changed"
    if leaf.subject != _leaf_subject(wanted):
        yield "its common name changed"
    life = leaf.not_valid_after_utc - leaf.not_valid_before_utc
    left = leaf.not_valid_after_utc - now
    if left < life / 3:
        yield f"only {left.days} of its {life.days} days are left"
    capped = leaf.not_valid_after_utc == issuer.not_valid_after_utc
    if abs(life - dt.timedelta(days=wanted.days)) > dt.timedelta(days=1) and not capped:
        yield f"it was made for {life.days} days, {wanted.days} are wanted"


def problems(wanted: Wanted, authority: Authority, now: dt.datetime) -> tuple[str, ...]:
    """Give every reason why this CA cannot be used, as sentences."""
    try:
        chain = x509.load_pem_x509_certificates(authority.certificate)
    except ValueError:
        return ("the CA certificate is no PEM certificate",)
    try:
        key = _load_key(authority.key)
    except TypeError:
        return (
            "the CA key is encrypted; decrypt it first: openssl pkey -in ca.key -out plain.key",
        )
    except ValueError:
        return ("the CA key is no PEM private key of a kind that all clients know (RSA or EC)",)
    return tuple(_defects(wanted, chain, key, now))


def _defects(
    wanted: Wanted, chain: list[x509.Certificate], key: SigningKey, now: dt.datetime
) -> Iterator[str]:
    issuer = chain[0]
    if key.public_key() != issuer.public_key():
        yield "the CA key does not belong to the CA certificate"
    if isinstance(key, rsa.RSAPrivateKey) and not 2048 <= key.key_size <= 8192:
        yield f"the CA's RSA key has {key.key_size} bits; clients accept 2048 to 8192"
    if not _extension(issuer, x509.BasicConstraints, "ca"):
        yield "the certificate is not a CA certificate (its CA bit is not set)"
    if not _extension(issuer, x509.KeyUsage, "key_cert_sign", missing=True):
        yield "the CA may not sign certificates (keyCertSign is missing)"
    for each in chain:
        if each.not_valid_after_utc <= now:
            yield f"the CA expired on {each.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        if each.not_valid_before_utc > now:
            yield f"the CA is valid only from {each.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on"
        yield from _uncovered(wanted, each)


def _uncovered(wanted: Wanted, authority: x509.Certificate) -> Iterator[str]:
    constraints = _constraints_of(authority)
    if constraints is None:
        return
    may = ", ".join(may_sign_for(authority)) or "nothing"
    for name in wanted.names:
        if not _name_allowed(name, constraints):
            yield f"the CA may not sign for {name}: it may sign for {may} only"
    for address in wanted.addresses:
        if not _address_allowed(address, constraints):
            yield f"the CA may not sign for {address}: it may sign for {may} only"


def may_sign_for(authority: x509.Certificate) -> tuple[str, ...]:
    """Give the permitted names and networks of a CA; empty where it is not constrained."""
    constraints = _constraints_of(authority)
    permitted = (constraints.permitted_subtrees or ()) if constraints else ()
    return tuple(str(each.value) for each in permitted if each.value != NO_DNS)


def describe(pem: bytes) -> str:
    """Give the decoded fields of the first certificate, a line each, for people."""
    certificate = x509.load_pem_x509_certificates(pem)[0]
    rows = {
        "subject": certificate.subject.rfc4514_string() or "(none)",
        "issuer": certificate.issuer.rfc4514_string(),
        "names": ", ".join(str(each.value) for each in _names_of(certificate)),
        "may sign for": ", ".join(may_sign_for(certificate)),
        "valid from": f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
        "valid until": f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
        "SHA-256": fingerprint(pem),
    }
    return "\n".join(f"{title + ':':14}{value}" for title, value in rows.items() if value)


def fingerprint(pem: bytes) -> str:
    """Give SHA-256 of the DER certificate, as ``openssl x509 -fingerprint -sha256`` shows it."""
    certificate = x509.load_pem_x509_certificates(pem)[0]
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def serial(pem: bytes) -> str:
    return f"{x509.load_pem_x509_certificates(pem)[0].serial_number:x}"


def days_left(pem: bytes, now: dt.datetime) -> int:
    return (x509.load_pem_x509_certificates(pem)[0].not_valid_after_utc - now).days


def _gate(pki: Pki, wanted: Wanted, now: dt.datetime) -> None:
    """Judge what was just made as a strict client would, before anybody gets it."""
    chain = x509.load_pem_x509_certificates(pki.certificate)
    store = x509.verification.Store(x509.load_pem_x509_certificates(pki.trust))
    subjects: list[x509.GeneralName] = [x509.DNSName(name) for name in wanted.names]
    subjects += [x509.IPAddress(ip_address(address)) for address in wanted.addresses]
    for subject in subjects:
        builder = x509.verification.PolicyBuilder().store(store).time(now)
        verifier = builder.build_server_verifier(subject)  # type: ignore[arg-type]
        try:
            verifier.verify(chain[0], chain[1:])
        except x509.verification.VerificationError as refusal:
            raise WizardError(
                f"A certificate of this CA would be refused for {subject.value}: {refusal}",
                "bring another CA, or answer neither certificate nor key to have one made",
            ) from refusal


def _constraints(wanted: Wanted) -> x509.NameConstraints:
    extra = [_network(each) for each in wanted.permitted]
    names = [*wanted.names, *(each for each in extra if isinstance(each, str))]
    networks = [ip_network(each) for each in wanted.addresses]
    networks += [each for each in extra if not isinstance(each, str)]
    permitted: list[x509.GeneralName] = [x509.DNSName(n) for n in _unique(names or [NO_DNS])]
    permitted += [x509.IPAddress(network) for network in _unique(networks)]
    closed = [
        x509.IPAddress(every)
        for version, every in EVERY_ADDRESS.items()
        if version not in {network.version for network in networks}
    ]
    return x509.NameConstraints(permitted, closed or None)


def _network(text: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Read a permitted network or address; anything else is a domain."""
    try:
        return ip_network(text)
    except ValueError:
        return text.removeprefix(".")


def _name_allowed(name: str, constraints: x509.NameConstraints) -> bool:
    def within(subtrees: list[x509.GeneralName] | None) -> bool | None:
        domains = [each.value for each in subtrees or () if isinstance(each, x509.DNSName)]
        return any(f".{name}".endswith(f".{domain.lstrip('.')}") for domain in domains) or (
            None if not domains else False
        )

    return within(constraints.permitted_subtrees) is not False and not within(
        constraints.excluded_subtrees
    )


def _address_allowed(address: str, constraints: x509.NameConstraints) -> bool:
    wanted = ip_address(address)

    def within(subtrees: list[x509.GeneralName] | None) -> bool | None:
        networks = [each.value for each in subtrees or () if isinstance(each, x509.IPAddress)]
        same = [network for network in networks if network.version == wanted.version]
        return any(wanted in network for network in same) if same else None  # type: ignore[operator]

    return within(constraints.permitted_subtrees) is not False and not within(
        constraints.excluded_subtrees
    )


def _leaf_subject(wanted: Wanted) -> x509.Name:
    """Give a CN only where there is a DNS name: OpenSSL and GnuTLS read a CN as a DNS name."""
    if not wanted.names:
        return x509.Name([])
    common_name = wanted.common_name or wanted.names[0]
    return _name(common_name if len(common_name) <= COMMON_NAME_LIMIT else "", "")


def _name(common_name: str, organization: str) -> x509.Name:
    fields = ((NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in fields if text])


def _alternative_names(wanted: Wanted) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in wanted.names]
    names += [x509.IPAddress(ip_address(address)) for address in wanted.addresses]
    return x509.SubjectAlternativeName(names)


def _names_of(certificate: x509.Certificate) -> list[x509.GeneralName]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return list(found.value)


def _constraints_of(certificate: x509.Certificate) -> x509.NameConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def _extension(
    certificate: x509.Certificate,
    kind: type[x509.BasicConstraints | x509.KeyUsage],
    name: str,
    *,
    missing: bool = False,
) -> bool:
    try:
        return bool(getattr(certificate.extensions.get_extension_for_class(kind).value, name))
    except x509.ExtensionNotFound:
        return missing


def _issuer_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    try:
        found = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(
            issuer.public_key()  # type: ignore[arg-type]
        )
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found.value)


def _signed_by(leaf: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _hash(issuer: x509.Certificate) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    key = issuer.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.key_size == 384:
            return hashes.SHA384()
        return hashes.SHA512() if key.key_size == 521 else hashes.SHA256()
    return hashes.SHA256()


def _load_key(pem: bytes) -> SigningKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise ValueError("neither RSA nor EC")  # noqa: TRY004  (callers treat it as unreadable)
    return key


def _private(key: SigningKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _unique(items: list[T]) -> list[T]:
    return list(dict.fromkeys(items))
