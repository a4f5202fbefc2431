"""What was found on the machine, and what stands in the way, looked at until nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from screens import plain_words as words
from wizard.errors import Blocked, WizardError

if TYPE_CHECKING:
    from screens.plain_talk import Talk
    from wizard.answers import Answers
    from wizard.client_session import ClientSurvey
    from wizard.place import Place
    from wizard.session import Survey

INTERRUPTED = 130


def look(session: Place[Any, Any], talk: Talk, answers: Answers) -> Any:
    """Look at the machine as often as it is asked for; give None for changing the answers.

    Raises Left with 3 where somebody gives up before what stands in the way.
    """
    while True:
        found = _look(session, talk, answers)
        choices = dict(words.SURVEY_WORDS)
        leaving = INTERRUPTED
        if isinstance(found, WizardError):
            del choices["on"]
            leaving = found.exit_code
        choice = talk.choose(choices, leaving)
        if choice == "edit":
            return None
        if choice == "on" and not isinstance(found, WizardError):
            return found


def _look(session: Place[Any, Any], talk: Talk, answers: Answers) -> Any:
    talk.say()
    talk.say(words.LOOKING)
    try:
        surveyed = session.survey(answers, lambda _: None)
    except WizardError as error:
        talk.say(f"{words.FAILED.format(error)}\n{words.REMEDY.format(error.hint)}")
        return error
    _show(talk, surveyed)
    try:
        return session.given(surveyed)
    except Blocked as blocked:
        talk.say(words.BLOCKED)
        return blocked
    except WizardError as error:
        talk.say(f"{words.FAILED.format(error)}\n{words.REMEDY.format(error.hint)}")
        return error


def _show(talk: Talk, surveyed: Survey | ClientSurvey) -> None:
    talk.say(words.FOUND)
    for title, text in surveyed.described:
        talk.say(f"{title}: {text}", indent="  ")
    for each in surveyed.found:
        talk.say((words.IN_THE_WAY if each.blocker else words.NOTE).format(each.text))
        talk.say(words.REMEDY.format(each.remedy), indent="  ")
