"""The command line: what was asked for, its exit code, and every error as a sentence."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from wizard.errors import BadUsage, WizardError

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.events import Tell
    from wizard.session import Session

USAGE = "registry-wizard [--plain | --answers FILE [--dry-run] [--json]] | COMMAND"


def run() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(main(sys.argv[1:]))


def main(argv: list[str]) -> int:
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except WizardError as error:
        from wizard.clean import clean  # noqa: PLC0415  (--help needs none of it)

        text = f"registry-wizard: {error}" + (f"\n  -> {error.hint}" if error.hint else "")
        sys.stderr.write("\n".join(map(clean, text.split("\n"))) + "\n")
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="registry-wizard",
        usage=USAGE,
        description="A private Docker registry behind nginx with HTTPS from a private CA.",
        epilog="exit codes: 0 done and verified (dry run: nothing to change), 1 a step failed,"
        " 2 bad usage or answers, 3 preflight stops it, 4 applied but a check failed,"
        " 10 dry run: there are changes, 130 interrupted",
    )
    parser.set_defaults(command=_install, json=False)
    parser.add_argument("--version", action="version", version=version("registry-wizard"))
    parser.add_argument("--answers", metavar="FILE", help="set up as FILE says (- for stdin)")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, only")
    parser.add_argument("--plain", action="store_true", help="ask line by line, without a screen")
    _json(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _json(_command(commands, "verify", _verify, "run the checks again"))
    _json(_command(commands, "status", _status, "what is installed, days left, disk, users"))
    undo = _command(commands, "undo", _undo, "take back what was done, newest first")
    undo.add_argument("--dry-run", action="store_true", help="say what would change, only")
    undo.add_argument("--force", action="store_true", help="also where somebody changed it since")
    undo.add_argument("--packages", action="store_true", help="remove the packages, too")
    _json(undo)
    script = _command(commands, "script", _script, "print the plan as one POSIX shell script")
    # Suppressed, an --answers that stands before the command still counts.
    text = "for this FILE; without it, for the installation that is here"
    script.add_argument("--answers", metavar="FILE", default=argparse.SUPPRESS, help=text)
    answers = _command(commands, "answers", _answers, "print a commented answers file")
    answers.add_argument("--schema", action="store_true", help="print its JSON Schema instead")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    command: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command)
    return parser


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout")


def _install(arguments: argparse.Namespace) -> int:
    if not arguments.answers:
        return _ask(arguments)
    from wizard import answers, headless  # noqa: PLC0415

    given = answers.load(arguments.answers, os.environ)
    tell = _listener(arguments)
    return headless.install(_session(), given, tell, dry_run=arguments.dry_run)


def _ask(arguments: argparse.Namespace) -> int:
    """Ask whoever sits there, on the screen or line by line."""
    from screens import front  # noqa: PLC0415

    if arguments.json or arguments.dry_run:
        raise BadUsage(
            "--json and --dry-run have nobody to answer the questions",
            "give a file: registry-wizard --answers FILE; registry-wizard answers prints one",
        )
    return front.ask(_open, plain=arguments.plain)


def _verify(arguments: argparse.Namespace) -> int:
    from wizard import headless  # noqa: PLC0415

    return headless.verify(_session(), _listener(arguments))


def _undo(arguments: argparse.Namespace) -> int:
    from wizard import headless  # noqa: PLC0415

    return headless.undo(
        _session(),
        _listener(arguments),
        dry_run=arguments.dry_run,
        force=arguments.force,
        packages=arguments.packages,
    )


def _status(arguments: argparse.Namespace) -> int:
    from wizard.status import status  # noqa: PLC0415

    found = status(_session())
    if arguments.json:
        sys.stdout.write(json.dumps(found) + "\n")
    elif not found["installed"]:
        sys.stdout.write("There is no registry of ours on this machine\n")
    else:
        sys.stdout.writelines(f"{name.replace('_', ' '):22}{found[name]}\n" for name in found)
    return 0


def _script(arguments: argparse.Namespace) -> int:
    from wizard import answers, headless, steps  # noqa: PLC0415
    from wizard.script import script  # noqa: PLC0415

    session = _session()
    if arguments.answers:
        told = answers.load(arguments.answers, os.environ)
    else:
        told = session.former() or answers.Answers()
    given = session.prepare(told, headless.as_lines)
    given.choices.refuse_stale(steps.our_plan(given))
    sys.stdout.buffer.write(script(given, steps.make_plan(given)).encode())
    return 0


def _answers(arguments: argparse.Namespace) -> int:
    from wizard import schema, sheet  # noqa: PLC0415

    text = json.dumps(schema.schema(), indent=2) if arguments.schema else sheet.template()
    sys.stdout.write(text.rstrip("\n") + "\n")
    return 0


def _listener(arguments: argparse.Namespace) -> Tell:
    from wizard import headless  # noqa: PLC0415

    return headless.as_json if arguments.json else headless.as_lines


def _session() -> Session:
    """Open a session that stops between two changes when the user or the system asks to."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: asked.append(received))
    return _open(lambda: bool(asked))


def _open(stopping: Callable[[], bool] = lambda: False) -> Session:
    """Open a session; whoever asks for it says when to stop."""
    from wizard.session import Session  # noqa: PLC0415

    os.umask(0o022)
    return Session(os.environ, stopping=stopping)


if __name__ == "__main__":
    run()
