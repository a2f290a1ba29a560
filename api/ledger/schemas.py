"""What the ledger answers. Times are UTC; a day is one of Europe/Kyiv."""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.kit.words import Moment
from api.ledger.words import DifferenceKind


class LedgerHour(BaseModel):
    """One hour of one node."""

    node: str = Field(examples=["node1"])
    hour_at: datetime
    calls: int = Field(examples=[31])
    """Calls of the log that began in it."""
    call_records: int = Field(examples=[31])
    """Calls that Asterisk's own call records have."""
    processed: int | None = Field(examples=[33])
    """What Asterisk counted, from the first sample of the hour on; None: nobody asked."""
    operator_codes: int = Field(examples=[2])
    """Codes that operators dialled: Asterisk counts them too."""
    test_calls: int = Field(default=0, examples=[0])
    """Test calls to centres' telephones: Asterisk counts them too."""


class LedgerDifference(BaseModel):
    """Something that does not agree."""

    kind: DifferenceKind
    node: str = Field(examples=["node1"])
    at: datetime
    """When the call, or the time that was counted, began."""
    call_id: str | None = Field(default=None, examples=["node1-1795510790.7"])
    """None: a count names no call."""
    missing: list[str] = Field(default_factory=list, examples=[["CHAN_END node1-1795510790.7"]])
    """Lines of evidence that did not come: type and channel."""
    count: int = Field(default=1, examples=[1])
    """How many calls; negative: the log has more than Asterisk counted."""


class NightlyRun(BaseModel):
    """What the last run at night found."""

    made_at: datetime
    differences: int


class Ledger(BaseModel):
    """The witnesses of one day beside the log."""

    day: date
    compared_until: datetime
    """What was not over then may still come and is not compared."""
    differences: list[LedgerDifference]
    """Normal: none."""
    hours: list[LedgerHour]
    nightly: NightlyRun | None = None
    """None: there was none yet for this day."""


class RebuildRequest(BaseModel):
    """From when on calls are folded anew."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"since": "2026-11-24T00:00:00Z"}]})

    since: Moment = Field(examples=["2026-11-24T00:00:00Z"])
    goes_on: bool = False
    """True: a step after the first, which has folded operators' states for all that follows."""


class RebuildProgress(BaseModel):
    """What one step of a rebuild did."""

    rebuilt: int = Field(examples=[160])
    """Calls written in this step."""
    done_until: AwareDatetime
    """Evidence before this moment is folded."""
    next_since: AwareDatetime | None
    """Send it as `since` to go on; None: everything is done."""
