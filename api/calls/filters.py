"""What calls a list holds: parameters of `GET /api/v1/calls`, checked. Pure."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api.evidence.records import EARLIEST, LATEST
from api.kit.pagination import CURSOR_LIMIT_CHARS
from api.projection.words import CallOutcome

PAGE_LIMIT = 200
DEFAULT_PAGE = 50


def _in_range(moment: datetime) -> datetime:
    if not EARLIEST.replace(tzinfo=None) <= moment.replace(tzinfo=None) < LATEST.replace(tzinfo=None):
        raise ValueError("must lie in 2000-2100")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_range)]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}$")]


class CallFilters(BaseModel):
    """Query parameters; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    started_from: Moment | None = Field(default=None, alias="from", description="Started at this moment or later.")
    started_before: Moment | None = Field(default=None, alias="to", description="Started before this moment.")
    did: Word | None = Field(default=None, examples=["+380800213103"])
    queue: Word | None = None
    service: Word | None = None
    operator: Word | None = None
    outcome: CallOutcome | None = None
    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(
        default=None, max_length=CURSOR_LIMIT_CHARS, description="`next_cursor` of a page; empty: the first."
    )
