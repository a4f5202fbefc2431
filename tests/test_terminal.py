"""The terminals of the tests, tried on small programs: cat, stty, a shell, ten lines of Textual."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.terminal import Pty, Tmux, inside
from tests.terminal.controls import Scanner
from tests.terminal.keys import encode
from tests.terminal.modes import XTERM, Modes, styled

if TYPE_CHECKING:
    from tests.hosts.machine import Machine

ADD = """
from textual.app import App
from textual.binding import Binding
from textual.widgets import Input, Label, Log

class Small(App):
    BINDINGS = [Binding("f3", "end(3)", priority=True), Binding("f12", "burst", priority=True)]
    def compose(self):
        yield Input(placeholder="your name")
        yield Label("size unknown", id="size", markup=False)
        yield Log()
    def on_resize(self, event):
        self.query_one("#size").update(f"{event.size.width} x {event.size.height}")
    def on_input_submitted(self, event):
        self.query_one("#size").update(f"hello {event.value}")
    def action_end(self, code):
        self.exit(return_code=code, message="bye")
    def action_burst(self):
        self.run_worker(self.write, thread=True)
    def write(self):
        for start in range(0, 50000, 500):
            lines = [f"line {start + each}" for each in range(500)]
            self.call_from_thread(self.query_one(Log).write_lines, lines)

Small().run()
raise SystemExit(3)
"""
TEXTUAL = (sys.executable, "-c", ADD)


def shell(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script)


def left_on(*output: bytes) -> tuple[str, ...]:
    scanner, modes = Scanner(), Modes()
    for data in output:
        for _, control in scanner.split(data):
            if control:
                modes.follow(control)
    return modes.left_on()


def test_what_is_typed_is_echoed_and_copied() -> None:
    with Pty.start(("cat",)) as pty:
        pty.type("hello\n")
        pty.wait_for("hello\nhello")
        pty.press("ctrl+d")
        assert pty.wait() == 0
        assert pty.raw() == b"hello\r\nhello\r\n"
        assert pty.line(1) == "hello"


def test_program_is_in_the_foreground_of_its_own_terminal() -> None:
    with Pty.start(
        shell("exec 3</dev/tty; ps -o pid=,sid=,tpgid= -p $$; stty size"), 91, 33
    ) as pty:
        assert pty.wait() == 0
        pid, session, foreground = pty.line(0).split()
        assert pid == session == foreground
        assert pty.line(1) == "33 91"


@pytest.mark.parametrize(
    ("key", "number"), [("ctrl+c", signal.SIGINT), ("ctrl+\\", signal.SIGQUIT)]
)
def test_keyboard_sends_signals(key: str, number: signal.Signals) -> None:
    with Pty.start(("cat",)) as pty:
        pty.press(key)
        assert pty.wait() == -number


def test_exit_code_and_signal_are_told_apart() -> None:
    with Pty.start(shell("exit 143")) as pty:
        assert pty.wait() == 143
    with Pty.start(("cat",)) as pty:
        pty.signal(signal.SIGTERM)
        assert pty.wait() == -15


def test_program_that_is_not_there() -> None:
    with Pty.start(("no-such-program",)) as pty:
        assert pty.wait() == 127
        assert "no-such-program" in pty.screen()


def test_all_output_has_arrived_when_the_program_has_ended() -> None:
    with Pty.start(shell("seq 20000; echo the end"), keep=None) as pty:
        assert pty.wait() == 0
        assert pty.raw().count(b"\n") == 20001
        assert "20000\nthe end" in pty.screen()


def test_only_the_last_bytes_are_kept() -> None:
    with Pty.start(shell("seq 20000; echo the end"), keep=100) as pty:
        assert pty.wait() == 0
        assert len(pty.raw()) <= 100
        assert pty.raw().endswith(b"20000\r\nthe end\r\n")


def test_waiting_in_vain_shows_the_screen() -> None:
    with Pty.start(shell("echo here I am; exec cat")) as pty:
        pty.wait_for("here")
        with pytest.raises(AssertionError, match=r"'gone' in 0.1 s(.|\n)*here I am"):
            pty.wait_for("gone", seconds=0.1)
        with pytest.raises(AssertionError, match="not ended"):
            pty.wait(seconds=0.1)


def test_waiting_ends_with_the_program() -> None:
    started = time.monotonic()
    with (
        Pty.start(shell("echo oops; exit 4")) as pty,
        pytest.raises(AssertionError, match=r"ended with 4(.|\n)*oops"),
    ):
        pty.wait_for("gone")
    assert time.monotonic() - started < 5


def test_waiting_ends_in_time_while_output_goes_on() -> None:
    with Pty.start(("yes",)) as pty, pytest.raises(AssertionError, match=r"in 0\.3 s"):
        pty.wait_for("gone", seconds=0.3)


def test_settings_left_behind_are_seen() -> None:
    with Pty.start(shell("stty -echo -icanon")) as pty:
        assert pty.wait() == 0
        assert pty.before.echo
        assert pty.before.icanon
        now = pty.settings()
        assert (now.echo, now.icanon, now.isig) == (False, False, True)
        assert pty.leftovers() == ("stty lflag", "stty cc")
        assert not pty.clean()


def test_settings_put_back_are_clean() -> None:
    with Pty.start(
        shell("old=$(stty -g); stty raw -echo; stty $old; printf '\\033[1mfat\\033[m'")
    ) as pty:
        assert pty.wait() == 0
        assert pty.clean()


@pytest.mark.parametrize(
    ("output", "left"),
    [
        (b"plain \x1b[31;1mred\x1b[0m", ()),
        (b"\x1b[?1049h\x1b[?25l", ("cursor hidden", "alternate screen")),
        (b"\x1b[?1049h\x1b[?25l\x1b[?25h\x1b[?1049l", ()),
        (b"\x1b[?1000;1006h\x1b[?1000l", ("mouse 1006",)),
        (b"\x1b[?2004h\x1b[?1004h", ("focus reports", "bracketed paste")),
        (b"\x1b[?7l", ("no line wrap",)),
        (b"\x1b[>25u", ("kitty keyboard",)),
        (b"\x1b[>25u\x1b[<u\x1b[<u", ()),
        (b"\x1b[?1049h\x1b[>25u\x1b[?1049l\x1b[<u", ("kitty keyboard",)),
        (b"\x1b[?4242h", ("private mode 4242",)),
        (b"\x1b[?12h", ()),
        (b"\x1b[4m", ("text style",)),
        (b"\x1b=\x1b[?1h\x1b[?2048h\x1bc", ()),
        (b"\x1b=\x1b[?25l\x1b[7m\x1b[!p", ()),
        (b"\x1b]0;a title \x07\x1bP+q544e\x1b\\", ()),
    ],
)
def test_modes_left_on(output: bytes, left: tuple[str, ...]) -> None:
    assert left_on(output) == left
    assert left_on(*(output[each : each + 1] for each in range(len(output)))) == left


@pytest.mark.parametrize(
    ("numbers", "on"),
    [
        ((1, 2, 22), set()),
        ((38, 5, 1), {38}),
        ((38, 2, 1, 4, 7, 39), set()),
        ((97, 104), {38, 48}),
        ((31, 49, 1), {38, 1}),
        ((1, 0, 3), {3}),
        ((38,), {38}),
    ],
)
def test_text_styles(numbers: tuple[int, ...], on: set[int]) -> None:
    assert styled(set(), numbers) == on


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("a", "a"),
        ("+", "+"),
        ("é", "é"),
        ("tab", "\t"),
        ("shift+tab", "\x1b[Z"),
        ("ctrl+c", "\x03"),
        ("ctrl+space", "\0"),
        ("alt+x", "\x1bx"),
        ("up", "\x1b[A"),
        ("ctrl+left", "\x1b[1;5D"),
        ("f3", "\x1bOR"),
        ("f10", "\x1b[21~"),
        ("shift+f3", "\x1b[1;2R"),
        ("ctrl+pagedown", "\x1b[6;5~"),
    ],
)
def test_keys(name: str, sent: str) -> None:
    assert encode(name) == sent.encode()


@pytest.mark.parametrize("name", ["", "shift+a", "super+a", "f13", "return", "shift+enter"])
def test_no_keys(name: str) -> None:
    with pytest.raises(ValueError, match=r"press the character|is no key"):
        encode(name)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("[c", "^[[?64;1;6;22c"),
        ("[>c", "^[[>41;390;0c"),
        ("[5n", "^[[0n"),
        ("[3;7H\x1b[6n", "^[[3;7R"),
        ("[?25$p", "^[[?25;1$y"),
        ("[?1049$p", "^[[?1049;2$y"),
        ("[?2048$p", "^[[?2048;0$y"),
    ],
)
def test_terminal_answers(question: str, answer: str) -> None:
    with Pty.start((*shell("printf '\\033%s' \"$1\"; exec cat"), "sh", question)) as pty:
        pty.wait_for(answer)


def test_what_pyte_does_not_know_is_not_drawn() -> None:
    odd = r"a\033[>25ub\033[<uc\033[4:3md\033P+q54\033\\e\033[!pf\033[?6;1;2Hg\033[1;2;3Ah"
    with Pty.start(shell(f"printf '{odd}'")) as pty:
        assert pty.wait() == 0
        assert pty.screen().strip() == "abcdefgh"


def test_alternate_screen_gives_the_main_one_back() -> None:
    script = r"printf 'before\n\033[?1049h\033[Hwithin'; read line; printf '\033[?1049lafter'"
    with Pty.start(shell(script)) as pty:
        assert "before" not in pty.wait_for("within")
        pty.press("enter")
        assert pty.wait() == 0
        assert pty.screen().rstrip() == "before\nafter"


def test_stopped_output_does_not_stop_the_end() -> None:
    with Pty.start(("cat",)) as pty:
        pty.type("x\n")
        pty.wait_for("x\nx")
        pty.press("ctrl+s")


def test_hanging_up() -> None:
    with Pty.start(shell("trap 'exit 9' HUP; echo ready; while :; do read line; done")) as pty:
        pty.wait_for("ready")
        pty.hang_up()
        assert pty.wait() == 9


def test_textual_is_driven_and_leaves_nothing() -> None:
    with Pty.start(TEXTUAL) as pty:
        pty.wait_for("80 x 24")
        assert {"alternate screen", "cursor hidden", "kitty keyboard"} <= {*pty.modes()}
        assert not pty.settings().echo
        pty.type("anna")
        assert pty.latency("enter", "hello anna") < 5
        pty.resize(100, 30)
        pty.wait_for("100 x 30")
        pty.press("f3")
        assert pty.wait() == 3
        assert pty.leftovers() == ()
        assert pty.screen().strip() == "bye"


def test_textual_on_a_terminal_that_reports_its_size() -> None:
    with Pty.start(TEXTUAL, supports=XTERM | {2026, 2048}) as pty:
        pty.wait_for("80 x 24")
        pty.resize(100, 30)
        pty.wait_for("100 x 30")
        assert "in-band resize" in pty.modes()
        pty.press("f3")
        assert pty.wait() == 3
        # Textual 8.2.8 forgets this one, which is silent while the other mouse modes are off.
        assert pty.leftovers() == ("mouse 1016",)


def test_textual_killed_leaves_a_mess() -> None:
    with Pty.start(TEXTUAL) as pty:
        pty.wait_for("80 x 24")
        pty.signal(signal.SIGKILL)
        assert pty.wait() == -9
        assert {"alternate screen", "mouse 1003", "stty lflag"} <= {*pty.leftovers()}


def test_latency_in_a_burst_of_output() -> None:
    with Pty.start(TEXTUAL) as pty:
        pty.wait_for("80 x 24")
        pty.press("f12")
        assert pty.latency("q", lambda screen: "q" in screen.split("\n")[1]) < 5
        pty.wait_for("line 49999")


def test_tmux_is_driven() -> None:
    with Tmux.start(TEXTUAL, 90, 20) as tmux:
        tmux.wait_for("90 x 20")
        tmux.type("anna; \\;")
        tmux.send("Enter")
        tmux.wait_for("hello anna; \\;")
        tmux.resize(70, 15)
        tmux.wait_for("70 x 15")
        tmux.send("F3")
        assert tmux.wait() == 3
        assert tmux.screen().strip() == "bye"


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -TERM $$", -15), ("true ;", 0)])
def test_tmux_tells_how_it_ended(script: str, code: int) -> None:
    with Tmux.start(shell(script)) as tmux:
        assert tmux.wait() == code


def test_tmux_waiting_in_vain_shows_the_screen() -> None:
    with Tmux.start(shell("echo here I am; exec cat")) as tmux:
        tmux.wait_for("here")
        with pytest.raises(AssertionError, match=r"'gone' in 0.1 s(.|\n)*here I am"):
            tmux.wait_for("gone", seconds=0.1)


@pytest.mark.host
def test_inside_a_machine(server: Machine) -> None:
    script = "cat /etc/hostname; echo $TERM; stty size; head -n1 </dev/tty"
    with Pty.start(inside(server, *shell(script)), 70, 20) as pty:
        pty.wait_for("server\nxterm-256color\n20 70")
        pty.type("typed\n")
        assert pty.wait() == 0
        assert "typed\ntyped" in pty.screen()
    with Pty.start(inside(server, *shell("trap 'exit 143' TERM; echo up; read line"))) as pty:
        pty.wait_for("up")
        pty.signal(signal.SIGTERM)
        assert pty.wait() == 143
    with Pty.start(
        inside(server, *shell("trap 'echo caught; exit 130' INT; echo up; read line"))
    ) as pty:
        pty.wait_for("up")
        pty.press("ctrl+c")
        assert pty.wait() == 130
        assert "caught" in pty.screen()
    script = "trap 'sleep 0.2; exit 9' HUP; echo up; while :; do read line; done"
    with Pty.start(inside(server, *shell(script))) as pty:
        pty.wait_for("up")
        pty.hang_up()
        assert pty.wait() == 9
