"""Remembers who hung up while waiting, so that the waiting time counts when they ring again soon.

Kept by a keyed pseudonym of the number, never by the number; only numbers that callers show. The memory is one file of
the node's state, so that it survives a restart of the service; who hung up while the service was down is not in it.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from time import time

import structlog

from ivr.ami.frames import Frame
from routing.numbers import normalise_caller

KEPT_S = 86_400
"""Longest time that a plan can ask for; what is older is forgotten."""
LONGEST_WAIT_S = 86_400
_QUEUED_AT = "HOTLINE_QUEUED_AT_EPOCH="
_BEFORE = "HOTLINE_WAITED_BEFORE_S="

_log = structlog.stdlib.get_logger("ivr.queues")


class ReturnMemory:
    """Who hung up in a queue, when, and after how long. Times are real: waiting is."""

    def __init__(self, file: Path, key: bytes, now_s: Callable[[], float] = time) -> None:
        self._file = file
        self._key = key
        self._now_s = now_s
        self._waits: dict[str, tuple[float, int]] = _read(file)
        """By pseudonym: when the caller hung up, seconds since 1970, and how long the wait was, in seconds."""

    def take_event(self, frame: Frame) -> None:
        """Takes an event of the manager; only callers who hang up in a queue count."""
        if frame.event != "QueueCallerAbandon":
            return
        number = normalise_caller(frame.first("CallerIDNum") or "")
        if number is not None:
            self._remember(number, _waited_s(frame, self._now_s()))

    def claim(self, raw_number: str, within_s: int) -> int:
        """Gives how many seconds the caller waited in a call that ended within `within_s`, once; 0: none."""
        number = normalise_caller(raw_number)
        found = None if number is None else self._waits.pop(self._pseudonym(number), None)
        if found is None:
            return 0
        self._write()
        ended_at_s, waited_s = found
        return waited_s if self._now_s() - ended_at_s <= within_s else 0

    def _remember(self, number: str, waited_s: int) -> None:
        now_s = self._now_s()
        recent = {each: wait for each, wait in self._waits.items() if now_s - wait[0] <= KEPT_S}
        self._waits = recent | {self._pseudonym(number): (now_s, waited_s)}
        self._write()

    def _pseudonym(self, number: str) -> str:
        return hmac.new(self._key, b"return:" + number.encode(), hashlib.sha256).hexdigest()

    def _write(self) -> None:
        """Writes the memory; a disk that is full costs the memory after a restart, not the call."""
        temporary = self._file.with_name(f"{self._file.name}.new")
        try:
            temporary.touch(mode=0o600)
            temporary.write_text(json.dumps(self._waits), "utf-8")
            temporary.replace(self._file)
        except OSError as error:
            _log.warning("returns_not_written", problem=str(error))


def _read(file: Path) -> dict[str, tuple[float, int]]:
    """Gives what was remembered; a file that cannot be read is begun anew."""
    try:
        rows: object = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        _log.warning("returns_not_read", problem=str(error))
        return {}
    if not isinstance(rows, dict):
        return {}
    return {str(name): (float(row[0]), int(row[1])) for name, row in rows.items() if _is_row(row)}


def _is_row(row: object) -> bool:
    return isinstance(row, list) and list(map(type, row)) in ([float, int], [int, int])


def _waited_s(frame: Frame, now_s: float) -> int:
    """Gives the whole wait of the call and what it had been given before; the queue's own count without them."""
    variables = frame.every("ChanVariable")
    queued_at, before = (_whole(variables, name) for name in (_QUEUED_AT, _BEFORE))
    waited = int(now_s) - queued_at + before if queued_at else _number(frame.first("HoldTime") or "")
    return max(0, min(waited, LONGEST_WAIT_S))


def _whole(variables: tuple[str, ...], name: str) -> int:
    return next((_number(each.removeprefix(name)) for each in variables if each.startswith(name)), 0)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
