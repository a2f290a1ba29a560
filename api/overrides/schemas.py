"""What setting, listing and clearing overrides takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.kit.pagination import CURSOR_LIMIT_CHARS, DEFAULT_PAGE, PAGE_LIMIT
from api.kit.words import Author, Moment, Reason
from routing.overrides import OverrideAction, OverrideScope

Target = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{0,64}$")]
Destination = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_+-]{1,64}$")]


class OverrideRequest(BaseModel):
    """A switch to be laid over the plan."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "scope": "queue",
                    "target": "sumy",
                    "action": "closed",
                    "destination": None,
                    "until": "2026-11-24T18:00:00+02:00",
                    "reason": "немає світла",
                    "author": "Олена К.",
                }
            ]
        },
    )

    scope: OverrideScope
    target: Target = ""
    """Id of the service, queue or office; empty for the line."""
    action: OverrideAction
    destination: Destination | None = None
    """A queue with `to-queue`, an E.164 number with `to-number`, else null."""
    until: Moment
    """When it ends by itself."""
    reason: Reason
    author: Author


class StoredOverride(BaseModel):
    """An override: who switched what, why, and until when."""

    id: str = Field(examples=["o1f0c5a7e9b2d"])
    scope: OverrideScope
    target: str = Field(examples=["sumy"])
    action: OverrideAction
    destination: str | None
    until: datetime
    reason: str = Field(examples=["немає світла"])
    author: str = Field(examples=["Олена К."])
    created_at: datetime
    cleared_at: datetime | None
    """When somebody ended it before its time; null: nobody did."""
    cleared_by: str | None
    active: bool
    """Whether it is in force."""


class OverridePage(BaseModel):
    """One page of overrides, newest first."""

    overrides: list[StoredOverride]
    next_cursor: str | None
    """Give it as `cursor` to get the next page; null: there is none."""


class OverrideFilters(BaseModel):
    """Query parameters; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    active: bool | None = Field(default=None, description="true: only those in force; false: only those that are over.")
    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(
        default=None, max_length=CURSOR_LIMIT_CHARS, description="`next_cursor` of a page; empty: the first."
    )


class ClearQuery(BaseModel):
    """Who clears."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    author: Author | None = Field(
        default=None, examples=["Олена К."], description="Who; machines must tell it, of a person the login counts."
    )
