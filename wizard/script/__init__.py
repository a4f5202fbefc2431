"""The plan as one readable POSIX shell script, which works without us and holds no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.credentials import ADMIN, HTPASSWD, password_file
from wizard.hosts import PATH
from wizard.names import in_url, is_address
from wizard.next_commands import NEXT_STEPS
from wizard.render import render
from wizard.script.kinds import in_shell
from wizard.script.made import Made, made, told, variable
from wizard.script.packagers import BEGINS, packages
from wizard.script.words import comment, heading, join, quote
from wizard.steps import renewal
from wizard.steps.authority import PKI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wizard.answers import User
    from wizard.given import Given
    from wizard.plan import Plan, Step

BY_HAND = (
    "Not done here: a timer would run registry-wizard itself, and this script works without it."
    " Where there is no such timer, renewing the certificate is up to you: once less than a third"
    " of its life is left, run this script again, or `registry-wizard renew`."
)


def script(given: Given, plan: Plan) -> str:
    """Give the whole script. Raise WizardError where the plan has what a script cannot do."""
    made_there = made(given)
    registry = given.answers.registry
    text = render(
        "script.sh",
        head="\n#\n".join(comment(paragraph) for paragraph in _head(given)),
        told=told(given),
        path=PATH,
        pki=PKI,
        htpasswd=HTPASSWD,
        packages=packages(given.distro.manager),
        init=given.facts.init,
        begins=BEGINS[given.facts.init],
        gnu=join(given.distro.gnu),
        iproute=given.distro.iproute,
        htpasswd_package=given.distro.htpasswd,
        ip=registry.ip,
        steps="\n".join(_step(number, step, made_there) for number, step in enumerate(plan, 1)),
        at=quote(f"{in_url(registry.ip)}:{registry.https_port}"),
        verify=_verify(registry.hostname),
        trust=made_there.trust,
        nginx=given.nginx.program,
        farewell=[quote(line) for line in _farewell(given)],
    )
    return text.decode()


def _step(number: int, step: Step, made: Made) -> str:
    """Give a step; the htpasswd file comes late, for it is made of the passwords.

    What belongs to the timer stays out with it.
    """
    if step.id == renewal.ID:
        return f"{heading(f'{number}. {step.title}')}\n{comment(BY_HAND)}\n"
    changes = sorted(step.changes, key=lambda each: each.key == f"file:{HTPASSWD}")
    parts = [in_shell(each, made) for each in changes]
    parts += [in_shell(each, made) for each in step.then if each != renewal.FORGIVE]
    begins = f"{heading(f'{number}. {step.title}')}\n{comment(step.why)}\nstep {quote(step.title)}"
    return "\n\n".join([begins, *(part.rstrip("\n") for part in parts if part)]) + "\n"


def _head(given: Given) -> Iterator[str]:
    registry, facts = given.answers.registry, given.facts
    yield (
        f"A private Docker registry, {in_url(registry.hostname, registry.https_port)}, behind nginx"
        " with HTTPS from a private CA."
    )
    yield (
        f"registry-wizard wrote this for {registry.hostname} ({registry.ip}), {facts.os} with"
        f" {facts.init}: the same steps and files as its own, in the same order. Read it, then run"
        " it there as root (sh FILE); nothing else is needed. Running it again is safe: what is"
        " right is left alone, and keys and passwords that are there are kept."
    )
    yield _secrets(given)
    yield from filter(None, (_password(n, user) for n, user in enumerate(given.answers.users, 1)))
    if given.answers.authority.key:
        yield f"The key of your own CA is read from {given.answers.authority.key}."
    if given.answers.proxy.install == "source":
        yield f"The source of nginx is read from {given.answers.proxy.source_archive}."
    yield (
        "Whatever it changes lies as it was before under /var/backups/registry-wizard/, for you to"
        " put back; `registry-wizard undo` knows nothing of what this script did."
        " `registry-wizard verify` checks the result."
    )


def _secrets(given: Given) -> str:
    hashed = ", ".join(user.name for user in given.answers.users if user.password_hash)
    makes = "private keys, passwords and their hashes are made on that machine"
    if not hashed:
        return f"There is no secret in it: {makes}."
    return (
        f"Keep this file private: it has the bcrypt hashes of {hashed} in it, as they are in the"
        f" answers. There is no other secret in it: {makes}."
    )


def _password(number: int, user: User) -> str:
    if user.password_file:
        return f"The password of {user.name} is read from {user.password_file}."
    if not variable(number, user):
        return ""
    return (
        f"The password of {user.name} is read from the environment's {variable(number, user)}, or"
        " asked for on the terminal, unless the user has one already."
    )


def _verify(hostname: str) -> str:
    if is_address(hostname):
        return join(("-noservername", "-verify_ip", hostname))
    return join(("-servername", hostname, "-verify_hostname", hostname))


def _farewell(given: Given) -> Iterator[str]:
    registry = given.answers.registry
    at = in_url(registry.hostname, registry.https_port)
    yield f"The registry is at https://{at}/"
    yield f"The one line that makes a client of a machine stands in {NEXT_STEPS}"
    if not given.answers.users:
        yield f"The password of {ADMIN} is in {password_file(ADMIN)}"
