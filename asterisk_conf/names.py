"""Every name that Asterisk, the service, the fallback script and the journal agree on.

Standard library only: `agi_scripts` reads this inside Asterisk's own root folder. Templates get this module as
`names`; nothing else spells these texts.
"""

from enum import StrEnum


class Context(StrEnum):
    """Dialplan contexts."""

    FROM_TRUNK = "from-trunk"
    """Only the plan's DIDs exist here."""
    FROM_OPERATORS = "from-operators"
    """Only the codes of `OperatorCode` exist here."""
    OPERATOR = "operator"
    """One extension an action and operator; no phone reaches it by dialling."""
    LINE = "line"
    HANDOVER = "handover"
    AFTER_QUEUE = "after-queue"
    AFTER_DIAL = "after-dial"
    AFTER_CENTRE = "after-centre"
    LAST_RESORT = "last-resort"
    CENTRE = "centre"
    """Calls a centre's telephone."""
    CENTRE_NUMBERS = "centre-numbers"
    """The directory: one extension a telephone, `<centre>-<place>`; no other number is called."""
    CENTRE_ACCEPT = "centre-accept"
    """What who answers at a centre hears, and the key that takes the call."""
    CENTRE_CHECK = "centre-check"
    """A short test call to a centre's telephone; only the console of this machine starts one."""
    DETENTION_NUMBER = "detention-number"
    """Says the registration number: `s` as a subroutine, `farewell` after the conversation."""
    RECORDING = "recording"
    """`ask` announces and starts a recording, `stop` (a subroutine) ends it."""
    QUEUE_KEYS = "queue-keys"
    """What a key does that is pressed while waiting: only the plan's keys exist here."""
    DUTY = "duty"
    """The duty officer as a member of queues: one extension a queue that calls one in; no phone reaches it."""
    DUTY_ACCEPT = "duty-accept"
    """What who answers at the duty officer's number hears, and the key that takes the call."""
    QUEUE_KEY = "queue-key"
    """The ladder for a caller who left a queue by a key."""


class AgiRoute(StrEnum):
    """Scripts of the FastAGI service (`agi://host:port/<route>`), and what the fallback script is told to do."""

    ENTRY = "entry"
    AFTER_QUEUE = "after-queue"
    AFTER_DIAL = "after-dial"
    AFTER_CENTRE = "after-centre"
    QUEUE_KEY = "queue-key"
    OVERRIDE = "override"
    """An operator switches the own office's queue by telephone; the script knows no such route."""
    HEALTH = "health"


class Variable(StrEnum):
    """Channel variables. The service sets each before the next prompt; `OUTCOME` is always its last command."""

    DID = "HOTLINE_DID"
    PLAN_VERSION = "HOTLINE_PLAN_VERSION"
    LANGUAGE = "HOTLINE_LANGUAGE"
    MENU = "HOTLINE_MENU"
    KEYS = "HOTLINE_KEYS"
    SERVICE = "HOTLINE_SERVICE"
    QUEUE = "HOTLINE_QUEUE"
    QUEUE_TIMEOUT_S = "HOTLINE_QUEUE_TIMEOUT_S"
    """Empty: no limit."""
    OFFICE = "HOTLINE_OFFICE"
    PRIORITY = "HOTLINE_PRIORITY"
    IS_OPEN = "HOTLINE_IS_OPEN"
    """`1` or `0`."""
    ANNOUNCEMENTS = "HOTLINE_ANNOUNCEMENTS"
    """Sounds as Playback() takes them: `hotline/a-1234abcd&hotline/b-5678cdef`; empty: none."""
    REASONS = "HOTLINE_REASONS"
    """`asterisk_conf.payload.encode_reasons`."""
    OUTCOME = "HOTLINE_OUTCOME"
    CENTRE = "HOTLINE_CENTRE"
    """Id of the centre that the caller asked to speak to; empty: none."""
    DIGITS = "HOTLINE_DIGITS"
    """Every key that the caller pressed since the menus began, by StoreDTMF()."""
    RUNG = "HOTLINE_RUNG"
    """Rung of the ladder on which the call is: a `Rung`."""
    TRIED_QUEUES = "HOTLINE_TRIED_QUEUES"
    """Queues that this caller already left without an answer, joined by `+`."""
    QUEUE_STATUS = "HOTLINE_QUEUE_STATUS"
    """Copy of QUEUESTATUS after the last queue."""
    NUMBER = "HOTLINE_NUMBER"
    """Telephone number of an override, E.164; empty: none. Nothing that a caller sends gets here."""
    DIAL_STATUS = "HOTLINE_DIAL_STATUS"
    """Copy of DIALSTATUS after the number; `NOTRUNK`: the site has no trunk for outbound calls."""
    OPERATOR_REASON = "HOTLINE_OPERATOR_REASON"
    """Digit that an operator dialled after the code for a pause."""
    CENTRE_DIALLED = "HOTLINE_CENTRE_DIALLED"
    """The centre whose telephone is called: that one or a neighbour."""
    CENTRE_PLACE = "HOTLINE_CENTRE_PLACE"
    """Place among its numbers, from 0; the number itself comes from `Context.CENTRE_NUMBERS` alone."""
    CENTRE_RING_S = "HOTLINE_CENTRE_RING_S"
    CENTRE_TRIED = "HOTLINE_CENTRE_TRIED"
    """Telephones that were called for this caller, `sumy.0+sumy.1`."""
    CENTRE_PERSONS = "HOTLINE_CENTRE_PERSONS"
    """How many that are."""
    CENTRE_NUMBER = "HOTLINE_CENTRE_NUMBER"
    CENTRE_ANSWER = "HOTLINE_CENTRE_ANSWER"
    """What became of the accept dialogue: a `CentreAnswer`; empty: nobody answered."""
    CENTRE_STATUS = "HOTLINE_CENTRE_STATUS"
    """Why the telephone did not take the call: DIALSTATUS, `NOTRUNK`, `NONUMBER`, `REFUSED` or `SILENT`."""
    KEY = "HOTLINE_KEY"
    """One digit that was read by the dialplan."""
    DETENTION_NUMBER = "HOTLINE_DETENTION_NUMBER"
    """Registration number of the caller's report; empty: none."""
    NUMBER_SOUNDS = "HOTLINE_NUMBER_SOUNDS"
    """The number as Playback() takes it."""
    NUMBER_TOLD = "HOTLINE_NUMBER_TOLD"
    """`1`: the number is in the evidence."""
    IS_RECORDED = "HOTLINE_IS_RECORDED"
    """`1`: the service's conversations are recorded."""
    RECORDING = "HOTLINE_RECORDING"
    """A `RecordingState`; empty: nobody was asked yet."""
    QUEUE_KEY = "HOTLINE_QUEUE_KEY"
    """The key by which the caller left the last queue."""
    LEFT_QUEUE = "HOTLINE_LEFT_QUEUE"
    """The queue that the caller left last, unanswered."""
    MOVED = "HOTLINE_MOVED"
    """Why the decision moves a waiting caller: a `routing.decisions.MoveCause`; empty: it moves nobody."""
    WAITED_BEFORE_S = "HOTLINE_WAITED_BEFORE_S"
    """Seconds that the caller waited in a call shortly before this one; empty: none."""
    QUEUED_AT_EPOCH = "HOTLINE_QUEUED_AT_EPOCH"
    """Whole seconds since 1970 at which the caller began to wait; empty: not yet."""


class Outcome(StrEnum):
    """What the dialplan does next."""

    QUEUE = "queue"
    NUMBER = "number"
    CENTRE = "centre"
    SPOKEN = "spoken"
    """Nothing: an operator who called the line's own codes has been told everything."""


class CentreAnswer(StrEnum):
    """What became of the accept dialogue with who answered at a centre."""

    ANSWERED = "answered"
    """It goes on, or the telephone was put down in it."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SILENT = "silent"
    """No key: an answering machine, a fax, or nobody who listened."""


class RecordingState(StrEnum):
    """Whether a conversation is recorded."""

    STARTED = "started"
    STOPPED = "stopped"
    DECLINED = "declined"


class Rung(StrEnum):
    """Who decided."""

    SERVICE = "service"
    SCRIPT = "script"
    STATIC = "static"


class UserEvent(StrEnum):
    """Names of our CEL user events; their extra text is `asterisk_conf.payload.encode_payload`."""

    ENTRY = "HOTLINE_ENTRY"
    """did, number, ani, presentation, trunk, plan: the only CEL event that holds the caller's number."""
    MENU = "HOTLINE_MENU"
    """menu, outcome (match, no_input, no_match), key, language, attempt."""
    INFO = "HOTLINE_INFO"
    """info (the menu), part, complete (`1` heard to its end, `0` not): a part of what a menu reads out is over."""
    LADDER = "HOTLINE_LADDER"
    """rung: the one that gave no answer; route; why (`AGISTATUS`, or `TIMEOUT` for the lease)."""
    DECISION = "HOTLINE_DECISION"
    """rung, service, queue, office, priority, open, language, keys, plan. (Evidence of old has reasons here.)"""
    REASONS = "HOTLINE_REASONS"
    """part (from 1), chars, text: the trail of the decision before it, `Variable.REASONS` in parts of
    `payload.REASONS_PART_CHARS`, to be joined before they are decoded; `chars` is the length of the whole."""
    QUEUE_EXIT = "HOTLINE_QUEUE_EXIT"
    """queue, status, waited."""
    MOVED = "HOTLINE_MOVED"
    """queue (which the caller left), why (closing, key), key, waited."""
    UNSTAFFED = "HOTLINE_UNSTAFFED"
    """queue: no operator of it could be reached when the caller came to it."""
    DIAL_EXIT = "HOTLINE_DIAL_EXIT"
    """digits (the last two of the number), status (DIALSTATUS or `NOTRUNK`): the call to a number is over."""
    CENTRE = "HOTLINE_CENTRE"
    """centre, place, step (dial, answered, accepted, refused, failed; check: a test call), status, persons: a call to a
    centre."""
    DUTY = "HOTLINE_DUTY"
    """queue, step (answered, accepted, refused), status: the duty officer's number, on the channel that called it."""
    DETENTION = "HOTLINE_DETENTION"
    """number: the registration number of the caller's report, given before any operator answers."""
    RECORDING = "HOTLINE_RECORDING"
    """state (started, stopped, declined), file."""
    OPERATOR = "HOTLINE_OPERATOR"
    """operator, action (login, logout, pause, unpause, override), reason (of override: what came of it)."""


class OperatorCode(StrEnum):
    """What operators dial on their phones."""

    OVERRIDE = "*80"
    """Asks for the PIN, then switches the office's queue."""
    LOGIN = "*81"
    LOGOUT = "*82"
    PAUSE = "*83"
    """Followed by one digit: the reason."""
    UNPAUSE = "*84"


TRUNK_PREFIX = "trunk-"
"""Begins the endpoint name of a trunk; no operator's id holds a `-`, so the two never clash."""

SOUNDS_SUBFOLDER = "hotline"
"""Prompts are `sounds/<language>/hotline/<name>.wav`; Playback() takes `hotline/<name>`. Name: `routing.prompts`."""

LEASE_S = 8
"""How long a silent service or script holds a call: TIMEOUT(absolute), renewed before every prompt."""

DUTY_MEMBER = "duty"
"""What queue_log calls the duty officer."""

EVERYBODY_RULE = "everybody"
"""Rule of queuerules.conf without any step: who waits by it is offered to operators of every penalty at once."""

NUMBER_RING_S = 30
"""How long a telephone number rings before the call goes on to its queue."""

RECORDING_DECLINE_KEY = "3"
RECORDING_KEY_S = 2
"""How long after the announcement the key is waited for."""
CENTRE_ACCEPT_KEY = "1"
CENTRE_CHECK_S = 6
"""How long a test call rings: a telephone that rings works, so nobody has to answer it."""
NUMBER_AGAIN_KEY = "*"
NUMBER_KEY_S = 4
FAREWELL_S = 180
"""How long a caller can go on hearing the number after the conversation."""

DETENTION_ANSWER_S = 15
DETENTION_LATE_S = 20
"""A caller who reports a detention and waits longer than the one, and the other, is an alarm.

Source: NENA-STA-020.1: 90 % of calls are answered within 15 s, 95 % within 20 s."""

CEL_FILE = "cel.jsonl"
QUEUE_LOG_FILE = "queue_log"
"""Both in the instance's Asterisk log folder."""
CDR_FILE = "cdr-csv/Master.csv"
"""In that folder too: cdr_csv knows no other name."""
WITNESS_FILE = "witness.jsonl"
"""In the journal's folder: what the service saw Asterisk count."""


REFUSALS_FILE = "refusals.log"
"""In Asterisk's log folder: its notices. They quote numbers dialled in vain, so it is no log to pass around."""


class Source(StrEnum):
    """Sources of evidence."""

    CEL = "cel"
    QUEUE_LOG = "queue_log"
    CDR = "cdr"
    """Witness of the ledger: Asterisk's own call records."""
    WITNESS = "witness"
    """Witness of the ledger: how many calls Asterisk says that it has processed, by the minute."""


CEL_FIELDS = (
    "EventType", "EventTime", "Exten", "Context", "ChanName", "UniqueID", "LinkedID", "Peer", "EventExtra",
)  # fmt: skip
"""Fields of a CEL line, in order. None of them is text that a caller can choose: numbers come in `UserEvent.ENTRY`.

Why no AppData: that of CELGenUserEvent() is the payload once more, and cel_custom cuts a whole line at 1,023
characters (run on 22.10.1), so that long decisions were lost as invalid JSON.
"""
