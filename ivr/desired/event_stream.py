"""Cuts server-sent events out of bytes, with no input or output of its own.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, "Parsing an event stream" (retry: is not used).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.desired.errors import StreamError

EVENT_LIMIT_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event."""

    name: str
    data: str


class EventStreamReader:
    """Turns the bytes of one answer into events; comments (heartbeats) give nothing."""

    __slots__ = ("_buffer", "_data", "_name", "_size_bytes")

    def __init__(self) -> None:
        self._buffer = b""
        self._name = ""
        self._data: list[str] = []
        self._size_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[ServerEvent]:
        """Gives the events that `chunk` completes.

        Raises:
            StreamError: An event is longer than `EVENT_LIMIT_BYTES`.
        """
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        for line in lines:
            event = self._line(line.removesuffix(b"\r"))
            if event is not None:
                yield event
        if len(self._buffer) + self._size_bytes > EVENT_LIMIT_BYTES:
            raise StreamError(f"an event of over {EVENT_LIMIT_BYTES} bytes")

    def _line(self, line: bytes) -> ServerEvent | None:
        if not line:
            return self._finish()
        field, _, value = line.decode("utf-8", "replace").partition(":")
        self._size_bytes += len(line)
        match field:
            case "event":
                self._name = value.removeprefix(" ")
            case "data":
                self._data.append(value.removeprefix(" "))
            case _:
                self._size_bytes -= len(line)
        return None

    def _finish(self) -> ServerEvent | None:
        event = ServerEvent(self._name or "message", "\n".join(self._data)) if self._data else None
        self._name, self._data, self._size_bytes = "", [], 0
        return event
