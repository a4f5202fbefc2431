"""The script: sound shell, no secret in it, nothing in it that an answer put there to be run."""

from __future__ import annotations

import base64
import datetime as dt
import os
import pty
import re
import secrets
import shutil
import subprocess
import termios
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.fake_host import FakeHost
from tests.given import ANSWERS, FACTS, FROM_SOURCE, HASH, SOURCE, given
from tests.own_ca import own_ca
from wizard import pki
from wizard.answers import Answers, Authority, Certificate, User
from wizard.changes import commands, files, folders, packages, services
from wizard.changes.kinds import KINDS
from wizard.changes.packagers import PACKAGERS
from wizard.credentials import HTPASSWD, Credentials
from wizard.distros import DISTROS, Distro
from wizard.errors import WizardError
from wizard.hosts import Folder
from wizard.names import RESERVED_USER
from wizard.plan import Step
from wizard.script import kinds, script
from wizard.script.certificates import authority, server
from wizard.script.made import Made
from wizard.script.made import made as made_there
from wizard.steps import make_plan
from wizard.steps.authority import PKI

if TYPE_CHECKING:
    from pathlib import Path

    from wizard.changes import Change
    from wizard.given import Given

HOSTILE = "it's$(touch${IFS}owned)`touch\towned`\"\\;touch&owned|*"
CLEAR = "S3ntinel-in-the-clear"
NAMES = Certificate(alt_names=("registry.benet.com", "2001:db8::107", "10.0.0.7"))


def users(*asked: User) -> Given:
    made = given(replace(ANSWERS, users=asked))
    hashes = {user.name: user.password_hash or hash_() for user in asked}
    hashes[RESERVED_USER] = hash_()
    own = Credentials(hashes, secret(), "", secret(), secret(), secret().encode())
    return replace(made, credentials=own)


def hash_() -> str:
    return f"$2b$10${secrets.token_hex(32)[:53]}"


def secret() -> str:
    return secrets.token_urlsafe(16)


def own(chain: bytes, key: bytes, *paths: str) -> Given:
    """A plan with a brought CA."""
    made = given(replace(ANSWERS, authority=Authority(certificate=paths[0], key=paths[1])))
    ca = pki.Authority(chain, key)
    return replace(made, pki=pki.issue(wanted(made), ca, dt.datetime.now(dt.UTC)))


def wanted(case: Given) -> pki.Wanted:
    from wizard.session import wanted_certificates  # noqa: PLC0415

    return wanted_certificates(case.answers)


def brought() -> Given:
    root = own_ca(name="Root")
    below = own_ca(name="Issuer", issuer=root)
    return own(below.pem + root.pem, below.key_pem, "/root/own ca.crt", "/root/it's own.key")


def on(distro: Distro, init: str = "systemd") -> Given:
    made = given(facts=replace(FACTS, distro=distro, init=init))
    sign = next(sign for sign, of in services.SIGNS.items() if of == init)
    return replace(made, distro=distro, host=FakeHost(folders={sign: Folder()}))


CASES = {
    "defaults": given(),
    "init scripts": given(facts=replace(FACTS, init="init scripts")),
    "names": given(replace(ANSWERS, certificate=NAMES)),
    "an address": given(
        replace(ANSWERS, registry=replace(ANSWERS.registry, hostname="192.168.1.107"))
    ),
    "users": users(
        User(HOSTILE, password_file=f"/root/{HOSTILE}"),
        User("by-variable", password_env="TESTUSER_PASSWORD"),
        User("again", password_env="TESTUSER_PASSWORD"),
        User("in-the-clear", password=CLEAR),
        User("by-hash", password_hash=HASH),
    ),
    "own CA": brought(),
    "nginx from source": given(FROM_SOURCE, replace(FACTS, source=SOURCE)),
    "nginx from source, init scripts": given(
        FROM_SOURCE, replace(FACTS, init="init scripts", source=SOURCE)
    ),
    "dnf": on(DISTROS["fedora"]),
    "zypper": on(DISTROS["opensuse-leap"]),
    "pacman": on(replace(DISTROS["arch"], registry="none", registry_file="/etc/none")),
    "OpenRC and apk": on(DISTROS["alpine"], "OpenRC"),
}


def text(case: Given) -> str:
    return script(case, make_plan(case))


@pytest.fixture(scope="module")
def shellcheck() -> str:
    if not shutil.which("shellcheck"):
        argv = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "shellcheck"]
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(argv, check=True)
    return "shellcheck"


@pytest.mark.parametrize("case", CASES)
def test_it_is_sound_posix_shell(case: str, shellcheck: str) -> None:
    for argv in (("sh", "-n"), (shellcheck, "-s", "sh", "-")):
        done = subprocess.run(
            argv, check=False, input=text(CASES[case]), text=True, capture_output=True
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("case", CASES)
def test_no_secret_stands_in_it(case: str) -> None:
    it = CASES[case]
    credentials = replace(it.credentials, http_secret=secret(), check_password=secret())
    credentials = replace(credentials, admin_password=secret() if not it.answers.users else "")
    if not it.answers.users:
        credentials = replace(credentials, hashes={"admin": hash_(), RESERVED_USER: hash_()})
    it = replace(it, credentials=credentials)
    printed = text(it)
    told = {user.password_hash for user in it.answers.users}
    made = [kept for kept in credentials.hashes.values() if kept not in told]
    keys = [*it.pki.key.splitlines()[1:-1], *it.pki.authority.key.splitlines()[1:-1]]
    words = [credentials.http_secret, credentials.check_password, CLEAR, *made]
    words += [credentials.admin_password] if credentials.admin_password else []
    for word in (*words, *(line.decode() for line in keys), "PRIVATE KEY"):
        assert word not in printed
        assert base64.b64encode(word.encode()).decode().strip("=")[:-1] not in printed


def test_a_hash_from_the_answers_stands_in_it_once_and_its_head_says_so() -> None:
    printed = text(CASES["users"])
    assert printed.count(HASH) == 1
    assert "# Keep this file private: it has the bcrypt hashes of by-hash in it" in printed
    assert "# There is no secret in it" in text(CASES["defaults"])


def test_passwords_from_variables_are_taken_out_of_the_environment_first() -> None:
    lines = text(CASES["users"]).splitlines()
    first = lines.index("umask 022") + 1
    assert lines[first : first + 3] == [
        "password_2=${TESTUSER_PASSWORD-}",
        "password_3=${TESTUSER_PASSWORD-}",
        "password_4=${PASSWORD_4-}",
    ]
    assert lines[first + 3].startswith("unset TESTUSER_PASSWORD PASSWORD_4 ")


def test_the_same_is_written_from_the_same() -> None:
    assert text(CASES["names"]) == text(CASES["names"])


def test_every_kind_of_change_has_its_lines() -> None:
    assert set(kinds.KINDS) == set(KINDS.values())


def test_a_secret_that_it_cannot_make_is_refused() -> None:
    change = files.WriteFile("/etc/other.key", b"secret\n", secret=True)
    with pytest.raises(WizardError, match=r"can make no secret such as /etc/other\.key"):
        script(given(), (Step("x", "X", "Y", (change,)),))


# What the shell makes of it, run for real in a folder aside.


def prelude(work: Path) -> str:
    """Give the script's own words, with everything that they keep in a folder aside."""
    words = text(CASES["defaults"]).partition("# ==== What has to be so")[0]
    words = words.replace("/var/backups", f"{work}/backups")
    return f"{words}\nwork={work}\nours=\nchanged=\npki={work}/pki\nhtpasswd={work}/htpasswd\n"


def run(work: Path, lines: str, *, code: int = 0) -> str:
    done = subprocess.run(
        ["sh", "-s"],
        check=False,
        input=prelude(work) + lines,
        text=True,
        capture_output=True,
        cwd=work,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def in_shell(change: Change | commands.Command, holes: dict[str, str] | None = None) -> str:
    made = Made(init="init scripts", files={}, trust="", copies={}, holes=holes or {})
    return kinds.in_shell(change, made) + "\n"


CONTENTS = {
    "text": b"a $HOME `date` \\ 'x' \"y\"\n",
    "its own delimiter": b"END\nEND_\n",
    "no last newline": b"a\n\nb",
    "carriage returns": b"a\r\nb\r\n",
    "odd bytes": b"\xff\xfe\x00\x01",
    "a trojan": "a \u202e b\n".encode(),
    "nothing": b"",
    "one newline": b"\n",
    "leading tabs": b"\t\tx\n",
}


@pytest.mark.parametrize("content", CONTENTS)
def test_a_file_has_exactly_its_bytes_and_rights(content: str, tmp_path: Path) -> None:
    path = tmp_path / f"made/{HOSTILE.replace('/', '')}"
    change = files.WriteFile(str(path), CONTENTS[content], 0o640, group="www-data")
    assert f"wrote {path}" in run(tmp_path, in_shell(change))
    assert path.read_bytes() == CONTENTS[content]
    assert (path.stat().st_mode & 0o7777, path.group()) == (0o640, "www-data")
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o755
    assert run(tmp_path, in_shell(change)) == ""
    assert sorted(each.name for each in tmp_path.rglob("*owned*")) == [path.name]


@pytest.mark.parametrize("last", ["", "\n"])
def test_a_hole_is_filled_and_nothing_else_is(last: str, tmp_path: Path) -> None:
    (tmp_path / "value").write_text("$it\\`s\n")
    path, content = tmp_path / "file", f"$a `b` \\ $(c) = s3cret{last}"
    change = files.WriteFile(str(path), content.encode())
    lines = in_shell(change, {"s3cret": f"cat {tmp_path}/value"})
    assert "s3cret" not in lines
    run(tmp_path, lines)
    assert path.read_text() == content.replace("s3cret", "$it\\`s")


def test_a_file_with_a_secret_and_odd_bytes_is_refused() -> None:
    change = files.WriteFile("/etc/x", b"\xff s3cret\n")
    with pytest.raises(WizardError, match="has characters that a script cannot hold"):
        in_shell(change, {"s3cret": "cat value"})


def test_what_was_there_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine\n")
    path.chmod(0o604)
    run(tmp_path, in_shell(files.WriteFile(str(path), b"ours\n")))
    (kept,) = (tmp_path / "backups").rglob("file")
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("mine\n", 0o604)
    assert (tmp_path / "backups/registry-wizard").glob("*").__next__().stat().st_mode & 0o77 == 0


@pytest.mark.parametrize("former", [None, b"former\n"])
def test_a_file_that_is_refused_makes_room_for_the_former_one(
    former: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    if former:
        path.write_bytes(former)
    refusal = run(tmp_path, in_shell(files.WriteFile(str(path), b"x\n", check=("false",))), code=1)
    assert refusal == f"Stopped: false refuses {path}; the former one is back in place\n"
    assert (path.read_bytes() if path.exists() else None) == former


@pytest.mark.parametrize("others", [b"", b"a\r\n# not [ours] x\n", b"127.0.0.1 me\n\xff# last"])
def test_our_line_comes_on_top_and_every_other_byte_stays(others: bytes, tmp_path: Path) -> None:
    path, link = tmp_path / "hosts", tmp_path / "link"
    path.write_bytes(others)
    path.chmod(0o604)
    link.symlink_to(path)
    for line in (HOSTILE, "192.0.2.1\tx.y"):
        change = files.MarkedLine(str(link), "# [ours]", line)
        for _ in range(2):
            run(tmp_path, in_shell(change))
            assert path.read_bytes() == f"{line}\t# [ours]\n".encode() + others
    run(tmp_path, in_shell(files.MarkedLine(str(link), "# [ours]", "")))
    assert path.read_bytes() == others
    assert (link.is_symlink(), path.stat().st_mode & 0o777) == (True, 0o604)


def test_links_and_folders_come_and_go(tmp_path: Path) -> None:
    link, folder = tmp_path / "a/link", tmp_path / "b/c"
    for _ in range(2):
        run(tmp_path, in_shell(files.Link(str(link), "/nowhere")))
        run(tmp_path, in_shell(folders.MakeFolder(str(folder), 0o750, "root", "www-data")))
    assert str(link.readlink()) == "/nowhere"
    assert (folder.stat().st_mode & 0o777, folder.group()) == (0o750, "www-data")
    gone = folders.RemoveFolder(str(folder), (str(tmp_path / "b"),))
    (folder / "file").write_text("mine")
    run(tmp_path, in_shell(gone))
    run(tmp_path, in_shell(files.RemoveFile(str(folder / "file"), folders=(str(tmp_path),))))
    run(tmp_path, in_shell(gone) + in_shell(files.Link(str(link))))
    assert not (tmp_path / "b").exists()
    assert not link.is_symlink()


@pytest.mark.parametrize("case", ["dnf", "zypper", "pacman", "OpenRC and apk"])
def test_other_systems_are_spoken_to_in_their_own_words(case: str) -> None:
    written, distro = text(CASES[case]), CASES[case].distro
    assert not re.search(r"\bapt\b|apt-get|dpkg|policy-rc", written)
    assert f"need htpasswd {distro.htpasswd}\n" in written
    assert f"need ss {distro.iproute}\n" in written
    assert re.search(PACKAGERS[distro.manager].install[0], written)
    starts = "rc-service nginx start" if "OpenRC" in case else "systemctl start nginx"
    assert starts in written
    assert ("packages coreutils findutils shadow" in written) == ("apk" in case)


def test_services_and_packages_are_asked_for_by_their_own_tools() -> None:
    service = services.Service("x", running=False, enabled=False)
    assert "service x status > /dev/null 2>&1 && service x stop" in in_shell(service)
    for manager, remove in (
        ("dnf", "dnf -y --setopt=clean"),
        ("apk", "apk --wait 600 del --purge"),
    ):
        line = in_shell(packages.RemovePackages(("x",), manager))
        assert line.startswith(f"! is_installed x || {remove}")
    assert "! is_installed x || apt purge x" in in_shell(packages.RemovePackages(("x",)))
    assert in_shell(packages.InstallPackages(("x", "y"))) == "packages x y\n"
    then = in_shell(commands.Command(("touch", "a b"), ("true",)))
    assert then.startswith('if [ -n "$changed" ] && true > /dev/null 2>&1; then\n    touch ')


def test_a_password_that_nobody_gave_is_asked_for_unseen(tmp_path: Path) -> None:
    case = users(User("ann", password_env="ANN"))
    tail = made_there(case).files[HTPASSWD].partition("password=$(password_in")[0]
    stub = 'password_1=\nhtpasswd() {\n    cat > "$work/typed"\n    echo x:HASH\n}\n'
    (tmp_path / "ask").write_text(prelude(tmp_path) + stub + tail)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("sh", ["sh", str(tmp_path / "ask")])
    seen = os.read(terminal, 100)
    while b": " not in seen:
        seen += os.read(terminal, 100)
    until_unseen(terminal)
    os.write(terminal, b" it's $(x) \\ \n")
    assert os.waitpid(pid, 0)[1] == 0
    assert seen + os.read(terminal, 100) == b"Password for ann: \r\n"
    os.close(terminal)
    assert (tmp_path / "typed").read_text() == " it's $(x) \\ \n"
    assert (tmp_path / "htpasswd").read_text() == "ann:HASH\n"


def until_unseen(terminal: int) -> None:
    until = time.monotonic() + 5
    while termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < until:
        time.sleep(0.01)


# The certificates, made by openssl and judged by wizard/pki.


def made(work: Path, case: Given) -> tuple[pki.Authority, tuple[bytes, bytes]]:
    """Make the certificates as the script does; give what it made."""
    folder = work / "pki"
    folder.mkdir(exist_ok=True)
    steps = [in_shell(c) for c in make_plan(case)[2].changes if c.key == f"file:{PKI}/ca.crt"]
    lines = [authority(case), *(steps if case.answers.authority.certificate else []), server(case)]
    run(work, "\n".join(lines).replace(PKI, str(folder)))
    read = [(folder / name).read_bytes() for name in ("ca.crt", "ca.key", "server.crt")]
    return pki.Authority(*read[:2]), (read[2], (folder / "server.key").read_bytes())


ISSUED: dict[str, Answers] = {
    "defaults": ANSWERS,
    "names": replace(ANSWERS, certificate=replace(NAMES, days=30)),
    "an address": replace(ANSWERS, registry=replace(ANSWERS.registry, hostname="192.168.1.107")),
    "IPv6": replace(ANSWERS, registry=replace(ANSWERS.registry, hostname="fd30::1", ip="fd30::1")),
    "odd names": replace(
        ANSWERS,
        certificate=Certificate(common_name="a/b+c\\d=é, 'x' \"y\" $(z) #"),
        authority=Authority(common_name="Ü/CN=x", organization="O+o", permitted=("10.0.0.0/8",)),
    ),
    "a long name": replace(
        ANSWERS, registry=replace(ANSWERS.registry, hostname=f"{'a' * 60}.benet.com")
    ),
}


@pytest.mark.parametrize("answers", ISSUED)
def test_its_certificates_are_what_the_wizard_itself_would_keep(
    answers: str, tmp_path: Path
) -> None:
    case = given(ISSUED[answers])
    ca, pair = made(tmp_path, case)
    now = dt.datetime.now(dt.UTC)
    assert pki.problems(wanted(case), ca, now) == ()
    assert pki.reason_to_issue(wanted(case), ca, pair, now) == ""
    assert shape(ca.certificate) == shape(pki.mint_authority(wanted(case), now).certificate)
    assert shape(pair[0]) == shape(pki.issue(wanted(case), ca, now).certificate)
    issued = tmp_path / f"pki/issued/{pki.serial(pair[0])}.crt"
    assert issued.read_bytes() == pair[0]
    modes = [(tmp_path / "pki" / n).stat().st_mode & 0o777 for n in ("ca.key", "server.key")]
    assert modes == [0o400, 0o600]


@pytest.mark.parametrize("answers", ["names", "odd names"])
def test_certificates_that_are_right_are_kept(answers: str, tmp_path: Path) -> None:
    case = given(ISSUED[answers])
    first = made(tmp_path, case)
    assert made(tmp_path, case) == first
    longer = replace(case.answers, certificate=replace(case.answers.certificate, days=100))
    renewed = made(tmp_path, replace(case, answers=longer))
    assert renewed[0] == first[0]
    assert renewed[1] != first[1]
    assert len(list((tmp_path / "pki/issued").iterdir())) == 2


def test_what_the_wizard_made_is_kept(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    case = given(ISSUED["names"])
    mine = pki.issue(wanted(case), pki.mint_authority(wanted(case), now), now)
    pair = (mine.certificate, mine.key)
    files_ = dict(
        zip(
            ("ca.crt", "ca.key", "server.crt", "server.key"),
            (mine.authority.certificate, mine.authority.key, *pair),
            strict=True,
        )
    )
    (tmp_path / "pki").mkdir()
    for name, content in files_.items():
        (tmp_path / "pki" / name).write_bytes(content)
    assert made(tmp_path, case) == (mine.authority, pair)


def test_a_ca_without_its_key_is_never_replaced(tmp_path: Path) -> None:
    made(tmp_path, given())
    (tmp_path / "pki/ca.key").unlink()
    refusal = run(tmp_path, authority(given()).replace(PKI, f"{tmp_path}/pki"), code=1)
    assert "ca.key is missing, yet clients may trust" in refusal


@pytest.mark.parametrize("kind_of", ["root", "intermediate"])
def test_a_brought_ca_signs_with_its_own_key(kind_of: str, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    life = (now - dt.timedelta(minutes=9), now + dt.timedelta(days=90))
    root = own_ca(name="Root", life=life)
    issuer, chain = root, root.pem
    if kind_of == "intermediate":
        issuer = own_ca(name="Issuer", issuer=root, life=life)
        chain = issuer.pem + root.pem
    key = tmp_path / "it's own.key"
    key.write_bytes(issuer.key_pem)
    case = own(chain, issuer.key_pem, "/root/ca.crt", str(key))
    ca, pair = made(tmp_path, case)
    assert ca == pki.Authority(chain, issuer.key_pem)
    assert pki.reason_to_issue(wanted(case), ca, pair, now) == ""
    assert made(tmp_path, case) == (ca, pair)


def shape(pem: bytes) -> list[Any]:
    """Give all of a certificate but what is new in each: key, serial, moment."""
    from cryptography import x509  # noqa: PLC0415

    found = x509.load_pem_x509_certificate(pem)
    life = found.not_valid_after_utc - found.not_valid_before_utc
    own_ = (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier)
    extensions = {e.oid.dotted_string: (e.critical, shown(e.value)) for e in found.extensions}
    for each in own_:
        value: Any = found.extensions.get_extension_for_class(each).value
        identifier = getattr(value, "digest", None) or value.key_identifier
        extensions[each.oid.dotted_string] = (False, str(len(identifier)))
    subject = [(a.oid.dotted_string, kind(a)) for a in found.subject]
    assert 120 < found.serial_number.bit_length() < 160
    return [life, extensions, subject, found.signature_hash_algorithm and "sha256"]


def shown(value: Any) -> str:
    return repr(value)


def kind(attribute: Any) -> tuple[str, int]:
    return attribute._type.name, len(attribute.value)
