"""The closed sets of what the ledger finds. Their values stand in answers: never rename one."""

from enum import StrEnum


class BegunKind(StrEnum):
    """What began when Asterisk counted one more."""

    CALL = "call"
    CODE = "code"
    """An operator dialled a code."""
    CHECK = "check"
    """A test call to a centre's telephone, which the console of the machine started."""


class DifferenceKind(StrEnum):
    """What does not agree."""

    NOT_IN_LOG = "not_in_log"
    """Asterisk's own call records have a call that the log has not, and there is no CEL of it."""
    NOT_FOLDED = "not_folded"
    """There is evidence of a call, and no row of it in the log: `hotline rebuild` mends it."""
    GAP = "gap"
    """The log has the call, but lines of its evidence did not come: `missing` tells which."""
    NO_CALL_RECORD = "no_call_record"
    """The log has the call, Asterisk's own call records have not."""
    COUNT = "count"
    """Asterisk counted more calls, or fewer, than the log has in this time; which is not known from the count."""
