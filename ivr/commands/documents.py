"""What the api's stream says of commands, as typed data; nothing of it is trusted. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CommandError(ValueError):
    """The api says something that is no command of ours."""


class OperatorAction(StrEnum):
    """What is done with an operator."""

    PAUSE = "pause"
    UNPAUSE = "unpause"
    LOG_OUT = "log-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorOrder:
    """Something to be done with one operator."""

    action: OperatorAction
    operator: str
    queues: tuple[str, ...]
    """Where the operator may be logged in."""
    reason: str
    """Of a pause; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrder:
    """A caller who waits leaves the queue."""

    queue: str
    channel: str


Order = OperatorOrder | MoveOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of the api."""

    id: str
    expires_at: datetime
    """From then on it is not done; aware."""
    order: Order


MOVE = "move"
_ID = re.compile(r"k[0-9a-f]{1,32}", re.ASCII)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._:;@+-]{0,150}", re.ASCII)
_REASON = re.compile(r"[A-Za-z0-9_.-]{0,32}", re.ASCII)
_MOST_QUEUES = 100


def command_of(text: str) -> Command:
    """Reads the data of one `command` event.

    Raises:
        CommandError: It is something else.
    """
    try:
        document = json.loads(text)
        expires_at = datetime.fromisoformat(document["expires_at"])
        arguments = document["arguments"]
        command = Command(
            id=_matching(_ID, document, "id"), expires_at=expires_at, order=_order(document["action"], arguments)
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CommandError(f"not a command: {str(error)[:100] or type(error).__name__}") from error
    if expires_at.tzinfo is None:
        raise CommandError("not a command: its end has no time zone")
    return command


def _order(action: object, arguments: Mapping[str, object]) -> Order:
    if action == MOVE:
        return MoveOrder(queue=_matching(_NAME, arguments, "queue"), channel=_matching(_CHANNEL, arguments, "channel"))
    return OperatorOrder(
        action=OperatorAction(str(action)),
        operator=_matching(_NAME, arguments, "operator"),
        queues=_queues(arguments["queues"]),
        reason=_matching(_REASON, arguments, "reason") if "reason" in arguments else "",
    )


def _queues(told: object) -> tuple[str, ...]:
    if not isinstance(told, list) or len(told) > _MOST_QUEUES:
        raise CommandError("queues are a list")
    return tuple(_matching(_NAME, {"queue": name}, "queue") for name in told)


def _matching(pattern: re.Pattern[str], values: Mapping[str, object], name: str) -> str:
    value = values[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise CommandError(f"{name} does not fit")
    return value
