"""What a node tells of itself every two seconds."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

PROBLEM_LIMIT_CHARS = 1_000
_MOST_ROWS = 1_000


def _cut(value: object) -> object:
    """Shortens a text, so that a long one does not cost the whole report."""
    return value.replace("\0", "")[:PROBLEM_LIMIT_CHARS] if isinstance(value, str) else value


Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Count = Annotated[int, Field(ge=0, le=2**53)]


class AmiState(StrEnum):
    """State of a node's link to Asterisk."""

    UP = "up"
    DOWN = "down"
    REFUSED = "refused"
    DRAINING = "draining"


class JournalReport(BaseModel):
    """State of a node's journal."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    lag_bytes: Count
    """Evidence on disk that the api has not acknowledged."""
    last_ack_at: AwareDatetime | None
    problem: Short | None
    """Why it does not work, in words; None: it works."""


class OperatorState(StrEnum):
    """What an operator who is logged in does now."""

    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    """The phone is not there."""


class QueueReport(BaseModel):
    """A queue of a node now."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    queue: Short
    waiting: Count
    longest_wait_s: Count


class OperatorReport(BaseModel):
    """An operator who is logged in on a node."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    operator: Short
    state: OperatorState
    queues: Annotated[tuple[Short, ...], Field(max_length=_MOST_ROWS)]
    pause_reason: Short | None = None


class DetentionWaiting(BaseModel):
    """Callers who report a detention and wait for an operator now."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    waiting: Count
    longest_wait_s: Count
    over_15s: Count
    """How many have waited longer; each is an alarm."""
    over_20s: Count


class OperatorNoticeKind(StrEnum):
    """What a node tells of an operator who needs somebody's eye."""

    MISSED_RINGS = "missed-rings"
    """Put on a pause by the node: too many missed rings in a row."""
    RINGS_UNANSWERED = "rings-unanswered"
    """Misses one ring after the other, and nobody else could answer: no pause."""
    STUCK = "stuck"
    """Asterisk believes that the phone is in use, and there is no call."""


class OperatorNotice(BaseModel):
    """Something about an operator that people should know, as long as it is so."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    operator: Short
    kind: OperatorNoticeKind
    since_at: AwareDatetime


class NumberReport(BaseModel):
    """How a centre's telephone was when the node last checked it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    number: Short
    is_dead: bool
    """Calls pass it over until it works again."""
    status: Short
    checked_at: AwareDatetime


class TrunkReport(BaseModel):
    """Whether a trunk for calls that go out answered when the node last asked it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    trunk: Short
    is_answering: bool
    status: Short
    checked_at: AwareDatetime


class LiveReport(BaseModel):
    """A node now; fields that this version does not know are left out."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "boot_id": "b1",
                    "ami": "up",
                    "journal": {"lag_bytes": 0, "last_ack_at": "2026-11-24T09:00:00Z", "problem": None},
                    "plan_version": "0123456789abcdef",
                    "overrides_revision": "5d41402abc4b2a76",
                    "plan_problem": None,
                    "sessions": 3,
                    "at": "2026-11-24T09:00:01Z",
                    "queues": [{"queue": "chernivtsi", "waiting": 2, "longest_wait_s": 14}],
                    "operators": [
                        {"operator": "c01", "state": "talking", "queues": ["chernivtsi"], "pause_reason": None}
                    ],
                }
            ]
        },
    )

    boot_id: Short | None
    ami: AmiState
    journal: JournalReport
    plan_version: Short | None
    """The plan that new calls get; None: none yet."""
    overrides_revision: Short | None = None
    """Revision of the desired state whose overrides the node has; None: none yet."""
    ami_gaps: Count | None = None
    """How often the link to Asterisk came back since the service began; None: not told."""
    plan_problem: Annotated[str, BeforeValidator(_cut)] | None = None
    """Why the node does not take the published plan, in words; None: it has taken it."""
    sessions: Count
    """Calls that the service answers now."""
    at: AwareDatetime
    queues: Annotated[tuple[QueueReport, ...], Field(max_length=_MOST_ROWS)] | None = None
    """None: the node does not know, because Asterisk does not tell."""
    operators: Annotated[tuple[OperatorReport, ...], Field(max_length=_MOST_ROWS)] | None = None
    operator_notices: Annotated[tuple[OperatorNotice, ...], Field(max_length=_MOST_ROWS)] = ()
    detention_waiting: DetentionWaiting | None = None
    unstaffed_queues: Annotated[tuple[Short, ...], Field(max_length=_MOST_ROWS)] | None = None
    """Queues of last resort of which no operator can be reached; each is an alarm. None: not told."""
    numbers: Annotated[tuple[NumberReport, ...], Field(max_length=_MOST_ROWS)] = ()
    """Telephones of centres that the node has checked."""
    trunks: Annotated[tuple[TrunkReport, ...], Field(max_length=_MOST_ROWS)] = ()
    """Trunks for calls that go out; the node asks them every night."""


class NodeNow(BaseModel):
    """One node and what it last told."""

    node: str = Field(examples=["node1"])
    age_s: float = Field(examples=[1.4])
    """Seconds since its last report."""
    is_fresh: bool
    """Whether the report is young enough to be believed."""
    report: LiveReport


class NodeList(BaseModel):
    """All nodes that ever reported."""

    nodes: list[NodeNow]
