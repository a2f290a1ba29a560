"""What giving and following a command takes and answers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

RESULT_LIMIT_CHARS = 300

OperatorId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
CallId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,150}$")]
PauseReason = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]


class CommandAction(StrEnum):
    """What a node can be told to do."""

    PAUSE = "pause"
    UNPAUSE = "unpause"
    LOG_OUT = "log-out"
    MOVE = "move"
    """A caller who waits leaves the queue; the node decides at once where to, as after any queue."""


class CommandState(StrEnum):
    """How far a command is."""

    QUEUED = "queued"
    SENT = "sent"
    """The node has told no result; whether it was done is not known until it does."""
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"
    """It came too late and was not done."""


class NewCommand(BaseModel):
    """A command for one node: `operator` for all actions but `move`, `call_id` for that one."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {"action": "pause", "operator": "s01", "reason": "3"},
                {"action": "move", "call_id": "node1-1795510790.7"},
            ]
        },
    )

    action: CommandAction
    operator: OperatorId | None = None
    reason: PauseReason | None = None
    """Of a pause."""
    call_id: CallId | None = None

    @model_validator(mode="after")
    def _names_its_object(self) -> Self:
        is_move = self.action is CommandAction.MOVE
        if (self.call_id is not None) != is_move or (self.operator is not None) == is_move:
            raise ValueError("`move` takes a call_id, every other action an operator")
        if self.reason is not None and self.action is not CommandAction.PAUSE:
            raise ValueError("only a pause has a reason")
        return self


class NodeCommand(BaseModel):
    """A command, and what became of it."""

    id: str = Field(examples=["k1f0c5a7e9b2d"])
    node: str = Field(examples=["node1"])
    action: CommandAction
    arguments: dict[str, str | list[str]] = Field(examples=[{"operator": "s01", "queues": ["sumy"], "reason": "3"}])
    author: str = Field(examples=["olena"])
    created_at: datetime
    expires_at: datetime
    """The node does not do it from then on."""
    sent_at: datetime | None
    finished_at: datetime | None
    state: CommandState
    result: str | None = Field(examples=["paused in 1 queue"])


class CommandList(BaseModel):
    """The newest commands of a node, newest first."""

    commands: list[NodeCommand]


class CommandResult(BaseModel):
    """What a node tells of a command."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"state": "done", "result": "paused"}]}
    )

    state: Annotated[CommandState, Field(json_schema_extra={"enum": ["done", "failed", "expired"]})]
    result: Annotated[str, StringConstraints(max_length=RESULT_LIMIT_CHARS, pattern=r"^[^\x00-\x1f\x7f]*$")]

    @model_validator(mode="after")
    def _is_an_end(self) -> Self:
        if self.state in {CommandState.QUEUED, CommandState.SENT}:
            raise ValueError("a result is done, failed or expired")
        return self
