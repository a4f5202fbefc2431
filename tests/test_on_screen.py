"""The wizard on a real machine, led by keys alone in a terminal of 80 by 24."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from screens.form import Form
from screens.pages import PAGES
from screens.plain_questions import STOPS
from tests.hosts.ssh import authorize, host_key
from tests.installation import departed, listing, wizard
from tests.terminal import Pty, Tmux, inside

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

pytestmark = pytest.mark.host
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
EDITOR = "#!/bin/sh\nsed -i 's/keepalive 64/keepalive 32/' \"$1\"\n"
FIRST = f"Questions 1 of {len(PAGES)}: Name"
ASKED = sum(Form().asks(stop.key) for stop in STOPS)
NOBODY = "192.0.2.1"  # documentation's own: nobody is there
SITE = "/etc/nginx/conf.d/registry.conf"


def started(machine: Machine, *argv: str) -> Tmux:
    return Tmux.start(inside(machine, "registry-wizard", *argv))


def through_the_pages(tmux: Tmux) -> None:
    for number, page in enumerate(PAGES, start=1):
        tmux.wait_for(f"Questions {number} of {len(PAGES)}: {page.title}")
        tmux.send("F3")


def test_a_whole_installation_by_keys_alone_and_a_second_start_that_changes_nothing(
    server: Machine,
) -> None:
    with started(server) as tmux:
        tmux.wait_for("Begin")
        tmux.send("Enter")
        tmux.wait_for(FIRST)
        tmux.type("docker.benet.com")
        tmux.wait_for("Images will be called docker.benet.com/NAME:TAG")
        through_the_pages(tmux)
        screen = applied(tmux, "changes; nothing is done yet", "The registry stands: all")
    password = server.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    assert f"Password of admin, shown this once: {password}" in screen
    assert "docker login -u admin docker.benet.com" in screen
    assert wizard(server, "verify").returncode == 0
    kept = server.run("cat", "/etc/registry-wizard/next-steps.txt").stdout
    assert "docker push docker.benet.com/IMAGE" in kept
    assert "draft" not in server.run("ls", "/var/lib/registry-wizard").stdout
    before = listing(server)
    with started(server) as tmux:
        tmux.wait_for("There is a registry on this machine.")
        tmux.wait_for("checks passed", 30)
        tmux.send("Enter")
        tmux.wait_for("docker.benet.com")
        through_the_pages(tmux)
        applied(tmux, "Nothing has to be changed", "Nothing had to be changed: all")
    assert departed(server, before) == []


def applied(tmux: Tmux, review: str, report: str) -> str:
    """Go on from the survey to the end; give the report."""
    tmux.wait_for("Nothing stands in the way.")
    tmux.send("F3")
    tmux.wait_for(review, 30)
    tmux.send("F3")
    screen = tmux.wait_for(report, 120)
    tmux.send("Escape")
    assert tmux.wait() == 0
    return screen


def test_undo_on_the_screen(server: Machine) -> None:
    assert wizard(server, "--answers", "-", stdin='role = "server"\n').returncode == 0
    with started(server) as tmux:
        tmux.wait_for("There is a registry on this machine.")
        tmux.wait_for("checks passed", 30)
        tmux.send(*["Down"] * 3, "Enter")
        assert "docker push server.internal/IMAGE" in tmux.wait_for("There is no image yet")
        tmux.send("Escape")
        tmux.wait_for("checks passed", 30)
        tmux.send(*["Down"] * 5, "Enter")
        tmux.wait_for("changes; nothing is done yet", 30)
        tmux.send("F3")
        tmux.wait_for("Taken back:", 60)
        tmux.send("Escape")
        tmux.wait_for("This sets up a private Docker registry", 30)
        tmux.send("F10")
        assert tmux.wait() == 0
    assert json.loads(wizard(server, "status", "--json").stdout) == {"installed": False}


def list_client(tmux: Tmux, host: str) -> None:
    """Put a machine on the list of clients, and begin to connect to it."""
    tmux.wait_for("l Look")  # the cursor has come to the list
    tmux.send("a")
    tmux.wait_for("SSH host key")
    tmux.type(host)
    tmux.send("BTab", "BTab", "Enter")


def to_the_clients(tmux: Tmux) -> None:
    tmux.wait_for("1  Begin")
    tmux.send("Enter")
    tmux.wait_for(FIRST)
    tmux.type("docker.benet.com")
    for number, page in enumerate(PAGES[:-1], start=1):
        tmux.wait_for(f"Questions {number} of {len(PAGES)}: {page.title}")
        tmux.send("F3")


def test_a_client_is_met_set_up_and_shown_at_the_second_start(
    server: Machine, client: Machine
) -> None:
    authorize(server, client)
    with started(server) as tmux:
        to_the_clients(tmux)
        list_client(tmux, client.ip)
        assert host_key(client) in tmux.wait_for(f"Is this {client.ip}?", 30)
        tmux.send("y")
        tmux.wait_for("(reached)")
        list_client(tmux, NOBODY)
        tmux.wait_for("Connecting to")
        tmux.send("Escape")  # nobody waits for who does not answer
        tmux.wait_for("Which machines are to trust it?")
        tmux.send("F3")
        tmux.wait_for("note", 40)
        tmux.send("F3")
        tmux.wait_for("nothing is done yet", 30)
        tmux.send("F3")
        screen = tmux.wait_for("but not every client could be set up", 120)
        assert "Password of admin, shown this once" in screen
        tmux.send("Escape")
        assert tmux.wait() == 1
    assert server.ip in client.run("cat", "/etc/hosts").stdout
    with started(server) as tmux:
        tmux.wait_for("1 of 1 good (PageDown)", 30)
        tmux.send("Down", "Down", "Enter")
        tmux.wait_for(f"{client.ip} as root: whatever is found there (good)")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_during_the_questions_restores_the_terminal_and_keeps_the_answers(
    server: Machine, number: signal.Signals
) -> None:
    with Pty.start(inside(server, "registry-wizard")) as pty:
        pty.wait_for("Begin")
        pty.press("enter")
        pty.wait_for(FIRST)
        pty.type("kept.benet.com")
        pty.wait_for("kept.benet.com/NAME")
        server.run("pkill", f"-{number.value}", "-f", "bin/registry-wizard")
        assert pty.wait() == 128 + number
        assert pty.leftovers() == ()
    assert "kept.benet.com" in server.run("cat", "/var/lib/registry-wizard/draft.json").stdout


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_at_work_restores_the_terminal_and_leaves_a_true_journal(
    server: Machine, number: signal.Signals
) -> None:
    with Pty.start(inside(server, "registry-wizard")) as pty:
        pty.wait_for("Begin")
        pty.press("enter")
        for page in range(1, len(PAGES) + 1):
            pty.wait_for(f"Questions {page} of {len(PAGES)}")
            pty.press("f3")
        pty.wait_for("Nothing stands in the way.")
        pty.press("f3")
        pty.wait_for("changes; nothing is done yet", 30)
        pty.press("f3")
        pty.wait_for("[>] Install what")
        server.run("pkill", f"-{number.value}", "-f", "bin/registry-wizard")
        assert pty.wait(60) == 128 + number
        assert pty.leftovers() == ()
    assert wizard(server, "--answers", "-", stdin='role = "server"\n').returncode == 0


def test_plain_mode_installs_where_the_terminal_can_place_no_cursor(server: Machine) -> None:
    with Pty.start(inside(server, "registry-wizard", env={"TERM": "dumb"}), keep=None) as pty:
        pty.wait_for("Role [server]")
        pty.type("\n")
        pty.wait_for(f"Page 1 of {len(PAGES)}")
        pty.type("docker.benet.com\n" + "\n" * ASKED)
        pty.wait_for("more", 30)
        pty.type("q\napply\n")
        assert pty.wait(120) == 0, pty.screen()
        said = pty.raw().decode()
    password = server.run("cat", "/etc/registry-wizard/admin.password").stdout.strip()
    assert "can place no cursor" in said
    assert said.count(password) == 1
    assert "\x1b" not in said
    assert wizard(server, "verify").returncode == 0


def test_without_a_terminal_there_is_a_sentence(server: Machine) -> None:
    done = wizard(server)
    assert (done.returncode, "There is no terminal" in done.stderr) == (2, True)


def to_the_file_for_nginx(tmux: Tmux) -> None:
    tmux.wait_for("1  ")
    tmux.send("Enter")
    through_the_pages(tmux)
    tmux.wait_for("Nothing stands in the way.")
    tmux.send("F3")
    tmux.wait_for("nothing is done yet", 30)
    tmux.send(*["Down"] * 28)
    tmux.wait_for(f"{SITE}\n")


def test_an_edited_file_for_nginx_is_tested_before_it_is_accepted_and_kept_at_the_next_run(
    server: Machine,
) -> None:
    server.put("/root/editor", EDITOR, "755")
    with Tmux.start(inside(server, "registry-wizard", env={"EDITOR": "/root/editor"})) as tmux:
        to_the_file_for_nginx(tmux)
        tmux.send("e")
        tmux.wait_for(f"Edit {SITE}")
        tmux.type("lissten 1;")
        tmux.send("F3")
        tmux.wait_for("nginx refuses it: unknown directive", 30)
        tmux.send("Escape")
        tmux.wait_for("nothing is done yet")
        tmux.send("v")  # our editor changes one line and ends
        tmux.wait_for(f"Edit {SITE}")
        tmux.send("F3")
        tmux.wait_for("(edited)", 30)
        tmux.send("F3")
        tmux.wait_for("The registry stands: all", 120)
        tmux.send("Escape")
        assert tmux.wait() == 0
    check_the_next_runs(server)


def check_the_next_runs(server: Machine) -> None:
    """The edit holds, unattended and on the screen, until what we would write changes."""
    assert "keepalive 32" in server.run("cat", SITE).stdout
    again = wizard(server, "--answers", "-", stdin='role = "server"\n')
    assert (again.returncode, "Nothing had to be changed" in again.stdout) == (0, True)
    other = 'role = "server"\n[registry]\nhttp_redirect = false\n'
    stale = wizard(server, "--answers", "-", stdin=other)
    assert (stale.returncode, SITE in stale.stderr) == (1, True)
    assert "keepalive 32" in server.run("cat", SITE).stdout
    with started(server) as tmux:
        tmux.wait_for("checks passed", 30)
        tmux.send("Enter")
        tmux.wait_for(FIRST)
        tmux.send("Down")
        through_the_pages(tmux)
        tmux.wait_for("Nothing stands in the way.")
        tmux.send("F3")
        tmux.wait_for("Nothing has to be changed", 30)
        tmux.send("C-c")
        tmux.wait_for("Quit?")
        tmux.send("y")
        assert tmux.wait() == 130
