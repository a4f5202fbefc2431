"""The walls of the house: who may import what, and what is loaded when."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "wizard").rglob("*.py"))
HOMES = {
    "sh": "hosts",
    "cryptography": "pki",
    "jinja2": "render",
    "bcrypt": "credentials",
    "idna": "names",
    "docker": "engine",
}
FRONTS = ("textual", "rich", "screens")
HEAVY = ("textual", "rich", "cryptography", "jinja2", "sh", "bcrypt", "docker", "tomllib")
# Each module may use only what stands before it.
LAYERS = (
    ("errors", "events", "clean", "distros", "render", "outlets", "ways_out", "whole", "loopback"),
    ("hash_kinds", "child"),
    ("lock", "client_lock", "beside", "quiet", "talk"),
    ("engine", "refusals"),
    ("hosts", "names", "progress", "pem", "json_text", "failures"),
    ("changes", "image_archive", "paths", "toml", "draft", "file_look"),
    ("passwords", "plan", "pki", "credentials", "front", "peer", "check_image"),
    (
        "journal_file",
        "journal",
        "questions",
        "log",
        "executor",
        "choices",
        "troubles",
        "ask_password",
    ),
    ("undo",),
    ("answers", "firewall", "review", "runtime", "selinux", "nginx", "source_archive"),
    ("facts", "source_facts", "schema", "sheet"),
    ("given", "ssh", "firewall_survey", "runtime_survey", "distro_survey", "source_looks"),
    ("survey", "join", "trial", "try_name"),
    ("next_commands", "renewal"),
    ("page",),
    ("running", "steps", "roundtrip", "shown"),
    ("checks", "script", "clients"),
    ("part", "catalog"),
    ("place",),
    ("onboarding",),
    ("session", "client_session"),
    ("roles", "status", "verdicts", "exchange", "known_users"),
    ("headless",),
    ("explain",),
    ("clients_command", "users_command", "verify_command", "renew", "catalog_command"),
    ("__main__",),
)


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{each.name}" for each in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_each_package_has_one_home(path: Path) -> None:
    used = {name.partition(".")[0] for name in imports(path)}
    for package, home in HOMES.items():
        assert package not in used or room(path) == home
    # The command line opens the screens; nothing else of the engine knows that there are any.
    assert not used & set(FRONTS) - ({"screens"} if room(path) == "__main__" else set())


SCREENS = sorted((ROOT / "screens").glob("*.py"))
WITHOUT_TEXTUAL = (
    *("form", "front", "glance", "lessons", "pages", "terminal", "words", "own_editor", "told"),
    *("client_form", "ending", "known_clients", "looks", "offered", "columns"),
    "image_text",
)


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.stem)
def test_the_screens_leave_the_packages_to_the_engine(path: Path) -> None:
    used = {name.partition(".")[0] for name in imports(path)}
    assert not used & {*HOMES, "yaml"}
    if path.stem in WITHOUT_TEXTUAL or path.stem.startswith("plain"):
        assert not used & {"textual", "rich", "pygments"}


def test_plain_mode_loads_no_textual() -> None:
    code = "import sys\nimport screens.front, screens.plain\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert not {name.partition(".")[0] for name in done.stdout.split()} & {"textual", "rich"}


def room(path: Path) -> str:
    return path.relative_to(ROOT / "wizard").parts[0].removesuffix(".py")


def layer(name: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if name in names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_from_layers_below_only(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        return
    names = {each.split(".")[1] for each in imports(path) if each.startswith("wizard.")}
    above = {name for name in names - {own} if layer(name) > layer(own)}
    assert not above


def loaded(*argv: str) -> set[str]:
    """Give every module that the program loads for this command line."""
    code = (
        "import sys\nfrom wizard.__main__ import main\n"
        f"try: main({list(argv)!r})\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_help_loads_nothing_heavy() -> None:
    slow = {"email", "zipfile", "dataclasses", "inspect", "pathlib", "json", "subprocess"}
    assert not loaded("--help") & {*HEAVY, *slow}


def test_the_unattended_path_never_loads_textual(tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    answers.write_text('role = "server"\n[registry]\nip = "198.51.100.7"\n')
    found = loaded("--answers", str(answers), "--dry-run", "--json")
    assert "cryptography" in found
    assert not found & set(FRONTS)


def test_every_template_is_used() -> None:
    used = " ".join(path.read_text() for path in MODULES)
    for template in (ROOT / "templates").glob("*.j2"):
        assert f'"{template.stem}"' in used
