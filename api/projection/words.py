"""The closed sets of words of the call log. Their values stand in the database and in answers: never rename one."""

from enum import StrEnum


class CallOutcome(StrEnum):
    """How a call ended for the caller."""

    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    """Over, but queue_log has not told yet how; it becomes one of the others."""
    ANSWERED = "answered"
    """An operator, or in an emergency the duty officer's number, spoke with the caller."""
    ABANDONED_IN_MENU = "abandoned_in_menu"
    """Hung up before it was decided where the call goes."""
    ABANDONED_BEFORE_QUEUE = "abandoned_before_queue"
    """Hung up in an announcement after the decision, or between two queues."""
    ABANDONED_IN_QUEUE = "abandoned_in_queue"
    ABANDONED_RINGING = "abandoned_ringing"
    """Hung up in the queue while an operator's phone rang."""
    FAILED = "failed"
    """Our side ended the call and nobody had answered."""
    LOST_NODE = "lost_node"
    """Asterisk stopped during the call; it ends at its last evidence."""


class HungUpBy(StrEnum):
    """Which side ended the call."""

    CALLER = "caller"
    OPERATOR = "operator"
    SYSTEM = "system"
    UNKNOWN = "unknown"
    """Not known, or the call goes on."""


class LegRole(StrEnum):
    """Whose channel a leg is."""

    CALLER = "caller"
    OPERATOR = "operator"
    OTHER = "other"


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
