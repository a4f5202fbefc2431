"""Every sentence that the plain mode alone says, and the words that can be typed to it."""

from __future__ import annotations

from screens.words import _

BACK = ("<", _("back"))
HELP = ("?", _("help"))
EMPTY = "-"
QUIT = _("quit")
YES = (_("y"), _("yes"))
NO = (_("n"), _("no"))

GREETING = _(
    "registry-wizard sets up a private Docker registry on this machine, or makes it trust one."
)
HOW = _(
    "Enter keeps what stands in brackets. ? explains a question, < goes back to the one before, -"
    " empties an answer, quit leaves. Nothing is changed on this machine before you have seen"
    " all of it and said apply."
)
YES_OR_NO = _("Type yes or no.")
ONE_OF = _("Type one of these, or its number: {}.")
NOT_TEXT = _("That was no text in this terminal's encoding; type it again.")
MORE = _("-- Enter shows more, q no more:")
NOT_UNDERSTOOD = _("{} is not understood here.")
CHOOSE_ONE_OF = _("What now? ({}): ")

DRAFT_FOUND = _("There are answers from an earlier start that were not applied.")
DRAFT_TAKE = _("Go on with them?")
KEPT = _("Your answers are kept; the next start offers them again.")
NOT_KEPT = _("The answers cannot be kept: {}")
LEFT = _("Nothing was changed.")

INSTALLED = _("A registry is installed here:")
BROKEN = _("A registry was begun here and is not whole: change the answers and apply, or undo.")
TRUSTS = _("This machine trusts a registry:")
ROLE = _("What this machine is to be:")
ROLES = {"server": _("the server of a registry"), "client": _("a client that trusts one")}
MENU = {
    "change": _("change answers"),
    "users": _("users"),
    "clients": _("clients"),
    "images": _("images"),
    "verify": _("verify: run the checks again"),
    "undo": _("undo: take everything back"),
    "quit": _("quit"),
}
OF_SERVERS = ("users", "clients", "images")
MENU_ASK = _("Number: ")

IMAGES_SEARCH = _("A part of repository:tag, Enter for all of them, or < to go back: ")
IMAGES_ASK = _("Number of one to look at, Enter to search again, or < to go back: ")
IMAGES_NO_NUMBER = _("There is no image of that number.")

PAGE = _("Page {} of {}: {}")
FIRST = _("This is the first question.")
NOTHING = _("empty")
WRONG = _("This cannot be: {}")
CONTRADICTION = _("One thing does not fit yet. {}: {}")

TRY = _("Try a name: type what a client will type; Enter goes on: ")
TRY_HELP = _(
    "Type a name, an address or a whole URL as a client would, such as docker.benet.com:443, and"
    " see whether it would reach this registry and trust its certificate. It changes nothing."
)
WILL = _("{}: will work; {}.")
WILL_NOT = _("{}: will not work; {}.")

USERS = _("Who may log in:")
NOBODY = _("Nobody yet; then a user admin is made, with a generated password.")
USERS_ASK = _("add, password N, role N, remove N; Enter goes on: ")
USERS_WORDS = {
    "add": _("add"),
    "password": _("password"),
    "role": _("role"),
    "remove": _("remove"),
}
USER_NAME = _("User name: ")
USER_ROLE = _("What {} may: push (also pull and delete), or pull alone [{}]: ")
USER_ROLES = _("Type push or pull.")
USER_PASSWORD = _("Password for {} (not shown; Enter has one made): ")
USER_AGAIN = _("The same again: ")
USER_DONE = _("{} has a password; its hash alone is kept.")
USER_MADE = _("Password of {}, shown this once:")
USER_NO_NUMBER = _("There is no user of that number.")
REMOVED = _("{} is taken out.")

CLIENTS = _("Machines that are to trust the registry:")
CLIENTS_NONE = _("No client yet; they can be added later, too.")
CLIENTS_ASK = _("add, change N, look N, remove N; Enter goes on: ")
CLIENTS_WORDS = {
    "add": _("add"),
    "change": _("change"),
    "look": _("look"),
    "remove": _("remove"),
}
CLIENT_NO_NUMBER = _("There is no client of that number.")
CONNECTING = _("Connecting to {} ...")
KEY_SAME = _("Is it the same?")
KEY_NOT = _("Its key stays unknown, so it will not be set up; look N asks again.")
FETCHING = _("Fetching the CA from {} ...")
FIRST_USE = _("Type yes to trust this CA; anything else goes back: ")

LOOKING = _("Looking at this machine ...")
FOUND = _("What was found")
NOTE = _("note: {}")
IN_THE_WAY = _("IN THE WAY: {}")
REMEDY = _("-> {}")
BLOCKED = _("Nothing was touched. Mend it and look again, or change the answers.")
SURVEY_WORDS = {
    "on": _("Enter goes on"),
    "edit": _("edit"),
    "again": _("again"),
    "quit": _("quit"),
}

REVIEW = _("What will be done ({} changes)")
NOTHING_DUE = _("Nothing has to be changed; apply runs the checks again.")
LEFT_OUT = _("left out")
EDITED = _("edited")
DRIFT = _("changed since by somebody else")
STALE = _("two versions: decide")
REVIEW_ASK = _("Number shows one; x N, e N, {}; apply does it; ? explains; < back:")
REVIEW_HELP = _(
    "A number shows a change: the file as it will be, or the difference from the one that is"
    " there. w N shows the whole file. x N leaves a change out, or takes it in again. e N opens a"
    " file in your editor before it is written. s saves the answers as a file for"
    " registry-wizard --answers, script saves all of this as a shell script. apply does it."
    " < goes back to the questions, again shows this list."
)
REVIEW_STALE_HELP = _(
    "You edited this file at an earlier run, and what the wizard would write has changed since:"
    " ours N takes the wizard's, yours N keeps your edit, e N edits yours."
)
NO_NUMBER = _("There is no change of that number.")
REASON = _("Why: {}")
OURS_HEAD = _("--- ours, as the wizard would write it now")
YOURS_HEAD = _("--- yours, as you edited it")
NEEDED = _("This cannot be left out: the rest builds on it.")
NOT_EDITABLE = _("This cannot be edited: it is a secret, a certificate, or kept by the wizard.")
NO_WHOLE = _("There is no text to show.")
NOT_STALE = _("This has no two versions to decide between.")
DECIDE = _("Decide first between the two versions of: {}")
NO_EDITOR = _("The editor {} could not be used: {}. EDITOR in the environment names another one.")
NO_UTF8 = _("What the editor left is no UTF-8 text; nothing was taken over.")
UNCHANGED = _("The text is as it was; nothing was taken over.")
REFUSED = _("{} refuses this text: {}")
EDIT_AGAIN = _("Edit it again?")
EDIT_DROPPED = _("The edit is dropped.")
TAKEN = _("{} takes it; it is in the plan.")
UNTRIED = _("It is in the plan. It could not be tried here; it is tested when it is written.")
SAVE_TO = {
    "answers": _("Save the answers to [{}]: "),
    "script": _("Save the script to [{}]: "),
}
SAVE_PATHS = {"answers": "/root/registry-answers.toml", "script": "/root/registry-install.sh"}
SAVE_OVER = _("{} is there already. Write over it?")
SAVED = _("Saved to {}.")
NOT_SAVED = _("Nothing was saved.")

STEP = _("Step {} of {}: {} ...")
STEP_DONE = _("  done, changes: {}")
STEP_FAILED = _("  failed")
OF_SEVERAL = _("  {}: {}")
STEP_FAILED_WHY = _("failed: {}")
STEP_SAME = _("  nothing to change")
PERCENT = _("  {} %")
STOPPING = _("Stopping after the change that is running ...")
CHECKING = _("Checks, from the outside:")
VERDICTS = {"passed": _("ok"), "failed": _("FAILED"), "warning": _("warning")}
CHECK = _("  {}: {}: {}")
CHECK_CLIENT = _("{}, {}")
CHECKED_NONE_FAILED = _("No check failed.")
CHECKED_NOT = _("A check failed.")

FAILED = _("It did not work: {}")
STOPPED = _("Stopped, as asked. What is done so far is on record.")
MEANS = _("This means: {}")
LAST_LINES = _("The last lines were:")
FAILED_WORDS = {
    "retry": _("retry"),
    "review": _("review"),
    "edit": _("edit"),
    "undo": _("undo"),
    "quit": _("quit"),
}

DONE = _("Done, and checked.")
NEXT = _("What to type now")
ON_THE = {"server": _("on the server"), "client": _("on each client")}
ON_THIS = _("on this machine")
NEXT_KEPT = _("All of it to copy: {}")
PASSWORD = _("Password of admin, shown this once:")

UNDO = _("What would be taken back, newest first:")
UNDO_DRIFT = _("{} was changed since by somebody else; a copy of that is kept.")
UNDO_NOTHING = _("There is nothing to take back.")
UNDO_PACKAGES = _("Remove the packages, too?")
UNDO_SURE = _("Take all of this back?")
UNDO_NOT = _("Nothing was taken back.")
