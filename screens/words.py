"""Every sentence that the screens and the plain mode say, in one place for a translator."""

from __future__ import annotations

import gettext

_ = gettext.translation("registry-wizard", fallback=True).gettext


def translated(text: str) -> str:
    """Give a text of the engine (a question's title or help) in the user's language."""
    return _(text)


DEFAULT = _("the default")
WHOLE_NUMBER = _("must be a whole number")
FOR_EXAMPLE = _("for example: {}")
CLIENT_TWICE = _("is in the list already")
USER_TWICE = _("is the name of another user already")
PASSWORDS_DIFFER = _("the two passwords differ")

PAGE_NAME = (
    _("Name"),
    _("What do clients call this registry?"),
)
PAGE_ADDRESS = (
    _("Address"),
    _("Where do clients reach this machine?"),
)
PAGE_CERTIFICATE = (
    _("Certificate"),
    _("Under which names and addresses will clients trust it?"),
)
PAGE_AUTHORITY = (
    _("Authority"),
    _("The private CA that signs the certificate. Each can be left empty."),
)
PAGE_REGISTRY = (
    _("Registry"),
    _("Where do the images lie?"),
)
PAGE_RUNTIME = (
    _("Runtime"),
    _("How does the registry run?"),
)
PAGE_PROXY = (
    _("nginx"),
    _("Where does nginx come from?"),
)
PAGE_ACCESS = (
    _("Access"),
    _("Who may log in? Without anybody, a user admin is made, who may push."),
)

PAGE_CLIENTS = (
    _("Clients"),
    _("Which machines are to trust it? They are set up from here, by SSH. None is fine, too."),
)
PAGE_WHICH = (
    _("Registry"),
    _("Which registry is this machine to trust?"),
)
PAGE_CA = (
    _("CA"),
    _("Which CA is the registry's? With neither file nor fingerprint it is fetched and shown."),
)
PAGE_TRUST = (
    _("Trust"),
    _("What on this machine is to trust it?"),
)
# What a question is about where this machine is a client and the registry is elsewhere.
HELP_ON_A_CLIENT = {
    "registry.hostname": _(
        "The registry's name, as it stands in front of its images, or its IP address."
    ),
    "registry.ip": _(
        "The address at which the registry answers. Empty: wherever the name leads already. With"
        " an address, the name is put into this machine's hosts file."
    ),
    "registry.https_port": _("The registry's HTTPS port: what stands behind its name, or 443."),
    "certificate.alt_names": _(
        "Further names under which this machine will use the same registry."
    ),
    "client.ca_fingerprint": _(
        "The SHA-256 of the CA's certificate, as registry-wizard status shows it on the server."
        " Without file and fingerprint the CA is fetched and shown: trust on first use."
    ),
}

DUMB_TERMINAL = _("This terminal can place no cursor, so here are the questions line by line.")
SMALL_TERMINAL = _(
    "This terminal has {} columns and {} rows; the screen needs {} and {}, so here are the"
    " questions line by line."
)
NO_UTF8 = _("This terminal's language has no UTF-8, so here are the questions line by line.")
NO_TERMINAL = _("There is no terminal to ask on")
NO_TERMINAL_HINT = _(
    "give the answers in a file: registry-wizard --answers FILE;"
    " registry-wizard answers prints one with every question"
)

PROGRAM = "registry-wizard"
SMALL = _("This needs {} columns and {} rows;\nthe window has {} and {}.")
BACK, NEXT, QUIT, HELP = _("Back"), _("Next"), _("Quit"), _("Help")
YES, NO, CLOSE, CANCEL, OK = _("Yes"), _("No"), _("Close"), _("Cancel"), _("OK")
LOOKING = _("Looking at this machine ...")

WELCOME = _("Welcome")
WELCOME_TEXT = _(
    "This sets up a private Docker registry on this machine: nginx with HTTPS in front,"
    " certificates from a private CA, users with passwords.\n\n"
    "  1  You answer a few questions; every one has a default.\n"
    "  2  You see every file before it is written, and can edit it or leave it out.\n"
    "  3  It is done while you watch: about a minute, most of it packages.\n"
    "  4  It is checked from the outside, with a real push and pull.\n\n"
    "Nothing is changed before you say so, and all of it can be taken back."
)
WELCOME_FOUND = _("There is a registry on this machine.")
DRAFT_FOUND = _("Answers of an earlier start were not applied; they are filled in.")
DRAFT_DROP = _("Begin without them")
BEGIN = _("Begin: make this machine the server of a registry")
BEGIN_CLIENT = _("Begin: make this machine a client that trusts one")
GO_ON = _("Begin again: what was set up here is not whole")
WELCOME_TRUSTS = _("This machine trusts a registry.")
CHANGE_ANSWERS = _("Change the answers")
CHANGE_USERS = _("Add or remove users")
CHANGE_CLIENTS = _("Add or remove clients")
IMAGES = _("Images")
IMAGES_SEARCH = _("Search")
IMAGES_HINT = _("a part of repository:tag")
IMAGES_HEAD = (_("Repository"), _("Tags"), _("Last pushed"))
IMAGES_TAG_HEAD = (_("Tag"), _("Size"), _("Platforms"), _("Created"), _("Digest"))
IMAGES_READING = _("Reading ...")
IMAGES_COUNT = _("Repositories: {}, tags: {}")
IMAGES_NOT = _("No image holds this in its name or tag.")
IMAGES_UNREAD = _("A part of the storage could not be read: {}")
IMAGES_NONE = _(
    "There is no image yet. The first one is pushed from any machine that trusts the registry:\n\n"
    "  docker login {0}\n  docker tag IMAGE {0}/IMAGE:TAG\n  docker push {0}/IMAGE:TAG\n\n"
    "IMAGE is one that docker images shows there."
)
IMAGES_DETAIL = {
    "platforms": _("Platforms"),
    "size": _("Size"),
    "created": _("Created"),
    "pushed": _("Pushed"),
}
IMAGES_BROKEN = _("What this tag leads to is not there, or no manifest: it cannot be pulled.")
IMAGES_ARTIFACT = _("none: it is no image that runs ({})")
OPEN, READ_AGAIN = _("Open"), _("Read again")
CLIENTS = _("Clients")
CLIENT_GOOD = _("good, last verified {}")
CLIENT_BAD = _("failed: {}, last verified {}")
CLIENT_NEW = _("not tried yet")
CLIENTS_STATE = _("{} of {} good (PageDown)")
VERIFY = _("Check everything again")
UNDO = _("Take everything back")
STATE_ROWS = {
    "address": _("Address"),
    "nginx": _("nginx"),
    "registry": _("Registry"),
    "runtime": _("Runtime"),
    "certificate_days_left": _("Certificate, days left"),
    "ca_days_left": _("CA, days left"),
    "storage": _("Storage"),
    "storage_free_bytes": _("Free there"),
    "users": _("Users"),
}
CHECKS_RUNNING = _("Checks are running ...")
CHECKS_ALL = _("all {} checks passed")
CHECKS_SOME = _("{} checks passed")
CHECKS_WARNED = _("{} with a warning")
CHECKS_SKIPPED = _("{} not looked at")
CHECKS_FAILED = _("{} of {} checks failed: {}")
CHECKS = _("Checks")

QUESTIONS = _("Questions {} of {}: {}")
LINES = _("File lines")
LINES_TITLE = _("This page in an answers file")
OPTIONAL = _("optional")
DETECTED = _("{}: {}")
DETECTED_NAME = _("Left empty it is {}: {}.")
STAYS_EMPTY = _("Can stay empty.")
IMAGES_WILL_BE = _("Images will be called {}/NAME:TAG")
TRY_NAME = _("Try a name")
TRY_NAME_HELP = _("Type what a client will type, and see whether it will match.")
WILL_MATCH = _("will match: {}")
WILL_NOT = _("will not match: {}")
FREE_SPACE = _("{:.1f} GiB free there (on {})")
FILE_THERE = _("It is there: {}.")
FILE_NOT_THERE = _("There is no such file on this machine yet.")
SUM_IS = _("It is the archive's.")
SUM_IS_NOT = _("The archive's is another one: {}...")
CHOSEN_NOW = _("{} means {} now: {}.")
# What stands beside each choice; 39 columns are what a field has at its narrowest.
CHOICES = {
    "registry.runtime": {
        "auto": _("whichever of the two fits this machine"),
        "container": _("the image below, on Docker Engine"),
        "package": _("the distribution's docker-registry"),
    },
    "proxy.install": {
        "package": _("the distribution's, which updates it"),
        "source": _("built here from an archive you bring"),
    },
}
WRONG_HERE = _("Something on this page is not right yet; the line below the field says what.")
IN_FILE = _("In an answers file: {}")
NO_LESSON = _("Nothing more is known about this.")

USERS_NONE = _("(nobody yet: admin will be made, with a generated password)")
USER_HAS = {"push": _("{}  may push"), "pull": _("{}  may pull")}
USER_ADD, USER_CHANGE, USER_REMOVE = _("Add"), _("Change"), _("Remove")
USER_TITLE = _("Who may log in")
USER_NAME, USER_PASSWORD, USER_AGAIN = _("Name"), _("Password"), _("Once more")
USER_ROLE = _("May")
ROLES = {"push": _("also pull and delete"), "pull": _("nothing else")}
USER_HINT = _("Leave the password empty to have one generated and shown once.")
USER_HINT_KEEP = _("Leave the password empty to keep it as it is.")
GENERATED = _("The password of {}, shown this once:\n\n    {}\n\nWrite it down, or copy it now.")

CLIENTS_NONE = _("(none: clients can be added later, too)")
CLIENT_ROW = _("{} as {}: {}{}")
CLIENT_PORT = _("port {}")
CLIENT_WHATEVER = _("whatever is found there")
CLIENT_LOOK = _("Look")
CLIENT_TITLE = _("A machine that is to trust the registry")
CLIENT_FIELDS = {
    "host": _("Machine"),
    "user": _("User"),
    "port": _("SSH port"),
    "trust": _("What is to trust"),
    "host_key": _("SSH host key"),
}
CLIENT_STANDS_IN = {
    "host": _("an address, or a name that ssh knows"),
    "user": _("root"),
    "port": _("22, or as ssh's own settings say"),
    "trust": _("whatever is found: docker, podman, system ..."),
    "host_key": _("SHA256:..., asked about when it is not known"),
}
CLIENT_HINT = _("The machine alone is enough. SSH keys of root on this machine are used.")
CLIENT_STAYS = _("{} still trusts the registry; registry-wizard clients remove {} takes that back.")
CONNECTING = _("Connecting to {} ...\n\nEsc goes on without waiting.")
SEEN = {
    "reached": _("reached"),
    "unknown": _("host key not compared"),
    "not": _("not reached"),
    "good": _("good"),
    "failed": _("failed"),
}
REACHED = _("{} is reached, and commands run as root there.")
KEY_TITLE = _("Is this {}?")
KEY_TEXT = _(
    "{} shows an SSH host key that is not known on this machine:\n\n"
    "    {}\n\n"
    "Compare it with what the machine itself says, on its console:\n\n"
    "    cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -\n\n"
    "Yes only if one of those is the same; if none is, somebody is in between."
)

FIRST_USE_TITLE = _("Trust on first use")
FETCHING = _("Fetching the CA from {} ...\n\nEsc leaves it.")
FIRST_USE_TEXT = _(
    "No file and no fingerprint was given, so this is trust on first use: whoever answered at {}"
    " just now sent this CA, and that may be somebody in between."
)
FIRST_USE_COMPARE = _(
    "Compare its SHA-256 with the one that registry-wizard status shows on the server, as"
    " ca_fingerprint, before you trust it:"
)
TRUST_IT = _("It is the same: trust it")

SURVEY = _("What was found")
SURVEY_GOOD = _("Nothing stands in the way.")
SURVEY_BLOCKED = _("This stands in the way. Mend it and look again (F5), or change the answers.")
LOOK_AGAIN = _("Look again")
BLOCKER, WARNING = _("STOP"), _("note")

REVIEW = _("What will be done")
REVIEW_UNDO = _("What will be taken back")
ON_HOST = _("on {}")
REVIEW_NOTHING = _("Nothing has to be changed: all of it is so already.")
REVIEW_COUNT = _("{} changes; nothing is done yet")
APPLY = _("Do it")
WHOLE = _("Whole file")
DIFFERENCE = _("Diff")
EDIT, EDITOR, LEAVE_OUT, TAKE_IN, SAVE = (
    _("Edit"),
    _("Editor"),
    _("Leave out"),
    _("Take in"),
    _("Save"),
)
LARGE = _("Large")
VERBS = {
    "create": "+",
    "update": "~",
    "remove": "-",
    "run": ">",
    "start": ">",
    "stop": ">",
    "keep": "=",
}
IS_LEFT_OUT = _("left out")
IS_EDITED = _("edited")
IS_STALE = _("two versions")
IS_DRIFT = _("changed since by somebody else")
CANNOT_EDIT = _("This cannot be edited: {} is made anew or depends on the answers.")
CANNOT_LEAVE = _("This cannot be left out: the rest builds on it. Change the answers instead.")
STALE_TEXT = _(
    "You edited this file at an earlier run, and what we would write has changed since."
    " Yours is below ours. Take ours (o), keep yours (y), or edit (e)."
)
OURS, YOURS = _("Ours"), _("Yours")
STALE_FIRST = _("{} was edited earlier and no longer fits: choose ours or yours first.")
EDIT_TITLE = _("Edit {}")
EDIT_ACCEPT = _("Accept")
EDIT_REFUSED = _("{} refuses it: {}")
EDIT_ACCEPTED = _("{} takes it.")
EDIT_UNTRIED = _("It could not be tried here; it is tested when it is written.")
EDIT_TRYING = _("Trying it aside ...")
EDITOR_FAILED = _("Your editor could not be used: {}")
DRIFT_CONFIRM = _(
    "Somebody changed since what the wizard wrote:\n\n{}\n\n"
    "It is taken back all the same, and a copy is kept. Go on?"
)
SAVE_TITLE = _("Save the plan as")
SAVE_ANSWERS, SAVE_SCRIPT = _("an answers file"), _("a shell script")
SAVE_PATH = _("Where to")
SAVED = _("Saved: {}")
SAVE_REPLACE = _("{} is there already. Replace it?")

PROGRESS = _("At work")
PROGRESS_UNDO = _("Taking back")
STOP = _("Stop")
FOLLOW = _("Follow")
STOP_CONFIRM = _("Stop after the change that is under way? Running again goes on from there.")
STOPPING = _("Stopping after this change ...")
FAILED = _("It did not work")
STOPPED_TITLE = _("Stopped as asked")
RETRY, EDIT_ANSWERS, TAKE_BACK = _("Retry"), _("Edit answers"), _("Undo")
MEANS = _("This means: {}")
WHAT_TO_DO = _("What to do: {}")
OR = _("or: {}")
LAST_LINES = _("Last lines:")
LOG_AT = _("The full log: {}")
DROPPED = _("... {} lines are in the log only ...")
CHECKING = _("Check it from the outside")
CHECKING_CLIENTS = _("Check it from the clients")
MORE_ROWS = _("     ... and {} more: {} done, {} waiting")

REPORT = _("Report")
REPORT_GOOD = _("The registry stands: {}.")
REPORT_UNCHANGED = _("Nothing had to be changed: {}.")
REPORT_BAD = _("All is applied, but {} of {} checks failed.")
REPORT_TRUSTS = _("This machine trusts the registry: {}.")
REPORT_PARTLY = _("The registry stands, but not every client could be set up.")
REPORT_PASSWORD = _("Password of admin, shown this once: {}")
REPORT_UNDONE = _("Taken back: {} changes. Images in the storage folder stay.")
REPORT_UNDONE_CLIENT = _("Taken back: {} changes.")
TYPE_NOW = _("What to type now (Enter or c copies; all of it is in {})")
TYPE_NOW_CLIENT = _("What to type now (Enter or c copies)")
ON_SERVER, ON_CLIENT = _("on this machine"), _("on a client")
PLACES = _("Where things are")
PLACE_SITE = _("What nginx does")
PLACE_ROWS = (
    (_("Answers"), "/etc/registry-wizard/answers.toml"),
    (_("CA for clients"), "/etc/registry-wizard/pki/ca.crt"),
    (PLACE_SITE, "/etc/nginx/conf.d/registry.conf"),
    (_("Journal"), "/var/lib/registry-wizard/journal.jsonl"),
    (_("Full log"), "/var/log/registry-wizard.log"),
)
PLACE_ROWS_CLIENT = (
    (_("Answers"), "/etc/registry-wizard/answers.toml"),
    (_("CA"), "/etc/registry-wizard/pki/ca.crt"),
    (_("Journal"), "/var/lib/registry-wizard/journal.jsonl"),
    (_("Full log"), "/var/log/registry-wizard.log"),
)
COPIED = _("Copied: {}")
COPY = _("Copy")
DONE = _("Done")
MORE = _("More: PageDown")

QUIT_CONFIRM = _("Quit? What you typed is kept and offered at the next start.")
QUIT_AT_WORK = _("Finishing the change that is under way ...")
QUIT_LOOKING = _("Waiting for the last look at a machine to end; it takes some seconds ...")
CRASH = _("This is a mistake of the program itself:")
UNDO_PACKAGES = _("Remove the packages, too")

SCREEN_HELP = {
    "Welcome": _(
        "Choose with the arrow keys and Enter; F3 takes the line under the cursor. PageDown shows"
        " what does not fit. Nothing is changed until you have seen all of it and said so."
    ),
    "Questions": _(
        "Tab and the arrow keys go from field to field, Enter to the next one, F3 to the next"
        " page, Esc to the page before. F1 explains the field that you are in; F4 shows what this"
        " page says in an answers file. What you type is kept, also when you go back or quit."
    ),
    "Surveyed": _(
        "What is listed as STOP must be mended before anything can be done; a note is only worth"
        " knowing. F5 looks again, F3 goes on to the review."
    ),
    "Review": _(
        "At the left are the changes, at the right the text of the one under the cursor. Enter"
        " shows it on the whole screen; d turns between the whole file and the difference; x"
        " leaves a file out; e edits it here, v in your own editor; s saves the plan as an"
        " answers file or a shell script. F3 does it all."
    ),
    "Images": _(
        "Type a part of a repository's name, or of repository:tag, to see only those; the arrow"
        " keys choose one, Enter shows its tags. F5 reads the storage again. Nothing is changed"
        " here."
    ),
    "Tags": _(
        "Enter or c copies the command that pulls the image under the cursor, where your terminal"
        " allows it. The size is that of all platforms together, each part counted once."
    ),
    "UndoReview": _("Newest first, all that the journal has on record. F3 takes it back."),
    "AtWork": _(
        "Esc stops after the change that is under way; running again goes on from there. f follows"
        " the newest lines or lets you scroll back. The full log is in"
        " /var/log/registry-wizard.log."
    ),
    "Report": _(
        "Enter or c copies the command under the cursor, where your terminal allows it; all of"
        " them are in /etc/registry-wizard/next-steps.txt. PageDown shows the checks."
    ),
}

NOT_ROOT = _("This needs root: it installs packages and writes to /etc")
NOT_ROOT_HINT = _("run: sudo registry-wizard")
SCROLLED_BACK = _("You have scrolled back; f follows the newest line again.")
