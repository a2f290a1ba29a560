"""What calls a list holds: parameters of `GET /api/v1/calls` and of its export, checked. Pure."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

from api.kit.pagination import CURSOR_LIMIT_CHARS, DEFAULT_PAGE, PAGE_LIMIT
from api.kit.words import Moment, Word
from api.projection.words import CallOutcome, HungUpBy
from api.reports.formulas import SHORT_ABANDON_S

LONGEST_S = 7 * 86_400
"""Limit of filters on seconds."""
Region = Annotated[str, StringConstraints(pattern=r"^UA-[0-9]{2}$")]
Pseudonym = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
LastDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
Seconds = Annotated[int, Field(ge=0, le=LONGEST_S)]


class CallOrder(StrEnum):
    """By what calls are ordered; `-` means descending. Calls without the value count as the least."""

    STARTED_AT = "started_at"
    STARTED_AT_DESCENDING = "-started_at"
    WAIT_S = "wait_s"
    WAIT_S_DESCENDING = "-wait_s"
    TALK_S = "talk_s"
    TALK_S_DESCENDING = "-talk_s"
    DURATION_S = "duration_s"
    DURATION_S_DESCENDING = "-duration_s"

    @property
    def column(self) -> str:
        """The column of `calls`."""
        return self.value.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        """The greatest comes first."""
        return self.value.startswith("-")


class CallSelection(BaseModel):
    """Which calls; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    started_from: Moment | None = Field(default=None, alias="from", description="Started at this moment or later.")
    started_before: Moment | None = Field(default=None, alias="to", description="Started before this moment.")
    pseudonym: Pseudonym | None = Field(
        default=None, description="The caller's; `POST /api/v1/calls/search-number` gives that of a number."
    )
    number_ends: LastDigits | None = Field(
        default=None, description="The last two digits of the caller's number, as masked numbers show them."
    )
    did: Word | None = Field(default=None, examples=["+380800213103"])
    language: Word | None = Field(default=None, examples=["uk"])
    queue: Word | None = Field(default=None, description="The last one.")
    office: Word | None = Field(default=None, description="That of the last decision.")
    service: Word | None = None
    operator: Word | None = Field(default=None, description="The last who answered.")
    centre: Word | None = Field(default=None, description="The regional centre that the call was put through to.")
    region: Region | None = Field(
        default=None, description="ISO 3166-2: said with the topic, else that of the centre.", examples=["UA-59"]
    )
    outcome: CallOutcome | None = None
    hung_up_by: HungUpBy | None = None
    overflowed: bool | None = Field(default=None, description="A queue let go of the call without an answer.")
    short_abandoned: bool | None = Field(
        default=None,
        description="Abandoned in less than `short_abandon_s`; false: abandoned later than that. "
        "The time is that in queues; of a call that reached none, that of the call.",
    )
    short_abandon_s: Seconds = SHORT_ABANDON_S
    detention: bool | None = Field(default=None, description="Came to the plan's service for reports of a detention.")
    wait_s_min: Seconds | None = Field(default=None, description="Waited at least so many seconds.")
    wait_s_max: Seconds | None = None
    talk_s_min: Seconds | None = Field(default=None, description="Talked at least so many seconds.")
    talk_s_max: Seconds | None = None
    duration_s_min: Seconds | None = Field(
        default=None, description="Lasted at least so many seconds from beginning to end; a call that goes on does not."
    )
    duration_s_max: Seconds | None = None
    order: CallOrder = CallOrder.STARTED_AT_DESCENDING
    _taken_part: str | None = PrivateAttr(default=None)

    @property
    def taken_part(self) -> str | None:
        """The operator who must have taken part; None: anybody. Not a parameter: it follows from who asks."""
        return self._taken_part

    def seen_by(self, operator: str | None) -> Self:
        """Gives the selection without the calls in which `operator` took no part; None: all of it."""
        narrowed = self.model_copy()
        narrowed._taken_part = operator  # noqa: SLF001  of the copy that this very class has made
        return narrowed


class CallFilters(CallSelection):
    """A page of the calls that are selected."""

    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(
        default=None, max_length=CURSOR_LIMIT_CHARS, description="`next_cursor` of a page; empty: the first."
    )


class ExportFormat(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    XLSX = "xlsx"


class CallExport(CallSelection):
    """All calls that are selected, as one file."""

    format: ExportFormat = ExportFormat.CSV
