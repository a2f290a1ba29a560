"""Scopes, and the one table of what each role may. Pure.

Routes name the scope that they need (`api.kit.auth.requires`); a test compares route by route with the table of people.
"""

from enum import StrEnum


class Scope(StrEnum):
    """What a principal may."""

    EVIDENCE_WRITE = "evidence:write"
    LIVE_WRITE = "live:write"
    EVIDENCE_REBUILD = "evidence:rebuild"
    """Folding calls anew from their evidence."""
    CALLS_READ = "calls:read"
    """Operators: only calls that they took part in."""
    CALLS_EXPORT = "calls:export"
    """All calls of a selection as a file; leaves a row in the audit."""
    REPORTS_READ = "reports:read"
    """Figures over all calls."""
    NUMBERS_READ = "numbers:read"
    """Showing a caller's number, with a reason; leaves a row in the audit."""
    PLANS_READ = "plans:read"
    """Plans, overrides, nodes and what they should have in force."""
    PLANS_WRITE = "plans:write"
    OVERRIDES_WRITE = "overrides:write"
    USERS_WRITE = "users:write"
    """People and their roles; listing them too."""
    TOKENS_WRITE = "tokens:write"
    """API tokens; listing them too."""
    AUDIT_READ = "audit:read"
    PERSONS_WRITE = "persons:write"
    """Exporting and erasing one person's data, legal holds, retention, rotation of keys."""
    TOPICS_WRITE = "topics:write"
    """Telling what a call was about; operators: only calls that they took part in."""
    DETENTION_READ = "detention:read"
    """Reports of detentions, with the names in them."""
    DETENTION_WRITE = "detention:write"
    RECORDINGS_READ = "recordings:read"
    """Listening; leaves a row in the audit."""
    LIVE_READ = "live:read"
    """The board of now: who waits, who answers."""
    COMMANDS_WRITE = "commands:write"
    """Pausing operators, logging them out, moving callers who wait; leaves a row in the audit."""
    METRICS_READ = "metrics:read"
    """`/metrics` from another machine."""
    SESSION = "session"
    """Knowing oneself, ending one's session, changing one's password: everybody has it."""


class Role(StrEnum):
    """What a person is to the line."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


NODE_SCOPES = frozenset({Scope.EVIDENCE_WRITE, Scope.LIVE_WRITE, Scope.PLANS_READ, Scope.OVERRIDES_WRITE})
"""A node sets overrides for the operators who dial the code."""
_MACHINE_SCOPES = frozenset({Scope.EVIDENCE_WRITE, Scope.LIVE_WRITE})
"""No person writes evidence."""
CONSOLE_SCOPES = frozenset(Scope) - _MACHINE_SCOPES
"""Who can read the instance's secrets file has the whole machine."""
PEOPLE_ONLY_SCOPES = frozenset({Scope.USERS_WRITE, Scope.TOKENS_WRITE, Scope.PERSONS_WRITE, Scope.SESSION})
"""No API token gets these. Why: a token that makes tokens or users outlives its own end."""

_OPERATOR = frozenset(
    {
        Scope.SESSION,
        Scope.CALLS_READ,
        Scope.PLANS_READ,
        Scope.TOPICS_WRITE,
        Scope.DETENTION_READ,
        Scope.DETENTION_WRITE,
        Scope.LIVE_READ,
    }
)
_SUPERVISOR = _OPERATOR | {
    Scope.NUMBERS_READ,
    Scope.OVERRIDES_WRITE,
    Scope.COMMANDS_WRITE,
    Scope.RECORDINGS_READ,
    Scope.CALLS_EXPORT,
    Scope.REPORTS_READ,
}

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.OPERATOR: _OPERATOR,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: frozenset(Scope) - _MACHINE_SCOPES,
    Role.AUDITOR: frozenset(
        {
            Scope.SESSION,
            Scope.CALLS_READ,
            Scope.REPORTS_READ,
            Scope.PLANS_READ,
            Scope.AUDIT_READ,
            Scope.LIVE_READ,
        }
    ),
}
"""An auditor sees what happened and who did what, and changes nothing."""
