"""What classifying calls takes and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.kit.words import Moment, Word

TopicWord = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
RegionWord = Annotated[str, StringConstraints(pattern=r"^UA-[0-9]{2}$")]
Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=1_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
]

SHARES_FORMULA = (
    "calls: answered calls that started in [from, to) and bear the topic or one below it, by the last word on each; "
    "share_pct = 100 × calls / classified; own_calls: without those below. Calls without a topic are in unclassified."
)


class TopicRequest(BaseModel):
    """What a call was about."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"topic": "alimony", "region": "UA-59", "note": "просить зразок заяви"}]},
    )

    topic: TopicWord | None
    """Of the plan in force; null takes the topic back."""
    region: RegionWord | None = None
    """ISO 3166-2 code of a region that one of the plan's centres serves."""
    note: Note = ""


class Classification(BaseModel):
    """One word on what a call was about."""

    topic: str | None = Field(examples=["alimony"])
    region: str | None = Field(examples=["UA-59"])
    note: str = Field(examples=["просить зразок заяви"])
    author: str = Field(examples=["Олена К."])
    plan_version: str = Field(examples=["0123456789abcdef"])
    classified_at: datetime


class CallTopics(BaseModel):
    """What a call was about: the last word, and those before it."""

    call_id: str = Field(examples=["node1-1795510790.7"])
    current: Classification | None
    """null: nobody has classified the call."""
    history: list[Classification]
    """Newest first; the first is the current one."""


class TopicNode(BaseModel):
    """One topic of the plan's tree."""

    topic: str = Field(examples=["alimony"])
    uk: str = Field(examples=["Аліменти"])
    en: str = Field(examples=["Child support"])
    parent: str | None = Field(examples=["family"])


class TopicTree(BaseModel):
    """The topics of the plan in force, in its order."""

    plan_version: str = Field(examples=["0123456789abcdef"])
    topics: list[TopicNode]


class TopicShare(TopicNode):
    """How many calls were about one topic."""

    own_calls: int = Field(examples=[120])
    calls: int = Field(examples=[180])
    share_pct: float | None = Field(examples=[12.5])
    """null: no call is classified."""


class ShareQuery(BaseModel):
    """Which calls are counted; what is left out does not filter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    started_from: Moment = Field(alias="from", description="Started at this moment or later.")
    started_before: Moment = Field(alias="to", description="Started before this moment.")
    queue: Word | None = None
    office: Word | None = None
    service: Word | None = None
    region: RegionWord | None = None


class TopicShares(BaseModel):
    """Topics of the calls of a time."""

    formula: str = SHARES_FORMULA
    answered: int = Field(examples=[2_000])
    classified: int = Field(examples=[1_440])
    unclassified: int = Field(examples=[560])
    topics: list[TopicShare]
    """In the plan's order; topics that the plan no longer has come last, under their ids."""
