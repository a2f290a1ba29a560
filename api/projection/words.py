"""The closed sets of words of the call log. Their values stand in the database and in answers: never rename one."""

from enum import StrEnum


class CallOutcome(StrEnum):
    """How a call ended for the caller."""

    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    """Over, but queue_log has not told yet how; it becomes one of the others."""
    ANSWERED = "answered"
    """An operator, or in an emergency the duty officer's number, spoke with the caller."""
    TRANSFERRED = "transferred"
    """A regional centre accepted the call, or an operator passed it on to somebody who is in no queue of the line."""
    INFORMED = "informed"
    """Heard spoken information to its end, and asked for nobody afterwards."""
    ABANDONED_IN_MENU = "abandoned_in_menu"
    """Hung up before it was decided where the call goes."""
    ABANDONED_BEFORE_QUEUE = "abandoned_before_queue"
    """Hung up in an announcement after the decision."""
    ABANDONED_IN_QUEUE = "abandoned_in_queue"
    ABANDONED_RINGING = "abandoned_ringing"
    """Hung up while an operator's phone or a centre's rang."""
    OVERFLOWED = "overflowed"
    """Hung up after a queue had let go of the call (full, empty, too long, closing) and before another had it."""
    FAILED = "failed"
    """Our side ended the call and nobody had answered."""
    LOST_NODE = "lost_node"
    """Asterisk stopped during the call; it ends at its last evidence."""


class HungUpBy(StrEnum):
    """Which side ended the call."""

    CALLER = "caller"
    OPERATOR = "operator"
    CENTRE = "centre"
    SYSTEM = "system"
    UNKNOWN = "unknown"
    """Not known, or the call goes on."""


class LegRole(StrEnum):
    """Whose channel a leg is."""

    CALLER = "caller"
    OPERATOR = "operator"
    CENTRE = "centre"
    """A call out to a regional centre."""
    OTHER = "other"


class StepKind(StrEnum):
    """What a step of a call is about that is neither a menu's answer, nor a decision, nor a stay in a queue."""

    INFO = "info"
    """A part of spoken information ended."""
    CENTRE = "centre"
    """A call to a regional centre went on by one step."""
    DETENTION = "detention"
    """The caller got a registration number."""
    RECORDING = "recording"
    MOVED = "moved"
    """The call was taken out of a queue, to go on elsewhere."""
    UNSTAFFED = "unstaffed"
    """The caller came to a queue of which no operator could be reached, and was told so."""


class CentreStep(StrEnum):
    """Steps of a call to a regional centre."""

    DIAL = "dial"
    ANSWERED = "answered"
    """Somebody or something answers; whether it is a person, the next step tells."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


class InfoState(StrEnum):
    """How a part of spoken information ended."""

    COMPLETE = "complete"
    BROKEN_OFF = "broken_off"


class VisitEnding(StrEnum):
    """How a visit to a queue ended."""

    WAITING = "waiting"
    """It goes on: the caller waits."""
    TALKING = "talking"
    """It goes on: the caller speaks with an operator."""
    COMPLETED_BY_CALLER = "completed_by_caller"
    COMPLETED_BY_OPERATOR = "completed_by_operator"
    TRANSFERRED = "transferred"
    ABANDONED = "abandoned"
    ABANDONED_RINGING = "abandoned_ringing"
    EXIT_EMPTY = "exit_empty"
    """Nobody was left to answer (EXITEMPTY)."""
    EXIT_TIMEOUT = "exit_timeout"
    """Waited as long as the plan lets (EXITWITHTIMEOUT)."""
    EXIT_KEY = "exit_key"
    WITHDRAWN = "withdrawn"
    REFUSED_EMPTY = "refused_empty"
    """The queue let nobody in: no operator (JOINEMPTY, JOINUNAVAIL)."""
    REFUSED_FULL = "refused_full"
    REFUSED_UNKNOWN = "refused_unknown"
    """Asterisk knows no such queue."""
    LOST = "lost"
    """The call ended and queue_log does not say how the visit did."""
