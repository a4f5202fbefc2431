"""Every question once, as the dataclasses that hold the answers; read from TOML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wizard import names, passwords, paths, toml
from wizard.errors import BadAnswers, Problem
from wizard.names import Refused
from wizard.questions import (
    Limits,
    ask,
    read,
    section,
    sections,
    unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PUSH, PULL = "push", "pull"  # what a user may
SOURCES = ("password", "password_file", "password_hash", "password_env")
_LARGEST_FILE = 1 << 20


def _path_or_hidden(value: object) -> str:
    """A path, but nothing else: somebody may write the secret itself instead of its file."""
    is_path = isinstance(value, str) and value.startswith("/")
    return toml.shown(value) if is_path else toml.HIDDEN


@dataclass(frozen=True)
class Registry:
    hostname: str = ask(
        "",
        "Name",
        "The name clients use for the registry, with a dot in it, or an IP address. Empty: this"
        " machine's own full name. It goes into the certificate and into every image's name.",
        example="docker.benet.com",
        check=names.host,
    )
    ip: str = ask(
        "",
        "Address",
        "The address at which clients reach this machine. Empty: that of the default route.",
        example="192.168.1.107",
        check=names.address,
    )
    https_port: int = ask(
        443,
        "HTTPS port",
        "With 443 clients write the bare name; any other port is part of every image's name.",
        example=8443,
        limits=Limits(1, 65535, "that is what a TCP port can be"),
    )
    http_redirect: bool = ask(
        True,  # noqa: FBT003
        "Redirect port 80",
        "Answer http:// on port 80 with a redirect to https://, if port 80 is free."
        " For people with browsers; Docker does not need it.",
        example=False,
    )
    runtime: str = ask(
        "auto",
        "Runtime",
        "How the registry runs: package is the distribution's own docker-registry, container the"
        " image below on Docker Engine. auto stays with what is there; on a new machine it takes a"
        " container where an engine runs and the image can be had, and the plan says why.",
        example="container",
        choices=("auto", "container", "package"),
    )
    image: str = ask(
        "registry:3.1.1",
        "Image",
        "For a container: the image of the registry, by a tag that does not move.",
        example="registry:3.1.1",
        check=names.image,
    )
    image_archive: str = ask(
        "",
        "Image archive",
        "For a container without a way to the internet: the image as a file of docker save, or an"
        " OCI archive. What it is called is read from it.",
        example="/root/registry-3.1.1.tar",
        check=paths.absolute,
    )
    storage: str = ask(
        "/opt/data/registry",
        "Storage",
        "The folder that holds the images, on a disk with room to grow. It belongs to the"
        " registry's user; undo never removes images.",
        example="/opt/data/registry",
        check=paths.storage,
    )
    delete: bool = ask(
        True,  # noqa: FBT003
        "Deleting",
        "Allow images to be deleted through the registry's API.",
        example=False,
    )


@dataclass(frozen=True)
class Certificate:
    common_name: str = ask(
        "",
        "Common name",
        "The CN of the server certificate. Empty: the hostname. Clients look at the alternative"
        " names only; this is for people.",
        example="docker.benet.com",
        check=names.subject,
    )
    alt_names: tuple[str, ...] = ask(
        (),
        "Further names",
        "Further DNS names and IP addresses that clients may use. The hostname and the address"
        " are in the certificate anyway.",
        example=("registry.benet.com", "10.0.0.7"),
        check=names.host,
    )
    days: int = ask(
        199,
        "Days",
        "How long a server certificate is valid. Short is safe: running the wizard again renews"
        " it once a third of its life is left.",
        example=199,
        limits=Limits(1, 825, "Apple's systems refuse server certificates of more than 825 days"),
    )


@dataclass(frozen=True)
class Authority:
    common_name: str = ask(
        "",
        "CA name",
        "The name of the private CA. Empty: made from the hostname, unlike any other CA's.",
        example="Benet registry CA 2026",
        check=names.subject,
    )
    organization: str = ask(
        "",
        "Organization",
        "The organization in the CA's name. Empty: registry-wizard.",
        example="Benet",
        check=names.subject,
    )
    permitted: tuple[str, ...] = ask(
        (),
        "May sign for",
        "What the CA may sign for besides the registry's names and addresses: domains, addresses,"
        " networks. A stolen CA is worth nothing beyond these. A name outside them later needs a"
        " new CA and a visit to every client, so name your domain if you own one.",
        example=("benet.com", "192.168.1.0/24"),
        check=names.permitted,
    )
    certificate: str = ask(
        "",
        "Own CA certificate",
        "A CA (or intermediate) of your own, as a PEM file; both this and its key, or none.",
        example="/root/ca.crt",
        check=paths.file,
    )
    key: str = ask(
        "",
        "Own CA key",
        "The unencrypted PEM key of that CA. It is kept on this server, mode 0400, for renewals.",
        example="/root/ca.key",
        check=paths.file,
        show=_path_or_hidden,
    )


@dataclass(frozen=True)
class Proxy:
    install: str = ask(
        "package",
        "nginx",
        "Where nginx comes from: package is the distribution's, which it also keeps up to date;"
        " source builds the archive below.",
        example="source",
        choices=("package", "source"),
    )
    source_archive: str = ask(
        "",
        "Source archive",
        "For source: nginx's own archive, as nginx.org has it.",
        example="/root/nginx-1.30.0.tar.gz",
        check=paths.absolute,
    )
    source_sha256: str = ask(
        "",
        "SHA-256",
        "For source: what the archive's SHA-256 must be. Empty: it is not compared.",
        example="9f2c4b1d6e8a7f305c1b2d3e4f5a69788796a5b4c3d2e1f0a9b8c7d6e5f40312",
        check=names.sha256,
    )
    prefix: str = ask(
        "/opt/nginx",
        "Prefix",
        "For source: the folder that the built nginx has to itself.",
        example="/opt/nginx",
        check=paths.prefix,
    )


@dataclass(frozen=True)
class Access:
    anonymous_pull: bool = ask(
        False,  # noqa: FBT003
        "Pull without login",
        "Let anybody who reaches the registry pull, and see what is in it. Pushing takes a login"
        " all the same.",
        example=True,
    )
    push_from: tuple[str, ...] = ask(
        (),
        "Push from",
        "The addresses and networks from which users may push and delete. Empty: anywhere. The"
        " wizard's own checks push from this machine all the same.",
        example=("192.168.1.107", "10.20.0.0/16"),
        check=names.network,
    )


@dataclass(frozen=True)
class User:
    name: str = ask(
        "",
        "User name",
        "The name to log in with.",
        example="testuser",
        check=names.user,
        required=True,
    )
    role: str = ask(
        PUSH,
        "Role",
        "What the user may: push also means pull and delete, pull means nothing else.",
        example=PULL,
        choices=(PUSH, PULL),
    )
    password: str = ask(
        "",
        "Password",
        "The password itself, in the clear. Better one of the other three.",
        example="a long and random one",
        check=passwords.password,
        secret=True,
        filled=True,
    )
    password_file: str = ask(
        "",
        "Password file",
        "A file with the password in it; one line break at its end does not count.",
        example="/root/testuser.password",
        check=passwords.file,
        show=_path_or_hidden,
        filled=True,
    )
    password_hash: str = ask(
        "",
        "Password hash",
        "A bcrypt hash, as `htpasswd -nB NAME` prints it behind the colon.",
        example="$2y$10$zVI5IRzvxjpqKG8QUeaGveWXFJyF.9/iRR7aJgTZXC3OzTnCoM/lO",
        check=passwords.bcrypt_hash,
        secret=True,
        filled=True,
    )
    password_env: str = ask(
        "",
        "Password variable",
        "The name of an environment variable with the password in it.",
        example="TESTUSER_PASSWORD",
        check=passwords.variable,
        secret=True,
        filled=True,
    )


def _trusting(machine: str, there: str) -> tuple[str, ...]:
    """The question that a client is asked about, and that a client asks itself."""
    return ask(
        (),
        "What is to trust",
        f"What on {machine} is to trust the registry: {', '.join(names.RUNTIMES)}. Empty:"
        f" whatever is found {there}.",
        example=("docker", "system"),
        check=names.runtime,
    )


@dataclass(frozen=True)
class Client:
    host: str = ask(
        "",
        "Machine",
        "The machine as ssh is to be told: an address, a DNS name, or a name of ssh's own"
        " settings. The keys, agent and jump hosts of root on this machine are used.",
        example="192.168.1.108",
        check=names.ssh_host,
        required=True,
    )
    user: str = ask(
        "root",
        "User",
        "Who to log in as. Anybody but root must be able to use sudo there without a password.",
        example="ops",
        check=names.ssh_user,
    )
    port: int = ask(
        22,
        "SSH port",
        "With 22 ssh's own settings decide.",
        example=2222,
        limits=Limits(1, 65535, "that is what a TCP port can be"),
    )
    host_key: str = ask(
        "",
        "SSH host key",
        "The fingerprint of the machine's SSH host key. Empty: root on this machine must know the"
        " key already (known_hosts).",
        example="SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        check=names.host_key,
    )
    trust: tuple[str, ...] = _trusting("that machine", "there")


@dataclass(frozen=True)
class ClientSide:
    ca_certificate: str = ask(
        "",
        "CA certificate",
        "The registry's CA as a PEM file on this machine. Empty: it is fetched from the registry"
        " and compared with the fingerprint below.",
        example="/root/ca.crt",
        check=paths.absolute,
    )
    ca_fingerprint: str = ask(
        "",
        "CA fingerprint",
        "The SHA-256 of the CA's certificate, as `registry-wizard status` shows it on the server.",
        example="9f2c4b1d6e8a7f305c1b2d3e4f5a69788796a5b4c3d2e1f0a9b8c7d6e5f40312",
        check=names.fingerprint,
    )
    trust: tuple[str, ...] = _trusting("this machine", "here")


@dataclass(frozen=True)
class Answers:
    role: str = ask(
        "server",
        "Role",
        "What this machine is to be: the server of a registry, or a client that trusts one.",
        example="server",
        choices=("server", "client"),
    )
    registry: Registry = section(Registry, "The registry and where it is reached.")
    certificate: Certificate = section(Certificate, "The server certificate.")
    authority: Authority = section(Authority, "The private CA.", together=("certificate", "key"))
    proxy: Proxy = section(Proxy, "nginx in front of the registry.")
    access: Access = section(Access, "From where images come, and who need not log in.")
    users: tuple[User, ...] = sections(
        User,
        "Who may log in, a table each, with exactly one of password, password_file,"
        " password_hash, password_env. Without any, a user admin is made with a generated"
        " password.",
        one_of=SOURCES,
    )
    clients: tuple[Client, ...] = sections(
        Client, "Other machines that are to trust the registry, a table each, reached by SSH."
    )
    client: ClientSide = section(
        ClientSide, 'For role = "client": where this machine gets the registry\'s CA from.'
    )


def load(source: str, environ: Mapping[str, str]) -> Answers:
    """Read the answers from a file, or from standard input for ``-``. Raises BadAnswers."""
    name = "standard input" if source == "-" else source
    try:
        text = _content(source).decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(name, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise _unreadable(name, "it is not UTF-8 text") from None
    except ValueError as error:
        raise _unreadable(toml.shown(name), str(error)) from None
    return parse(text, name, environ)


def parse(text: str, source: str, environ: Mapping[str, str]) -> Answers:
    """Read the answers from TOML. Raises BadAnswers with every problem at once."""
    try:
        document = toml.read(text)
    except toml.NotToml as error:
        raise BadAnswers([error.problem], source) from None
    answers, problems = judge(document, environ)
    if problems:
        raise BadAnswers(problems, source)
    return answers


def judge(
    document: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[Answers, tuple[Problem, ...]]:
    """Give the answers in these tables, and every problem with them; without any, they stand."""
    problems = list(unknown(Answers, document))
    answers = read(Answers, document, "", problems.append)
    refused = {problem.key for problem in problems}
    problems += [each for each in _contradictions(answers) if each.key not in refused]
    problems += _environment(answers, environ)
    return answers, tuple(problems)


def password_of(user: User, environ: Mapping[str, str]) -> str | None:
    """Give the user's password, or None where there is only a hash. Raises BadAnswers."""
    try:
        if user.password_file:
            return passwords.from_file(user.password_file)
        if user.password_env:
            return passwords.from_environment(user.password_env, environ)
    except Refused as refused:
        raise BadAnswers([Problem(f"the password of {user.name}", "", str(refused))]) from None
    return user.password or None


def _contradictions(answers: Answers) -> Iterator[Problem]:
    registry = answers.registry
    if names.is_address(registry.hostname) and registry.ip not in ("", registry.hostname):
        why = f"is another address than registry.ip, {registry.ip}; leave one of them out"
        yield Problem("registry.hostname", toml.literal(registry.hostname), why)
    dns = [each for each in answers.certificate.alt_names if not names.is_address(each)]
    if answers.certificate.common_name and names.is_address(registry.hostname) and not dns:
        why = "cannot be with addresses alone: clients would take it for a name"
        yield Problem("certificate.common_name", "", why)
    if answers.proxy.install == "source" and not answers.proxy.source_archive:
        why = 'is needed to build nginx from source; or set install = "package"'
        yield Problem("proxy.source_archive", "", why, toml.literal("/root/nginx-1.30.0.tar.gz"))
    if registry.https_port == 80 and registry.http_redirect:
        why = "is the port of the redirect; take another, or set http_redirect = false"
        yield Problem("registry.https_port", "80", why, "443")
    yield from _twice("users", "name", [user.name for user in answers.users])
    yield from _twice("clients", "host", [client.host for client in answers.clients])
    if answers.role == "client":
        yield from _as_a_client(answers)


def _twice(table: str, key: str, values: list[str]) -> Iterator[Problem]:
    for number, value in enumerate(values, start=1):
        if value and value in values[: number - 1]:
            yield Problem(f"{table}[{number}].{key}", toml.literal(value), "is there twice")


def _as_a_client(answers: Answers) -> Iterator[Problem]:
    if not answers.registry.hostname:
        why = "is needed on a client: which registry is it to trust?"
        yield Problem("registry.hostname", "", why, toml.literal("docker.benet.com"))
    side = answers.client
    if not (side.ca_certificate or side.ca_fingerprint):
        why = "is needed, or ca_certificate: else anybody could hand this machine a CA"
        yield Problem("client.ca_fingerprint", "", why, toml.literal("9f2c…64 hex digits"))
    if answers.clients:
        yield Problem("clients", "", 'is for role = "server": a client visits no other machine')


def _environment(answers: Answers, environ: Mapping[str, str]) -> Iterator[Problem]:
    for number, user in enumerate(answers.users, start=1):
        if user.password_env:
            try:
                passwords.from_environment(user.password_env, environ)
            except Refused as refused:
                key = f"users[{number}].password_env"
                yield Problem(key, toml.HIDDEN, str(refused))


def _content(source: str) -> bytes:
    with open(0, "rb", closefd=False) if source == "-" else Path(source).open("rb") as opened:
        found = opened.read(_LARGEST_FILE + 1)
    if len(found) > _LARGEST_FILE:
        raise ValueError("it is larger than 1 MiB")
    return found


def _unreadable(source: str, why: str) -> BadAnswers:
    return BadAnswers([Problem(source, "", f"cannot be read: {why}")], "the answers file")
