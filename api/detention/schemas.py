"""What detention reports take and answer. Times are UTC; None means unknown or not (yet) so."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool, StrictStr, StringConstraints

from api.detention.timing import Bucket
from api.kit.pagination import CURSOR_LIMIT_CHARS, DEFAULT_PAGE, PAGE_LIMIT
from api.kit.words import Author, Moment
from routing.forms import FieldKind

FIELDS_LIMIT = 100
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
GivenValues = Annotated[dict[FieldName, StrictBool | StrictStr | None], Field(max_length=FIELDS_LIMIT)]
CallIdText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,150}$")]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
ReportId = Annotated[int, Field(ge=1, le=2**63 - 1)]

_VALUES: dict[str, JsonValue] = {"person_name": "Зразок Зразковий", "kind": "administrative", "is_minor": False}
_WAITING_FORMULA = (
    "of reports received in [from, to) that are joined to none. lawyer_named: from receipt until a lawyer was named. "
    "reported: from the detention, as it was told, until receipt. A bucket takes its upper end in; unknown: one of the "
    "two moments is not known, or they are the wrong way round."
)


class Origin(StrEnum):
    """How a report came to be."""

    CALL = "call"
    """A caller asked for the service: it is there before an operator answers."""
    HAND = "hand"


class ReportState(StrEnum):
    """Where a report stands."""

    WAITING = "waiting"
    """No lawyer is named yet."""
    NAMED = "named"
    ARRIVED = "arrived"
    JOINED = "joined"
    """It is one with another report."""


class ChangeKind(StrEnum):
    """What was done to a report."""

    CREATED = "created"
    FILLED = "filled"
    LAWYER = "lawyer"
    JOINED = "joined"
    PARTED = "parted"


class NewReport(BaseModel):
    """A report made by hand; every field may be unknown."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"values": _VALUES, "received_at": None}]}
    )

    values: GivenValues = Field(default_factory=dict)
    """By field of the form in force (`GET /api/v1/detention-reports/form`)."""
    call_id: CallIdText | None = None
    """The call by which it came, when it is a second report of one call."""
    received_at: Moment | None = None
    """When it was received, if not now; not in the future."""


class Filling(BaseModel):
    """What became known; fields that are left out stay."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"values": _VALUES, "expected_revision": 1}]}
    )

    values: GivenValues
    """null empties a field."""
    expected_revision: Revision
    """The revision that was read: of two who write at once, one gets 409."""


class LawyerNews(BaseModel):
    """Which lawyer was named, and when the lawyer arrived."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "Адвокат Зразковий",
                    "named_at": "2026-11-24T12:40:00+02:00",
                    "arrived_at": None,
                    "expected_revision": 2,
                }
            ]
        },
    )

    name: Author
    named_at: Moment | None = None
    """null: now."""
    arrived_at: Moment | None = None
    expected_revision: Revision


class JoinRequest(BaseModel):
    """The report on the same detention."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"into": 41}]})

    into: ReportId


class CountdownNow(BaseModel):
    """What is left until a lawyer must be named."""

    due_at: datetime
    remaining_s: int = Field(examples=[2_460])
    """Below 0: overdue for so long."""
    is_overdue: bool


class LawyerNow(BaseModel):
    """The lawyer, and how long it took."""

    name: str = Field(examples=["Адвокат Зразковий"])
    named_at: datetime
    named_after_s: int = Field(examples=[1_140])
    """From receipt."""
    arrived_at: datetime | None
    arrived_after_s: int | None
    """From being named."""


class AnswerNow(BaseModel):
    """How long the caller waited for an operator; the yardstick: 90 % within 15 s, 95 % within 20 s."""

    is_waiting: bool
    """The caller is on the line and nobody has answered yet."""
    waited_s: int | None = Field(examples=[9])
    """From the wish to report until an operator answered, the caller gave up, or now."""
    is_over_15s: bool
    is_over_20s: bool


class ReportSummary(BaseModel):
    """One report as the list shows it."""

    report_id: int = Field(examples=[42])
    number: str | None = Field(examples=["00-261124-0001-9"])
    """Registration number; null: nobody has given one yet."""
    origin: Origin
    state: ReportState
    call_id: str | None = Field(examples=["node1-1795510790.7"])
    operator: str | None = Field(examples=["c01"])
    """Who answered that call; null: nobody yet."""
    answer: AnswerNow | None
    """null: it did not come by a call."""
    received_at: datetime
    taken_by: str | None = Field(examples=["Олена К."])
    """Who first wrote into it."""
    values: dict[str, str | bool | None]
    """By field of the form; moments in UTC."""
    countdown: CountdownNow | None
    """null: a lawyer is named, or the report is joined to another one."""
    lawyer: LawyerNow | None
    joined_to: int | None
    revision: int = Field(examples=[1])


class Report(ReportSummary):
    """One report with those joined to it."""

    missing: list[str] = Field(examples=[["detained_at"]])
    """Needed fields of the form in force that neither it nor those joined to it know."""
    joined: list[ReportSummary]
    """Reports on the same detention; oldest first."""
    combined: dict[str, str | bool | None]
    """Its own values, and what it lacks from those joined to it."""


class ReportPage(BaseModel):
    """One page of reports, newest first."""

    reports: list[ReportSummary]
    next_cursor: str | None
    """Give it as `cursor` to get the next page; null: there is none."""


class FieldChange(BaseModel):
    """One field that was changed."""

    field: str = Field(examples=["place"])
    old: str | bool | int | None
    new: str | bool | int | None


class Change(BaseModel):
    """One change of a report."""

    changed_at: datetime
    author: str = Field(examples=["Олена К."])
    kind: ChangeKind
    fields: list[FieldChange]


class History(BaseModel):
    """Every change of a report, oldest first."""

    report_id: int
    changes: list[Change]


class FormChoiceNow(BaseModel):
    """One answer of a field of kind choice."""

    id: str = Field(examples=["administrative"])
    uk: str
    en: str


class FormFieldNow(BaseModel):
    """One field of the form."""

    id: str = Field(examples=["person_name"])
    uk: str
    en: str
    kind: FieldKind
    choices: list[FormChoiceNow]
    is_needed: bool
    is_checked: bool
    """false: nobody has yet compared it with the Cabinet's resolution."""


class FormNow(BaseModel):
    """The form of the plan in force."""

    plan_version: str = Field(examples=["0123456789abcdef"])
    name_lawyer_s: int = Field(examples=[3_600])
    fields: list[FormFieldNow]


class Period(BaseModel):
    """Reports received in a time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    received_from: Moment = Field(alias="from", description="Received at this moment or later.")
    received_before: Moment = Field(alias="to", description="Received before this moment.")


class ReportFilters(BaseModel):
    """Query parameters; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    received_from: Moment | None = Field(default=None, alias="from", description="Received at this moment or later.")
    received_before: Moment | None = Field(default=None, alias="to", description="Received before this moment.")
    state: ReportState | None = None
    call_id: CallIdText | None = None
    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(
        default=None, max_length=CURSOR_LIMIT_CHARS, description="`next_cursor` of a page; empty: the first."
    )


class Statistics(BaseModel):
    """How long things took."""

    formula: str = _WAITING_FORMULA
    reports: int = Field(examples=[120])
    joined: int = Field(examples=[4])
    """Reports of that time that are one with another; they are not counted in the others."""
    lawyer_named: dict[Bucket, int]
    reported: dict[Bucket, int]
