"""What the board tells. Times are UTC."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.nodes.schemas import AmiState, DetentionWaiting, OperatorReport, QueueReport


class NodeBoard(BaseModel):
    """One node now."""

    node: str = Field(examples=["node1"])
    is_fresh: bool
    """false: it has not told anything for too long; what it told last is not to be believed."""
    ami: AmiState
    sessions: int = Field(examples=[3])
    """Calls that its service answers now."""
    plan_version: str | None = Field(examples=["0123456789abcdef"])
    queues: list[QueueReport] | None
    """null: not known."""
    operators: list[OperatorReport] | None
    detention_waiting: DetentionWaiting | None
    unstaffed_queues: list[str] | None = Field(examples=[["chernivtsi"]])
    """Queues of last resort of which no operator can be reached; null: not known."""
    reported_at: datetime


class QueueTotal(BaseModel):
    """One queue over all nodes that are to be believed."""

    queue: str = Field(examples=["chernivtsi"])
    waiting: int = Field(examples=[2])
    longest_wait_s: int = Field(examples=[14])


class LiveBoard(BaseModel):
    """Everything now."""

    nodes: list[NodeBoard]
    queues: list[QueueTotal]
    operators: dict[str, int] = Field(examples=[{"ready": 9, "talking": 4, "paused": 1}])
    """How many are in each state, over all nodes that are to be believed."""
    detention_waiting: DetentionWaiting
    """Over all nodes that are to be believed."""
    unstaffed_queues: list[str] = Field(examples=[["chernivtsi"]])
    """Of which no operator can be reached on some node that is to be believed."""
