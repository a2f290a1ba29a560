"""What calls a list holds: parameters of `GET /api/v1/calls`, checked. Pure."""

from pydantic import BaseModel, ConfigDict, Field

from api.kit.pagination import CURSOR_LIMIT_CHARS, DEFAULT_PAGE, PAGE_LIMIT
from api.kit.words import Moment, Word
from api.projection.words import CallOutcome


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
