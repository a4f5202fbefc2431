"""The command line: what was asked for, its exit code, and every error as a sentence."""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any

from wizard import outlets
from wizard.errors import BadUsage, Interrupted, WizardError
from wizard.ways_out import REFUSALS, way_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.ask_password import Source
    from wizard.events import Tell
    from wizard.place import Place
    from wizard.session import Session

GARBAGE = 100_000  # objects
VERSION = "show program's version number and exit"
USAGE = "registry-wizard [--plain | --answers FILE [--dry-run] [--json]] | COMMAND"


def run() -> None:
    """Run the command line and end with its exit code."""
    # Most runs end before there is garbage worth looking for: looking took 7 % of their time.
    gc.set_threshold(GARBAGE)
    outlets.open_closed()
    with outlets.guarded() as out:
        try:
            code = main(sys.argv[1:])
        except SystemExit as end:  # argparse's
            code = int(end.code or 0)
    sys.exit(outlets.ended(code, out))


def main(argv: list[str]) -> int:
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments))
    except WizardError as error:
        return _refused(error)
    except OSError as refusal:
        if refusal.errno not in REFUSALS:
            raise
        path = str(refusal.filename or "a file")
        said = refusal.strerror or ""
        return _refused(WizardError(f"{path} could not be written: {said}", way_out(said, path)))


def _refused(error: WizardError) -> int:
    """Print an error as a sentence with its way out, and give its exit code."""
    from wizard.clean import clean  # noqa: PLC0415  (--help needs none of it)

    means = f"\n  This means: {error.cause}" if error.cause else ""
    ways = (f"\n  -> {each}" for each in (error.remedy, error.hint) if each)
    text = f"registry-wizard: {error}{means}{''.join(ways)}"
    sys.stderr.write("\n".join(map(clean, text.split("\n"))) + "\n")
    return error.exit_code


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
    parser.add_argument("--version", action=_Version, nargs=0, help=VERSION)
    parser.add_argument("--answers", metavar="FILE", help="set up as FILE says (- for stdin)")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, only")
    parser.add_argument("--plain", action="store_true", help="ask line by line, without a screen")
    _json(parser)
    # By itself argparse would put the whole usage before each command's.
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", prog="registry-wizard")
    _verifying(commands)
    _json(_command(commands, "status", _status, "what is installed, days left, disk, users"))
    catalog = _command(commands, "catalog", _catalog, "which images there are")
    catalog.add_argument(
        "text", nargs="?", default="", metavar="TEXT", help="a part of a name, or of name:tag"
    )
    _json(catalog)
    renew = _command(commands, "renew", _renew, "renew the server certificate if it is due")
    renew.add_argument("--force", action="store_true", help="also where it is not due yet")
    _json(renew)
    _undo_options(commands)
    _explain(commands)
    _clients(commands)
    _users(commands)
    script = _command(commands, "script", _script, "print the plan as one POSIX shell script")
    # Suppressed, an --answers that stands before the command still counts.
    text = "for this FILE; without it, for the installation that is here"
    script.add_argument("--answers", metavar="FILE", default=argparse.SUPPRESS, help=text)
    answers = _command(commands, "answers", _answers, "print a commented answers file")
    answers.add_argument("--schema", action="store_true", help="print its JSON Schema instead")
    return parser


class _Version(argparse.Action):
    """Look the version up where it is asked for: that takes longer than all the rest of --help."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # noqa: PLC0415

        parser.exit(message=f"{version('registry-wizard')}\n")


def _undo_options(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    undo = _command(commands, "undo", _undo, "take back what was done, newest first")
    undo.add_argument("--dry-run", action="store_true", help="say what would change, only")
    undo.add_argument("--force", action="store_true", help="also where somebody changed it since")
    undo.add_argument("--packages", action="store_true", help="remove the packages, too")
    undo.add_argument(
        "--step",
        action="append",
        default=[],
        metavar="STEP",
        help="only this step, as --dry-run names it; may be repeated",
    )
    undo.add_argument(
        "--storage", default="", metavar="FOLDER", help="delete the images in this folder, too"
    )
    _json(undo)


def _verifying(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = _command(commands, "verify", _verify, "run the checks again, here or of any registry")
    push = argparse.BooleanOptionalAction
    verify.add_argument(
        "--push",
        action=push,
        help="push fresh bytes and pull them back (without it: only where the registry is ours)",
    )
    text = "fail where a certificate has fewer days left (without it: warn below 30)"
    verify.add_argument("--warn-days", type=int, metavar="N", help=text)
    verify.add_argument("--url", default="", metavar="HOST[:PORT]", help="a registry of others")
    verify.add_argument("--ca", default="", metavar="FILE", help="its CA (PEM)")
    verify.add_argument("--user", default="", metavar="NAME", help="who logs in there")
    verify.add_argument("--password-file", default="", metavar="FILE", help="- reads stdin")
    _json(verify)


def _explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explain = _command(
        commands, "explain", _explained, "say what an error text means, and what to do about it"
    )
    explain.epilog = (
        "exit codes: 0 explained, 1 not known. It only looks, at this machine and at the registry"
        " that the text names. Where the wizard itself can mend it here, it shows what would"
        " change, and on a terminal asks whether to do so; the exit code is the wizard's then."
    )
    explain.add_argument(
        "text",
        nargs="*",
        metavar="TEXT | FILE | -",
        help="what docker, podman, skopeo, ctr, curl, Python or a browser said; without it, and"
        " with -, standard input",
    )
    _json(explain)


def _clients(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "the machines that trust the registry: add, remove, list, verify, join"
    clients = commands.add_parser("clients", help=text, description=text)
    verbs = clients.add_subparsers(title="what to do", metavar="VERB", required=True)
    add = _command(verbs, "add", _clients_add, "let machines trust the registry, by SSH")
    add.add_argument(
        "hosts", nargs="+", metavar="HOST", help="an address, or a name that ssh knows"
    )
    add.add_argument("--user", default="root", help="log in as this user, who can use sudo there")
    add.add_argument("--port", type=int, default=22, help="SSH port")
    add.add_argument("--host-key", default="", metavar="SHA256:...", help="its SSH fingerprint")
    add.add_argument(
        "--trust", default="", metavar="LIST", help="docker,podman,... (what is found)"
    )
    add.add_argument("--dry-run", action="store_true", help="say what would change, only")
    _json(add)
    remove = _command(verbs, "remove", _clients_remove, "take back what was put on machines")
    remove.add_argument("hosts", nargs="+", metavar="HOST")
    remove.add_argument("--force", action="store_true", help="forget it where nobody reaches it")
    remove.add_argument("--dry-run", action="store_true", help="say what would change, only")
    _json(remove)
    _json(_command(verbs, "list", _clients_list, "who trusts it, and how it was last"))
    verify = _command(verbs, "verify", _clients_verify, "let every client log in and pull")
    verify.add_argument("hosts", nargs="*", metavar="HOST")
    _json(verify)
    _command(verbs, "join", _clients_join, "print the line that makes a machine a client")


def _users(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    text = "who may log in: add, remove, passwd, list"
    users = commands.add_parser("users", help=text, description=text)
    verbs = users.add_subparsers(title="what to do", metavar="VERB", required=True)
    add = _command(verbs, "add", _users_add, "let somebody log in, or change what they may")
    text = "what they may (push: also pull and delete; without it: push, or what they may already)"
    add.add_argument("--role", choices=("push", "pull"), default="", help=text)
    passwd = _command(verbs, "passwd", _users_passwd, "give a user another password")
    remove = _command(verbs, "remove", _users_remove, "let users log in no more")
    for each in (add, passwd):
        each.add_argument("name", metavar="NAME")
        _password(each)
    remove.add_argument("names", nargs="+", metavar="NAME")
    for each in (add, remove, passwd):
        each.add_argument("--dry-run", action="store_true", help="say what would change, only")
        _json(each)
    _json(_command(verbs, "list", _users_list, "who may log in, and what each may"))


def _password(parser: argparse.ArgumentParser) -> None:
    parser.allow_abbrev = False  # --password SECRET is no file of that name
    where = parser.add_mutually_exclusive_group()
    text = "a file with the password in it (- reads a line of stdin; without: you are asked)"
    where.add_argument("--password-file", default="", metavar="FILE", help=text)
    where.add_argument("--generate", action="store_true", help="make one and show it once")


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
    return headless.install(_session(given.role), given, tell, dry_run=arguments.dry_run)


def _ask(arguments: argparse.Namespace) -> int:
    """Ask whoever sits there, on the screen or line by line."""
    from screens import front  # noqa: PLC0415

    if arguments.json or arguments.dry_run:
        raise BadUsage(
            "--json and --dry-run have nobody to answer the questions",
            "give a file: registry-wizard --answers FILE; registry-wizard answers prints one",
        )
    with outlets.bare():
        return front.ask(lambda role: _open(role=role), plain=arguments.plain)


def _verify(arguments: argparse.Namespace) -> int:
    from wizard import verify_command  # noqa: PLC0415

    asked = verify_command.Asked(
        arguments.url,
        arguments.ca,
        arguments.user,
        arguments.password_file,
        arguments.push,
        arguments.warn_days,
    )
    # Nothing is changed: it may be ended at any moment, and takes away what it pushed.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        return verify_command.verify(asked, _open, os.environ, _verdicts(arguments))
    except KeyboardInterrupt:
        raise Interrupted("Stopped before all was looked at") from None


def _catalog(arguments: argparse.Namespace) -> int:
    from wizard import catalog_command  # noqa: PLC0415

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    asked = {"as_json": arguments.json, "width": width}
    try:
        sys.stdout.writelines(catalog_command.listed(_open().images(), arguments.text, **asked))
    except KeyboardInterrupt:
        raise Interrupted("Stopped before all was told") from None
    return 0


def _clients_add(arguments: argparse.Namespace) -> int:
    from wizard import clients_command  # noqa: PLC0415

    asked = clients_command.Asked(
        tuple(arguments.hosts),
        arguments.user,
        arguments.port,
        arguments.host_key,
        tuple(filter(None, arguments.trust.split(","))),
    )
    tell = _listener(arguments)
    return clients_command.add(_server(), asked, tell, dry_run=arguments.dry_run)


def _clients_remove(arguments: argparse.Namespace) -> int:
    from wizard import clients_command  # noqa: PLC0415

    return clients_command.remove(
        _server(),
        tuple(arguments.hosts),
        _listener(arguments),
        force=arguments.force,
        dry_run=arguments.dry_run,
    )


def _clients_list(arguments: argparse.Namespace) -> int:
    from wizard import clients_command  # noqa: PLC0415

    sys.stdout.write(clients_command.listed(_server(), as_json=arguments.json))
    return 0


def _clients_verify(arguments: argparse.Namespace) -> int:
    from wizard import clients_command  # noqa: PLC0415

    return clients_command.verify(_server(), tuple(arguments.hosts), _listener(arguments))


def _clients_join(arguments: argparse.Namespace) -> int:
    from wizard import clients_command  # noqa: PLC0415

    sys.stdout.write(clients_command.joining(_server()))
    return 0


def _users_add(arguments: argparse.Namespace) -> int:
    from wizard import users_command  # noqa: PLC0415

    asked = users_command.Asked(arguments.name, arguments.role, _source(arguments))
    tell = _listener(arguments)
    return users_command.add(_server(), asked, tell, dry_run=arguments.dry_run)


def _users_passwd(arguments: argparse.Namespace) -> int:
    from wizard import users_command  # noqa: PLC0415

    asked = users_command.Asked(arguments.name, "", _source(arguments))
    tell = _listener(arguments)
    return users_command.passwd(_server(), asked, tell, dry_run=arguments.dry_run)


def _source(arguments: argparse.Namespace) -> Source:
    from wizard.ask_password import Source  # noqa: PLC0415

    return Source(arguments.password_file, arguments.generate)


def _users_remove(arguments: argparse.Namespace) -> int:
    from wizard import users_command  # noqa: PLC0415

    names, tell = tuple(arguments.names), _listener(arguments)
    return users_command.remove(_server(), names, tell, dry_run=arguments.dry_run)


def _users_list(arguments: argparse.Namespace) -> int:
    from wizard import known_users  # noqa: PLC0415

    sys.stdout.write(known_users.listed(_server(), as_json=arguments.json))
    return 0


def _undo(arguments: argparse.Namespace) -> int:
    from wizard import headless  # noqa: PLC0415

    asked = headless.Undo(
        tuple(arguments.step), arguments.packages, arguments.storage, arguments.force
    )
    return headless.undo(_session(), asked, _listener(arguments), dry_run=arguments.dry_run)


def _renew(arguments: argparse.Namespace) -> int:
    from wizard import renew  # noqa: PLC0415

    return renew.renew(_session(), _listener(arguments), force=arguments.force)


def _status(arguments: argparse.Namespace) -> int:
    import json  # noqa: PLC0415

    from wizard.status import status  # noqa: PLC0415

    found = status(_session())
    if arguments.json:
        sys.stdout.write(json.dumps(found) + "\n")
    elif not found["installed"]:
        sys.stdout.write("There is no registry of ours on this machine\n")
    else:
        sys.stdout.writelines(f"{name.replace('_', ' '):22}{found[name]}\n" for name in found)
    return 0


def _explained(arguments: argparse.Namespace) -> int:
    from wizard.explain import command  # noqa: PLC0415

    doors = command.Doors(lambda role: _open(role=role), _stopping, _renewed)
    return command.run(arguments.text, os.environ, doors, json=arguments.json)


def _renewed() -> int:
    from wizard import headless, renew  # noqa: PLC0415

    return renew.renew(_session(), headless.as_lines, force=False)


def _script(arguments: argparse.Namespace) -> int:
    from dataclasses import replace  # noqa: PLC0415

    from wizard import answers, headless, steps  # noqa: PLC0415
    from wizard.script import script  # noqa: PLC0415

    session = _server()
    if arguments.answers:
        told = answers.load(arguments.answers, os.environ)
    else:
        told = session.former() or answers.Answers()
    # A script visits no other machine: for those there is the join command.
    given = session.prepare(replace(told, clients=()), headless.as_lines)
    given.choices.refuse_stale(steps.our_plan(given))
    sys.stdout.buffer.write(script(given, steps.make_plan(given)).encode())
    return 0


def _answers(arguments: argparse.Namespace) -> int:
    import json  # noqa: PLC0415

    from wizard import schema, sheet  # noqa: PLC0415

    text = json.dumps(schema.schema(), indent=2) if arguments.schema else sheet.template()
    sys.stdout.write(text.rstrip("\n") + "\n")
    return 0


def _listener(arguments: argparse.Namespace) -> Tell:
    from wizard import headless  # noqa: PLC0415

    return headless.as_json if arguments.json else headless.as_lines


def _verdicts(arguments: argparse.Namespace) -> Tell:
    """Print verdicts as a table to people, one a line to all else."""
    from wizard.verdicts import as_table  # noqa: PLC0415

    return as_table if sys.stdout.isatty() and not arguments.json else _listener(arguments)


def _session(role: str = "") -> Place[Any, Any]:
    """Open a session that stops between two changes when the user or the system asks to."""
    return _open(_stopping(), role)


def _server() -> Session:
    return _open_server(_stopping())


def _open_server(stopping: Callable[[], bool] = lambda: False) -> Session:
    from wizard.session import Session  # noqa: PLC0415

    opened = _open(stopping, "server")
    assert isinstance(opened, Session)  # noqa: S101  (that is what the role means)
    return opened


def _stopping() -> Callable[[], bool]:
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: asked.append(received))
    return lambda: bool(asked)


def _open(stopping: Callable[[], bool] = lambda: False, role: str = "") -> Place[Any, Any]:
    """Open a session for a role, or for the one that this machine has."""
    from wizard.roles import open_session  # noqa: PLC0415

    os.umask(0o022)
    return open_session(os.environ, stopping, role)


if __name__ == "__main__":
    run()
