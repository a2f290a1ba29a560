"""What the call log answers. Times are UTC; None means unknown or not (yet) so."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.projection.words import CallOutcome, HungUpBy, LegRole, StepKind, VisitEnding
from asterisk_conf.names import RecordingState


class Caller(BaseModel):
    """Who called, without the number itself."""

    pseudonym: str | None = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    """The same for every call from the same number; None: withheld or unknown."""
    masked: str | None = Field(default=None, examples=["+380 ••• 34"])
    """Country code and last two digits of the number; None: withheld, unknown, erased, or kept long enough."""
    presentation: str | None = Field(examples=["allowed_passed_screen"])


class HangupCause(BaseModel):
    """Why the caller's channel was cleared."""

    code: int = Field(examples=[16])
    """Q.850."""
    name: str = Field(examples=["normal clearing"])


class CallSummary(BaseModel):
    """One call as the list shows it."""

    call_id: str = Field(examples=["node1-1795510790.7"])
    node: str = Field(examples=["node1"])
    did: str | None = Field(examples=["+380800213103"])
    trunk: str | None = Field(examples=["selftest"])
    caller: Caller
    started_at: datetime
    answered_at: datetime | None
    """When the first operator answered."""
    ended_at: datetime | None
    """None: the call goes on."""
    language: str | None = Field(examples=["uk"])
    keys: str | None = Field(examples=["9,1"])
    """What the caller keyed, separated by commas; `t` is silence."""
    service: str | None = Field(examples=["consultation"])
    queue: str | None = Field(examples=["sumy"])
    """The last one."""
    office: str | None = Field(examples=["sumy"])
    operator: str | None = Field(examples=["s01"])
    """The last who answered."""
    centre: str | None = Field(default=None, examples=["sumy"])
    """The last regional centre that the call was put through to."""
    region: str | None = Field(default=None, examples=["UA-59"])
    """ISO 3166-2: said with the topic, else that of the centre."""
    plan_version: str | None = Field(examples=["0123456789abcdef"])
    wait_s: int | None = Field(examples=[12])
    """Waited in all queues together."""
    talk_s: int | None = Field(examples=[184])
    duration_s: int | None = Field(default=None, examples=[201])
    """From beginning to end; None: it goes on."""
    overflows: int = Field(default=0, examples=[1])
    """Queues that let go of the call without an answer."""
    outcome: CallOutcome
    hung_up_by: HungUpBy
    hangup_cause: HangupCause | None


class CallPage(BaseModel):
    """One page of calls."""

    calls: list[CallSummary]
    next_cursor: str | None
    """Give it as `cursor` to get the next page; None: there is none."""


class NumberSearch(BaseModel):
    """A caller's number to look for; it stands in the body, so that no log of addresses holds it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"number": "0 50 123 45 67"}]}
    )

    number: str = Field(min_length=3, max_length=40, pattern=r"^[0-9+() .-]+$", examples=["0 50 123 45 67"])


class NumberFound(BaseModel):
    """How the log names a number."""

    pseudonym: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    calls: int = Field(examples=[3])
    """Calls of this number in the log."""


class MenuStep(BaseModel):
    """One answer to a menu."""

    occurred_at: datetime
    menu: str | None = Field(examples=["main"])
    outcome: str | None = Field(examples=["match"])
    """match, no_input or no_match."""
    key: str | None = Field(examples=["1"])
    language: str | None = Field(examples=["uk"])
    attempt: int | None = Field(examples=[1])


class ReasonText(BaseModel):
    """One step of a decision's trail."""

    code: str = Field(examples=["hours"])
    details: dict[str, str]
    uk: str
    en: str


class Decision(BaseModel):
    """One decision where the call goes."""

    occurred_at: datetime
    rung: str | None = Field(examples=["service"])
    """Who decided: service, script or static."""
    service: str | None = Field(examples=["consultation"])
    queue: str | None = Field(examples=["sumy"])
    office: str | None = Field(examples=["sumy"])
    priority: int | None = Field(examples=[10])
    is_open: bool | None
    language: str | None
    keys: str | None
    plan_version: str | None
    reasons: list[ReasonText]


class QueueVisit(BaseModel):
    """One stay in a queue; times are whole seconds."""

    queue: str
    entered_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    operator: str | None
    position: int | None
    wait_s: int | None
    ring_s: int | None
    """How long the phone of the operator who answered rang."""
    talk_s: int | None
    missed_rings: int
    """Phones that rang and were not picked up."""
    ending: VisitEnding


class CallStep(BaseModel):
    """One step that is neither a menu's answer, nor a decision, nor a stay in a queue."""

    occurred_at: datetime
    kind: StepKind
    subject: str | None = Field(examples=["sumy"])
    """The information, centre, registration number, recording or queue that it is about."""
    state: str | None = Field(examples=["accepted"])
    """info: complete, broken_off. centre: dial, answered, accepted, refused, failed. detention: given. recording:
    started, stopped, declined. moved: closing, key, escalation. unstaffed: no_operator."""
    detail: str | None
    """info: the part. centre: how the call to it stands."""


class CallRecording(BaseModel):
    """One recording of the call, or that the caller declined to be recorded."""

    state: RecordingState
    file: str | None = Field(default=None, examples=["node1-1795510790.7.wav"])
    """None: declined."""
    began_at: datetime | None = None
    stopped_at: datetime | None = None
    """None: it goes on, or its end was not told."""
    declined_at: datetime | None = None
    url: str | None = Field(default=None, examples=["/api/v1/recordings/node1-1795510790.7.wav"])
    """Where it can be heard, with ranges; None: declined, deleted since, or not on this machine."""


class Leg(BaseModel):
    """One channel of the call."""

    uniqueid: str
    channel: str | None = Field(examples=["PJSIP/s01-00000003"])
    role: LegRole
    operator: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    hangup_cause: HangupCause | None


class TimelineEvent(BaseModel):
    """One piece of evidence of the call."""

    at: datetime
    source: str = Field(examples=["cel"])
    event: str = Field(examples=["HOTLINE_MENU"])
    uniqueid: str | None
    details: dict[str, str]
    """Without numbers of callers."""


class CallJourney(CallSummary):
    """One call with everything that happened in it."""

    model_config = ConfigDict(json_schema_extra={"description": "One call with everything that happened in it."})

    menu_steps: list[MenuStep]
    decisions: list[Decision]
    queue_visits: list[QueueVisit]
    steps: list[CallStep] = Field(default_factory=list)
    recordings: list[CallRecording] = Field(default_factory=list)
    legs: list[Leg]
    timeline: list[TimelineEvent]
