"""Look, record, act, look again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine import Engine, Fails
from wizard.changes.files import WriteFile
from wizard.errors import Interrupted, WizardError
from wizard.events import ChangeDone, StepFailed, Stopped
from wizard.executor import interpret
from wizard.hosts import Result
from wizard.whole import PARTIAL

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def file(engine: Engine, text: str = "text\n", *, secret: bool = False) -> WriteFile:
    return WriteFile(str(engine.folder / "file"), text.encode(), secret=secret)


def test_a_second_run_changes_nothing_and_runs_no_then(engine: Engine) -> None:
    step = engine.step(file(engine), then="reload")
    assert (engine.apply(step), engine.thens()) == (1, 1)
    assert (engine.apply(step), engine.thens()) == (0, 1)
    done = [each for each in engine.told if isinstance(each, ChangeDone)]
    assert [each.changed for each in done] == [True, False]


def test_what_fails_is_on_record_and_told_with_its_way_out(engine: Engine) -> None:
    with pytest.raises(WizardError, match="`false` ended with 1"):
        engine.apply(engine.step(Fails()))
    failed = [each for each in engine.told if isinstance(each, StepFailed)]
    assert failed[0].hint == "there is no way out"
    assert '"did": "fail"' in engine.journal.path.read_text()


def test_a_failure_whose_words_are_known_is_told_with_what_they_mean(engine: Engine) -> None:
    said = "write /var/lib/docker/tmp/x: no space left on device"
    with pytest.raises(WizardError) as error:
        engine.apply(engine.step(Fails(says=said)))
    [failed] = [each for each in engine.told if isinstance(each, StepFailed)]
    assert failed.message.startswith("`false` ended with 1")
    assert failed.cause == "A disk of this machine is full."
    assert failed.remedy.startswith("df -h shows which one")
    assert (error.value.cause, error.value.remedy) == (failed.cause, failed.remedy)


def told(said: str, *before: str) -> tuple[str, str]:
    """Give what the card of a step says of an error and the lines before it."""
    error = WizardError(said)
    interpret(error, before)
    return error.cause, error.remedy


HUB = 'registry:3.1.1 could not be pulled: Get "https://registry-1.docker.io/v2/": '
DEB = "E: Failed to fetch http://deb.mirror.lan/debian/pool/n.deb  "
OTHERS = {
    f"{HUB}dial tcp: lookup registry-1.docker.io on 192.0.2.53:53: no such host": (
        "Neither the hosts file nor DNS knows the name registry-1.docker.io.",
        "mend DNS",
    ),
    f"{HUB}dial tcp 192.0.2.9:443: i/o timeout": (
        "registry-1.docker.io does not answer",
        "is that",
    ),
    f"{HUB}x509: certificate signed by unknown authority": (
        "This machine no longer trusts the CAs of the public names",
        "make the system's store anew",
    ),
    f"{HUB}proxyconnect tcp: dial tcp 192.0.2.80:3128: connect: connection refused": (
        "The way to registry-1.docker.io leads through an HTTP proxy",
        "look at the proxy",
    ),
    f"{HUB}toomanyrequests: You have reached your pull rate limit": (
        "registry-1.docker.io allows no more pulls for a while",
        "wait, or raise the limit",
    ),
    f"{DEB}Could not connect to deb.mirror.lan:80 (192.0.2.9). - connect (111: Connection"
    " refused)": (
        "The machine that deb.mirror.lan leads to is there",
        "is that server up, and is there a way out of this machine?",
    ),
    f"{DEB}Temporary failure resolving 'deb.mirror.lan'": (
        "Nobody says where deb.mirror.lan leads",
        "mend DNS",
    ),
    "`dnf install -y nginx` ended with 1:   - Curl error (60): SSL peer certificate or SSH remote"
    " key was not OK for https://mirrors.example/ [certificate has expired]": (
        "At the moment that this machine's clock shows, the certificate of mirrors.example",
        "is this machine's clock right?",
    ),
    "E: Release file for http://deb.mirror.lan/debian/dists/bookworm/InRelease is not valid yet"
    " (invalid for another 3d 2h 1min 5s)": ("This machine's clock is behind", "set the clock"),
    "cannot touch '/srv/x': Read-only file system": (
        "A disk of this machine can only be read.",
        "mount it read-write",
    ),
}


@pytest.mark.parametrize("said", OTHERS)
def test_a_card_speaks_of_other_peoples_servers_as_such(said: str) -> None:
    cause, remedy = told(said)
    assert cause.startswith(OTHERS[said][0])
    assert remedy.startswith(OTHERS[said][1])
    for word in ("systemctl status nginx", "registry-wizard renew", "_catalog", "run the wizard"):
        assert word not in remedy


@pytest.mark.parametrize(
    "said",
    [
        "registry:9 could not be pulled: manifest for registry:9 not found: manifest unknown",
        "ghcr.io/x could not be pulled: denied: requested access to the resource is denied",
        "docker.io/library/x could not be pulled: pull access denied for x",
        "unexpected status from HEAD request to https://ghcr.io/v2/x/manifests/1: 403 Forbidden",
        'panic: nil map\n192.0.2.7 - - "GET /v2/ HTTP/1.1" 401 87',
        "received unexpected HTTP status: 502 Bad Gateway",
        "timed out",
    ],
)
def test_what_says_nothing_of_this_machine_is_not_explained_on_a_card(said: str) -> None:
    assert told(said) == ("", "")


HELD = "`apt-get install -y nginx` ended with 100: {}E: Unable to correct problems, you have held"
HELD += " broken packages."
PPA = "Temporary failure resolving 'ppa.example.org'"


def test_a_warning_explains_no_error() -> None:
    warned = f"W: Failed to fetch http://ppa.example.org/InRelease  {PPA}\n"
    tried = f"Err:1 http://ppa.example.org InRelease\n  {PPA}\n"
    assert told(HELD.format(""), f"Err:1 http://ppa.example.org InRelease\n  {PPA}") == ("", "")
    assert told(HELD.format(f"\n{warned}")) == ("", "")
    assert told(HELD.format(f"\n{tried}")) == ("", "")
    assert told("panic: nil map", '"GET /v2/ HTTP/1.1" 401 87') == ("", "")
    # A root is no warning, and what the error says itself comes before it.
    assert told(HELD.format(""), "write: no space left on device")[0].startswith("A disk")
    refused = f"{DEB}Could not connect to h:80 (192.0.2.9). - connect (111: Connection refused)"
    assert told(refused, "no space left on device")[0].startswith("The machine that")


def test_a_failure_of_another_kind_is_told_by_its_own_words_alone(engine: Engine) -> None:
    with pytest.raises(WizardError) as error:
        engine.apply(engine.step(Fails(says="E: Unable to locate package nginx")))
    assert (error.value.cause, error.value.remedy) == ("", "")


def test_a_command_whose_errors_are_blank_is_told_by_its_output() -> None:
    with pytest.raises(WizardError, match="`zypper` ended with 7: Could not resolve host: h"):
        Result(("zypper",), 7, "Could not resolve host: h\n", "\n").must()


def test_a_change_that_lies_is_caught_by_looking_again(engine: Engine) -> None:
    with pytest.raises(WizardError, match="yet the host is not so afterwards"):
        engine.apply(engine.step(Fails(lies=True)))


def test_a_reload_that_a_crash_swallowed_is_run_the_next_time(engine: Engine) -> None:
    with pytest.raises(WizardError):
        engine.apply(engine.step(file(engine), Fails(), then="reload"))
    assert engine.thens() == 0
    assert engine.apply(engine.step(file(engine), then="reload")) == 0
    assert engine.thens() == 1


def test_a_stop_falls_between_two_changes(engine: Engine) -> None:
    engine.stop = True
    with pytest.raises(Interrupted) as stopped:
        engine.apply(engine.step(file(engine)))
    assert stopped.value.exit_code == 130
    assert engine.told[-1] == Stopped("step")
    assert not (engine.folder / "file").exists()


def test_what_a_write_that_was_cut_off_left_is_gone_with_the_next_run(engine: Engine) -> None:
    wanted = file(engine)
    engine.apply(engine.step(wanted))
    left = [engine.folder / f"{PARTIAL}abc", engine.journal.folder / "kept" / f"{PARTIAL}1"]
    for each in left:
        each.write_text("half")
    (engine.folder / f"{PARTIAL}folder").mkdir()  # not ours
    engine.apply(engine.step(wanted))
    assert not any(each.exists() for each in left)
    left[0].write_text("half")
    engine.undo()
    there = {each.name for each in engine.folder.iterdir()}
    assert there == {"journal", f"{PARTIAL}folder"}
