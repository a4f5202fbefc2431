"""Who renews the certificate, as `verify` and `status` tell it; the plan of it and its script."""

from __future__ import annotations

import datetime as dt
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fake_host import FakeHost, says
from tests.given import ANSWERS, FACTS, FROM_SOURCE, NOW, SOURCE, given
from tests.own_ca import own_ca
from wizard import pki
from wizard.changes.files import WriteFile
from wizard.changes.services import Service
from wizard.credentials import ETC
from wizard.hosts import File, Folder
from wizard.renewal import CRON, NAME, NEW_CA, SERVICE, TIMER, UNITS, look, program, told
from wizard.script import script
from wizard.steps import make_plan, renewal
from wizard.survey import survey

SERVED = given().pki.certificate
DAY = dt.timedelta(days=1)
AT = "Fri 2026-11-27 00:43:03 UTC"
SHOW = ("systemctl", "show", "-p")
SCRIPTS, OPENRC = "init scripts", "OpenRC"


def by_timer(**shown: str) -> FakeHost:
    """Give a machine with the timer at work; what it is shown to be can be told otherwise."""
    host = FakeHost(files={path: File(b"") for path in UNITS.values()})
    host.folders["/run/systemd/system"] = Folder()
    host.commands = {
        ("systemctl", "is-enabled", "--quiet", TIMER): says(),
        ("systemctl", "is-active", "--quiet", TIMER): says(),
    }
    usual = {"Result": "success", "LastTriggerUSec": AT, "NextElapseUSecRealtime": "tomorrow"}
    for what, text in (usual | shown).items():
        host.commands[(*SHOW, what)] = says(f"{text}\n")
    return host


def test_a_timer_at_work_is_told_with_its_last_and_next_run() -> None:
    found = look(by_timer(), "systemd", SERVED, NOW)
    assert (found.name, found.verdict, found.remedy) == ("renewal", "passed", "")
    assert found.seen == (
        f"daily by {TIMER}, next on tomorrow, last on {AT}; the certificate is due on 2027-04-06"
    )
    new = look(by_timer(LastTriggerUSec="n/a"), "systemd", SERVED, NOW)
    assert "last never yet" in new.seen


@pytest.mark.parametrize("missing", UNITS)
def test_a_unit_that_is_not_there_fails(missing: str) -> None:
    host = by_timer()
    host.files.pop(UNITS[missing])
    found = look(host, "systemd", SERVED, NOW)
    assert (found.verdict, found.remedy) == ("failed", "run the wizard again")
    assert found.seen == f"nothing renews the certificate: no {missing}"


@pytest.mark.parametrize("word", ["is-enabled", "is-active"])
def test_a_timer_that_is_off_fails(word: str) -> None:
    host = by_timer()
    host.commands[("systemctl", word)] = says("", 1)
    host.commands.pop(("systemctl", word, "--quiet", TIMER))
    found = look(host, "systemd", SERVED, NOW)
    assert (found.verdict, found.remedy) == ("failed", "run the wizard again")
    assert TIMER in found.seen


def ran(code: str, seconds: str, result: str = "exit-code") -> FakeHost:
    host = by_timer(Result=result, ExecMainStatus=code, ExecMainStartTimestamp=AT)
    host.commands[("date", "-d", AT, "+%s")] = says(seconds)
    return host


def test_a_last_run_that_failed_fails_until_somebody_has_renewed_it_since() -> None:
    later, sooner = (str(int((NOW + days * DAY).timestamp())) for days in (1, -1))
    found = look(ran("1", later), "systemd", SERVED, NOW)
    assert found.verdict == "failed"
    assert found.seen == f"its last run ({AT}) ended with 1; journalctl -u {NAME} says why"
    assert found.remedy == f"run the wizard again, or: systemctl start {NAME}"
    assert look(ran("1", sooner), "systemd", SERVED, NOW).verdict == "passed"
    killed = look(ran("9", later, "signal"), "systemd", SERVED, NOW)
    assert f"({AT}) ended by signal" in killed.seen


def test_one_that_stood_back_for_another_wizard_is_a_warning() -> None:
    later = str(int((NOW + DAY).timestamp()))
    found = look(ran("3", later), "systemd", SERVED, NOW)
    assert (found.verdict, "stood back" in found.seen) == ("warning", True)


def test_a_certificate_that_is_due_for_days_is_a_warning() -> None:
    due = pki.due(SERVED)
    assert look(by_timer(), "systemd", SERVED, due + DAY).verdict == "passed"
    late = look(by_timer(), "systemd", SERVED, due + 3 * DAY)
    assert (late.verdict, late.remedy) == ("warning", "registry-wizard renew says why")
    assert late.seen == "the certificate has been due since 2027-04-06, and nobody renewed it"


def test_one_that_ends_with_its_ca_waits_for_a_new_ca() -> None:
    host, ends = by_timer(), pki.ends(SERVED)
    host.files[f"{ETC}/pki/ca.crt"] = File(own_ca(life=(NOW - DAY, ends)).pem)
    found = look(host, "systemd", SERVED, NOW)
    said = f"the certificate ends with its CA on {ends:%Y-%m-%d}: only a new CA helps"
    assert (found.verdict, found.seen, found.remedy) == ("passed", said, "")
    late = look(host, "systemd", SERVED, ends - 4 * DAY)
    assert (late.verdict, late.seen, late.remedy) == ("warning", said, NEW_CA)


def test_it_is_due_when_a_new_one_would_be_issued() -> None:
    case = given()
    wanted = pki.Wanted(("docker.benet.com",), ("192.168.1.107",))
    pair, due = (case.pki.certificate, case.pki.key), pki.due(SERVED)
    second = dt.timedelta(seconds=1)
    assert pki.reason_to_issue(wanted, case.pki.authority, pair, due) == ""
    assert pki.reason_to_issue(wanted, case.pki.authority, pair, due + second)


@pytest.mark.parametrize("begins", [SCRIPTS, OPENRC])
def test_cron_has_to_run_what_lies_there(begins: str) -> None:
    host = FakeHost(files={CRON[begins]: File(b"", 0o755)})
    assert look(host, begins, SERVED, NOW).verdict == "warning"
    host.commands[("pgrep", "-x", "cron|crond")] = says("7\n")
    found = look(host, begins, SERVED, NOW)
    assert (found.verdict, CRON[begins] in found.seen) == ("passed", True)
    host.files[CRON[begins]] = File(b"", 0o644)
    assert look(host, begins, SERVED, NOW).seen == f"{CRON[begins]} cannot be run"
    host.files.clear()
    gone = look(host, begins, SERVED, NOW)
    assert (gone.verdict, gone.remedy) == ("failed", "run the wizard again")


def test_the_status_says_who_does_it() -> None:
    assert told(by_timer(), "systemd") == f"daily by {TIMER}, next on tomorrow"
    assert told(FakeHost(), "systemd") == "by hand: registry-wizard renew"
    assert told(FakeHost(), SCRIPTS) == "by hand: registry-wizard renew"
    host = FakeHost(files={CRON[SCRIPTS]: File(b"")})
    assert told(host, SCRIPTS) == f"daily by {CRON[SCRIPTS]}"


def test_the_program_is_the_one_that_runs() -> None:
    beside = Path(sys.executable).with_name("registry-wizard")
    if beside.exists():
        assert program() == (str(beside),)


def test_without_a_script_of_its_own_python_runs_it_from_anywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    env, source, *words = program()
    assert (env, words) == ("/usr/bin/env", [str(python), "-m", "wizard"])
    there = [env, source, f"{sys.prefix}/bin/python", "-m", "wizard", "renew", "--help"]
    assert subprocess.run(there, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def file(path: str, **changed: object) -> WriteFile:
    case = replace(given(facts=replace(FACTS, source=SOURCE)), **changed)  # type: ignore[arg-type]
    changes = renewal.plan(case).changes
    return next(each for each in changes if isinstance(each, WriteFile) and each.path == path)


def test_a_program_in_an_odd_place_is_run_from_there() -> None:
    odd = ('/opt/100% mine/it\'s"quoted"/python', "-m", "wizard")
    unit = file(UNITS[SERVICE], program=odd).content.decode()
    assert (
        r'ExecStart="/opt/100%% mine/it' + "'" + r's\"quoted\"/python" "-m" "wizard" renew' in unit
    )
    cron = file(CRON[SCRIPTS], program=odd, facts=replace(FACTS, init=SCRIPTS))
    assert stat.S_IMODE(cron.mode) == 0o755
    assert r"""'/opt/100% mine/it'"'"'s"quoted"/python' -m wizard renew""" in cron.content.decode()


def test_systemd_takes_a_dollar_in_the_program_as_it_is_and_elsewhere_for_a_variable() -> None:
    unit = file(UNITS[SERVICE], program=("/opt/$a/env", "PYTHONPATH=/opt/$a/src")).content.decode()
    assert 'ExecStart="/opt/$a/env" "PYTHONPATH=/opt/$$a/src" renew\n' in unit


def test_the_timer_brings_the_look_at_each_start_of_the_machine_along() -> None:
    assert f"\nAlso={SERVICE}\n" in file(UNITS[TIMER]).content.decode()
    assert "\nWantedBy=multi-user.target\n" in file(UNITS[SERVICE]).content.decode()


def test_a_built_nginx_may_write_where_it_lies() -> None:
    case = given(FROM_SOURCE, replace(FACTS, source=SOURCE))
    unit = file(UNITS[SERVICE], answers=case.answers).content.decode()
    assert "ReadWritePaths=/etc/registry-wizard -/opt/nginx\n" in unit
    assert "After=registry-wizard-nginx.service network-online.target time-sync.target\n" in unit


def test_the_timer_is_started_after_its_files_are_there() -> None:
    *files, last = renewal.plan(given()).changes
    assert [each.key for each in files] == [f"file:{path}" for path in UNITS.values()]
    assert last == Service(TIMER)


def test_the_script_says_that_nothing_renews_the_certificate_by_itself() -> None:
    for facts in (FACTS, replace(FACTS, init=SCRIPTS)):
        case = given(facts=facts)
        text = script(case, make_plan(case))
        assert NAME not in text
        said = " ".join(text.replace("\n#", "").split())
        assert "Where there is no such timer, renewing the certificate is up to you" in said


def test_where_there_is_no_cron_the_survey_says_so() -> None:
    facts = replace(FACTS, init=SCRIPTS, resolved={"docker.benet.com": ("192.168.1.107",)})
    assert not [each for each in survey(ANSWERS, facts) if "cron" in each.text]
    found = [e for e in survey(ANSWERS, replace(facts, cron=False)) if "cron" in e.text]
    assert [each.blocker for each in found] == [False]
    assert "registry-wizard renew" in found[0].remedy
