"""What is folded from the evidence of one call: the rows of the database. Pure."""

from dataclasses import dataclass
from datetime import datetime

from api.projection.words import CallOutcome, HungUpBy, LegRole, StepKind, VisitEnding

ReasonRows = list[tuple[str, dict[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """One channel of a call."""

    uniqueid: str
    channel: str | None
    role: LegRole
    operator: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    hangup_cause: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuStepRow:
    """One answer of the caller to a menu; silence is an answer too."""

    occurred_at: datetime
    menu: str | None
    outcome: str | None
    key: str | None
    language: str | None
    attempt: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision where the call goes."""

    occurred_at: datetime
    rung: str | None
    service: str | None
    queue: str | None
    office: str | None
    priority: int | None
    is_open: bool | None
    language: str | None
    keys: str | None
    plan_version: str | None
    reasons: ReasonRows


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """One stay in a queue; times are queue_log's whole seconds."""

    queue: str
    entered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    operator: str | None
    position: int | None
    wait_s: int | None
    ring_s: int | None
    talk_s: int | None
    missed_rings: int
    ending: VisitEnding


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of another kind: `StepKind` tells which, and so what the three texts are."""

    occurred_at: datetime
    kind: StepKind
    subject: str | None
    """The information, centre, registration number, recording or queue that it is about."""
    state: str | None
    detail: str | None
    """Part of the information, or status of the call to a centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """The call itself; None means unknown."""

    call_id: str
    node: str
    did: str | None
    trunk: str | None
    number_pseudonym: str | None
    presentation: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    language: str | None
    keys: str | None
    service: str | None
    queue: str | None
    office: str | None
    operator: str | None
    centre: str | None
    """The last regional centre that the call was put through to."""
    centre_asked: str | None
    """The regional centre that was called first."""
    plan_version: str | None
    wait_s: int | None
    talk_s: int | None
    duration_s: int | None
    overflows: int
    """How many queues let go of the call without an answer."""
    outcome: CallOutcome
    hung_up_by: HungUpBy
    hangup_cause: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """A call with all that belongs to it, each list in the order of events."""

    call: CallRow
    legs: tuple[LegRow, ...]
    menu_steps: tuple[MenuStepRow, ...]
    decisions: tuple[DecisionRow, ...]
    visits: tuple[VisitRow, ...]
    steps: tuple[StepRow, ...] = ()
    aliases: tuple[str, ...] = ()
    """Linkedids that were merged into the call's."""
