"""Names of everything that leaves a row in the audit. Pure."""

from enum import StrEnum

from api.audit.chain import TRIMMED


class Action(StrEnum):
    """What somebody did."""

    PLAN_PUBLISHED = "plan.publish"
    PLAN_ROLLED_BACK = "plan.rollback"
    OVERRIDE_SET = "override.set"
    OVERRIDE_CLEARED = "override.clear"
    COMMAND_GIVEN = "command.give"
    """A node was told to do something."""
    USER_ADDED = "user.add"
    USER_CHANGED = "user.change"
    PASSWORD_CHANGED = "user.password"  # noqa: S105  a word, no secret
    TOKEN_MADE = "token.add"  # noqa: S105  a word, no secret
    TOKEN_REVOKED = "token.revoke"  # noqa: S105  a word, no secret
    SESSION_BEGUN = "session.begin"
    SESSION_ENDED = "session.end"
    LOGIN_FAILED = "session.refuse"
    ACCESS_REFUSED = "access.refuse"
    """Somebody known asked for what their role or token may not; one row for many tries."""
    LOGIN_LOCKED = "session.lock"
    NUMBER_SHOWN = "number.show"
    PERSON_EXPORTED = "person.export"
    PERSON_ERASED = "person.erase"
    HOLD_SET = "hold.set"
    HOLD_RELEASED = "hold.release"
    KEYS_ROTATED = "keys.rotate"
    RETENTION_RUN = "retention.run"
    AUDIT_TRIMMED = TRIMMED
    CALLS_EXPORTED = "calls.export"
    DETENTION_EXPORTED = "detention.export"
    RECORDING_HEARD = "recording.listen"
    RECORD_CHANGED = "record.change"
    """Topics, detention reports and whatever else a person fills in."""
