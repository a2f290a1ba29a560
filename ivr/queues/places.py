"""Who waits and who may answer in each queue, as one list of QueueStatus tells it; for the service's own use.

Callers are known here by their channel alone. Source: manager_queues_status() in apps/app_queue.c of Asterisk 22.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from asterisk_conf.names import Context
from ivr.ami.frames import Frame
from routing.plan import OperatorId, QueueName

CHANNEL_TECHNOLOGY = "PJSIP/"
_LONGEST_REASON_CHARS = 32
_BUSY = frozenset({"2", "3", "6", "7", "8"})
"""Status of a member: in use, busy, ringing, ringing and in use, on hold."""
DUTY_BEGINS = "Local/"
DUTY_ENDS = f"@{Context.DUTY}/n"
"""Between the two stands the queue. `/n` keeps the channel in the call, so that queue_log has the right times."""
_NOT_THERE = frozenset({"4", "5", "0"})
"""Status of a member: invalid, unavailable, unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A caller in a queue."""

    queue: QueueName
    channel: str
    wait_s: int
    uniqueid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An operator in a queue."""

    queue: QueueName
    operator: OperatorId
    penalty: int
    is_paused: bool
    is_reachable: bool
    is_busy: bool = False
    """The phone rings or somebody talks, as Asterisk believes."""
    pause_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All queues at one moment."""

    queues: frozenset[QueueName]
    waiting: tuple[Waiting, ...]
    members: tuple[Member, ...]
    usual_wait_s: Mapping[QueueName, int] = field(default_factory=dict)
    """Asterisk's running mean of how long callers waited lately."""

    def longest_wait_s(self, queue: QueueName) -> int:
        """Gives how long the first caller has waited; 0 when nobody does."""
        return max((each.wait_s for each in self.waiting if each.queue == queue), default=0)

    def is_staffed(self, queue: QueueName) -> bool:
        """Tells whether an operator of the queue can be reached and is not on a pause."""
        return any(each.is_reachable and not each.is_paused for each in self.members if each.queue == queue)


def places_of(frames: Iterable[Frame]) -> Places:
    """Reads the events of one list; what is no operator's phone is passed over."""
    told = list(frames)
    members = (_member(frame) for frame in told if frame.event == "QueueMember")
    return Places(
        queues=frozenset(_queue(frame) for frame in told if frame.event == "QueueParams"),
        waiting=tuple(_waiting(frame) for frame in told if frame.event == "QueueEntry"),
        members=tuple(each for each in members if each is not None),
        usual_wait_s={_queue(each): _whole(each.first("Holdtime")) for each in told if each.event == "QueueParams"},
    )


def _queue(frame: Frame) -> QueueName:
    return QueueName(frame.first("Queue") or "")


def _waiting(frame: Frame) -> Waiting:
    return Waiting(
        queue=_queue(frame),
        channel=frame.first("Channel") or "",
        wait_s=_whole(frame.first("Wait")),
        uniqueid=frame.first("Uniqueid") or "",
    )


def _member(frame: Frame) -> Member | None:
    operator = _operator(frame.first("Location") or "")
    if operator is None:
        return None
    return Member(
        queue=_queue(frame),
        operator=operator,
        penalty=_whole(frame.first("Penalty")),
        is_paused=frame.first("Paused") == "1",
        is_reachable=(frame.first("Status") or "") not in _NOT_THERE,
        is_busy=(frame.first("Status") or "") in _BUSY,
        pause_reason=(frame.first("PausedReason") or "")[:_LONGEST_REASON_CHARS],
    )


def _operator(interface: str) -> OperatorId | None:
    """Gives who is behind an interface: an operator's id, or `<queue>@duty` for the duty officer."""
    if interface.startswith(DUTY_BEGINS) and interface.endswith(DUTY_ENDS):
        return OperatorId(interface.removeprefix(DUTY_BEGINS).removesuffix("/n"))
    return OperatorId(interface.removeprefix(CHANNEL_TECHNOLOGY)) if interface.startswith(CHANNEL_TECHNOLOGY) else None


def _whole(text: str | None) -> int:
    """Gives whole seconds or a penalty; what is no number counts as 0."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0
