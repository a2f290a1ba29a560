"""What the routes about one person's data, holds, retention and keys take and answer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.calls.schemas import CallJourney
from api.kit.words import Reason

PersonsNumber = Annotated[str, StringConstraints(min_length=3, max_length=40, pattern=r"^[0-9+() .-]+$")]
CallId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,150}$")]


class Why(BaseModel):
    """Why a number is shown."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"reason": "зворотний дзвінок на прохання"}]}
    )

    reason: Reason


class ShownNumber(BaseModel):
    """A caller's number."""

    number: str = Field(examples=["+380501234567"])
    """E.164 where it could be read so, else as the trunk sent it."""


class PersonRequest(BaseModel):
    """Whose data, and why; the number stands in the body, so that no log of addresses holds it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"number": "0 50 123 45 67", "reason": "запит особи № 12"}]},
    )

    number: PersonsNumber
    reason: Reason


class CallNote(BaseModel):
    """What somebody wrote about one of the person's calls."""

    call_id: str
    classified_at: datetime
    note: str


class PersonExport(BaseModel):
    """Everything that the log holds about one number."""

    pseudonym: str
    number: str | None
    """null: the log does not hold the number itself."""
    first_seen_at: datetime | None
    calls: list[CallJourney]
    """Newest first."""
    is_whole: bool
    """false: there are more calls than are shown."""
    notes: list[CallNote]
    detention_reports: list[int]
    """Ids of reports that came by these calls."""


class Erased(BaseModel):
    """What became of one person's data."""

    pseudonym: str
    """Stands in the place of the old one; nothing leads from a number to it."""
    calls: int
    evidence: int
    quarantine: int
    notes: int
    detention_reports_kept: int
    """Reports that came by these calls stay for their own time; see retention."""


class NewHold(BaseModel):
    """What is kept whatever retention says: a person's calls, or one call."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"number": None, "call_id": "node1-1795510790.7", "reason": "справа № 5"}]},
    )

    number: PersonsNumber | None = None
    call_id: CallId | None = None
    reason: Reason

    @model_validator(mode="after")
    def _holds_one_thing(self) -> "NewHold":
        if (self.number is None) == (self.call_id is None):
            raise ValueError("give `number` or `call_id`")
        return self


class Hold(BaseModel):
    """A legal hold."""

    id: str = Field(examples=["h1f0c5a7e9b2d"])
    call_id: str | None
    pseudonym: str | None
    reason: str
    created_at: datetime
    created_by: str
    released_at: datetime | None
    """null: in force."""
    released_by: str | None


class HoldList(BaseModel):
    """Holds, newest first; those that are over too."""

    holds: list[Hold]


class RetentionClass(StrEnum):
    """What is kept for how long (`HOTLINE_API_RETENTION_…_DAYS`)."""

    AUDIO = "audio"
    DETAIL = "detail"
    """Raw evidence, channels, callers' pseudonyms and numbers, notes. The call itself stays, nobody's."""
    DETENTION = "detention"
    """What the form of a detention report says; its times stay."""
    AUDIT = "audit"


class RunRequest(BaseModel):
    """Whether data is removed, or only counted."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [{"is_dry": True}]})

    is_dry: bool


class RetentionRun(BaseModel):
    """One run: rows that were removed, or would be, by class and kind."""

    id: int
    started_at: datetime
    is_dry: bool
    counts: dict[str, dict[str, int]] = Field(examples=[{"detail": {"calls": 12, "evidence": 480}}])


class RunList(BaseModel):
    """Runs, newest first."""

    runs: list[RetentionRun]


class Rotation(BaseModel):
    """What became of a change of the key."""

    key_id: str = Field(examples=["9f86d081"])
    """Of the key that seals now."""
    resealed: dict[str, int] = Field(examples=[{"caller_numbers.number_encrypted": 4_711}])
    unreadable: int
    """Values that no key of the secrets file opens."""
    old_keys: int
    """Old keys that the secrets file still holds."""
