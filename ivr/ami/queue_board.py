"""Who waits and who answers now, as the list of QueueStatus tells it. No input or output of its own.

A live hint, never the record. Of a caller who waits only the time is kept: the list holds numbers and names too.
Source: manager_queues_status() in apps/app_queue.c and AST_DEVICE_* in include/asterisk/devicestate.h of Asterisk 22.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.ami.frames import Frame

_CHANNEL_TECHNOLOGY = "PJSIP/"
_LONGEST_NAME_CHARS = 64
_LONGEST_WAIT_DIGITS = 9


class OperatorState(StrEnum):
    """What an operator does now; the values are those of the live report."""

    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    """Logged in, but the phone is not there."""


_DEVICE_STATES = {
    "1": OperatorState.READY,
    "2": OperatorState.TALKING,
    "3": OperatorState.TALKING,
    "6": OperatorState.RINGING,
    "7": OperatorState.RINGING,
    "8": OperatorState.TALKING,
}
"""Status of a member: not in use, in use, busy, ringing, ringing and in use, on hold; others are not there."""
_BUSY = frozenset({OperatorState.TALKING, OperatorState.RINGING})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNow:
    """One queue now."""

    queue: str
    waiting: int
    longest_wait_s: int
    """0 when nobody waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerNow:
    """One caller who waits; who it is, is not kept."""

    priority: int
    wait_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorNow:
    """One operator who is logged in to a queue, or to several."""

    operator: str
    state: OperatorState
    queues: tuple[str, ...]
    pause_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All queues and operators of this node at one moment."""

    queues: tuple[QueueNow, ...] = ()
    operators: tuple[OperatorNow, ...] = ()
    callers: tuple[CallerNow, ...] = ()
    """Those who wait, in all queues."""


@dataclass(slots=True)
class _Draft:
    """A list while its events come."""

    waits_s: dict[str, list[int]] = field(default_factory=dict)
    members: dict[str, list[Frame]] = field(default_factory=dict)
    callers: list[CallerNow] = field(default_factory=list)


class QueueBoard:
    """Takes the events of QueueStatus; `latest` is the last list that came whole."""

    def __init__(self) -> None:
        self._draft = _Draft()
        self.latest: Board | None = None
        """None: not known, or no longer."""

    def begin(self) -> None:
        """Forgets half a list: a new one is asked for."""
        self._draft = _Draft()

    def forget(self) -> None:
        """Forgets everything: the link is down."""
        self.begin()
        self.latest = None

    def take(self, frame: Frame) -> None:
        """Takes one event; others than those of the list are passed over."""
        step = _STEPS.get(frame.event or "")
        if step is not None:
            step(self, frame)

    def _queue(self, frame: Frame) -> None:
        self._draft.waits_s.setdefault(_name(frame.first("Queue")), [])

    def _member(self, frame: Frame) -> None:
        interface = frame.first("StateInterface") or frame.first("Location") or ""
        is_phone = interface.startswith(_CHANNEL_TECHNOLOGY)
        operator = _name(interface.removeprefix(_CHANNEL_TECHNOLOGY) if is_phone else frame.first("Name"))
        if operator:
            self._draft.members.setdefault(operator, []).append(frame)

    def _entry(self, frame: Frame) -> None:
        waits_s = self._draft.waits_s.setdefault(_name(frame.first("Queue")), [])
        waits_s.append(_whole(frame.first("Wait")))
        self._draft.callers.append(CallerNow(priority=_whole(frame.first("Priority")), wait_s=waits_s[-1]))

    def _complete(self, _frame: Frame) -> None:
        draft, self._draft = self._draft, _Draft()
        self.latest = Board(
            queues=tuple(
                QueueNow(queue=name, waiting=len(waits_s), longest_wait_s=max(waits_s, default=0))
                for name, waits_s in sorted(draft.waits_s.items())
                if name
            ),
            operators=tuple(_operator(name, frames) for name, frames in sorted(draft.members.items())),
            callers=tuple(draft.callers),
        )


_STEPS: dict[str, Callable[[QueueBoard, Frame], None]] = {
    "QueueParams": QueueBoard._queue,  # noqa: SLF001  the table of the class itself
    "QueueMember": QueueBoard._member,  # noqa: SLF001  the table of the class itself
    "QueueEntry": QueueBoard._entry,  # noqa: SLF001  the table of the class itself
    "QueueStatusComplete": QueueBoard._complete,  # noqa: SLF001  the table of the class itself
}


def _operator(name: str, frames: list[Frame]) -> OperatorNow:
    reasons = [reason for frame in frames if (reason := frame.first("PausedReason"))]
    state = _state(frames)
    return OperatorNow(
        operator=name,
        state=state,
        queues=tuple(sorted({_name(frame.first("Queue")) for frame in frames})),
        pause_reason=reasons[0][:_LONGEST_NAME_CHARS] if state is OperatorState.PAUSED and reasons else None,
    )


def _state(frames: list[Frame]) -> OperatorState:
    """A conversation goes on though its operator has paused meanwhile; a pause in one queue alone is none."""
    device = _DEVICE_STATES.get(frames[0].first("Status") or "", OperatorState.UNREACHABLE)
    is_paused = all(frame.first("Paused") == "1" for frame in frames)
    return OperatorState.PAUSED if is_paused and device not in _BUSY else device


def _name(text: str | None) -> str:
    return (text or "")[:_LONGEST_NAME_CHARS]


def _whole(text: str | None) -> int:
    """Gives whole seconds; what is no number counts as 0."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= _LONGEST_WAIT_DIGITS
    return int(text or 0) if is_number else 0
