"""What publishing, reading and rehearsing plans takes and answers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from api.calls.schemas import ReasonText
from api.kit.pagination import CURSOR_LIMIT_CHARS, DEFAULT_PAGE, PAGE_LIMIT
from api.kit.words import Author, Moment, Reason, VersionText
from routing.languages import Language

_VERSION = "0123456789abcdef"
_PREVIOUS = "fedcba9876543210"


class PublicationKind(StrEnum):
    """How a version came into force."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"


class PlanSubmission(BaseModel):
    """A plan to be put in force."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "document": {"format": 1, "version": _VERSION, "line": {}, "calendar": {}, "offices": []},
                    "author": "Олена К.",
                    "reason": "Суми працюють до 20:00",
                    "expected_current": _PREVIOUS,
                }
            ]
        },
    )

    document: dict[str, JsonValue]
    """Snapshot of the plan, as `routing.snapshot.to_document` makes it."""
    author: Author
    reason: Reason
    expected_current: VersionText | None
    """The version that the author believes to be in force; null: none yet."""


class RollbackRequest(BaseModel):
    """The wish to go back one step."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"author": "Олена К.", "reason": "помилка в годинах", "expected_current": _VERSION}]
        },
    )

    author: Author
    reason: Reason
    expected_current: VersionText | None


class Publication(BaseModel):
    """One version put in force."""

    publication_id: int = Field(examples=[42])
    version: str = Field(examples=[_VERSION])
    kind: PublicationKind
    author: str = Field(examples=["Олена К."])
    reason: str = Field(examples=["Суми працюють до 20:00"])
    published_at: datetime
    previous_version: str | None = Field(examples=[_PREVIOUS])
    """The version in force before; null: there was none."""


class PublicationPage(BaseModel):
    """One page of publications, newest first."""

    publications: list[Publication]
    next_cursor: str | None
    """Give it as `cursor` to get the next page; null: there is none."""


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=PAGE_LIMIT)
    cursor: str | None = Field(
        default=None, max_length=CURSOR_LIMIT_CHARS, description="`next_cursor` of a page; empty: the first."
    )


class StoredPlan(BaseModel):
    """One version, whole."""

    version: str = Field(examples=[_VERSION])
    document: dict[str, JsonValue]
    """Snapshot: `routing.snapshot.from_document` reads it."""
    first_author: str
    created_at: datetime


class SimulationRequest(BaseModel):
    """One imagined call."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-11-24T10:00:00+02:00",
                    "keys": "1",
                    "from": "0501234567",
                    "did": "+380800213103",
                    "version": None,
                }
            ]
        },
    )

    at: Moment
    keys: Annotated[str, StringConstraints(pattern=r"^[0-9*#t, ]{0,400}$")] = ""
    """The caller's answers, separated by commas; `t` is silence."""
    from_: Annotated[str, StringConstraints(pattern=r"^[+0-9A-Za-z]{0,40}$")] | None = Field(default=None, alias="from")
    """The caller's number in any form; null: withheld."""
    did: Annotated[str, StringConstraints(pattern=r"^[+0-9]{1,40}$")] | None = None
    """The number called, in any form; null: the line's first."""
    version: VersionText | None = None
    """The plan to ask; null: the one in force."""


class SimulationAnswer(BaseModel):
    """Where the call would go, and why: what `hotline simulate --json` prints."""

    destination: str = Field(examples=["queue sumy"])
    queue: str = Field(examples=["sumy"])
    office: str = Field(examples=["sumy"])
    priority: int = Field(examples=[10])
    open: bool
    reasons: list[ReasonText]
    path: list[str] = Field(examples=[["main: 1", "consultation", "queue sumy"]])
    plan_version: str = Field(examples=[_VERSION])
    spoken: list[str]
    """The texts that the caller hears, in order."""
    language: Language
