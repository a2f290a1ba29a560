"""One manager session as an asyncio protocol: actions out, responses matched by ActionID, events to a sink.

It takes the place of panoramisk's own protocol class, which loses letters at chunk borders, and whose manager sends
unanswered actions again after a reconnect.
"""

import asyncio
import itertools
from collections.abc import Callable, Mapping

from ivr.ami.errors import LinkLost, NotConnected, UnsafeField
from ivr.ami.frames import Frame, FrameError, FrameReader

EventSink = Callable[[Frame], None]
FieldValue = str | int | tuple[str, ...]

_FORBIDDEN = frozenset("\r\n\0")
_numbers = itertools.count(1)


def _checked(text: str, *, is_name: bool) -> str:
    if not _FORBIDDEN.isdisjoint(text) or (is_name and (not text or ":" in text)):
        raise UnsafeField("a name or value would begin another header or action")
    return text


def write_action(name: str, action_id: str, fields: Mapping[str, FieldValue]) -> bytes:
    """Gives the bytes of one action; a tuple is a header that stands several times.

    Raises:
        UnsafeField: A name or value holds CR, LF or NUL, or is not Unicode text.
    """
    lines = [f"Action: {_checked(name, is_name=False)}", f"ActionID: {_checked(action_id, is_name=False)}"]
    for key, value in fields.items():
        values = value if isinstance(value, tuple) else (str(value),)
        lines += [f"{_checked(key, is_name=True)}: {_checked(each, is_name=False)}" for each in values]
    try:
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsafeField("a value is not Unicode text") from error


class AmiProtocol(asyncio.Protocol):
    """One session. `sink` gets every event and must only enqueue; an exception in it ends the session."""

    def __init__(self, sink: EventSink) -> None:
        loop = asyncio.get_running_loop()
        self.banner_read: asyncio.Future[str] = loop.create_future()
        """Version of the protocol; fails when the session ends before the banner."""
        self.lost: asyncio.Future[None] = loop.create_future()
        """Done when the session is over."""
        self._sink = sink
        self._reader = FrameReader()
        self._pending: dict[str, asyncio.Future[Frame]] = {}
        self._transport: asyncio.Transport | None = None

    @property
    def oversized(self) -> int:
        """Frames dropped because they were too long."""
        return self._reader.oversized

    @property
    def pending(self) -> int:
        """Actions that wait for their response."""
        return len(self._pending)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  what create_connection gives; narrows the type
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Reads what came; a peer that speaks something else is cut off."""
        try:
            for frame in self._reader.feed(data):
                self._receive(frame)
        except FrameError:
            self.close()
        if self._reader.version is not None and not self.banner_read.done():
            self.banner_read.set_result(self._reader.version)

    def _receive(self, frame: Frame) -> None:
        if frame.event is not None:
            self._sink(frame)
            return
        pending = self._pending.pop(frame.action_id or "", None)
        if pending is not None and not pending.done():
            pending.set_result(frame)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fails everything that waits: nothing is sent again."""
        waiting, self._pending = self._pending, {}
        for pending in waiting.values():
            if not pending.done():
                pending.set_exception(LinkLost("the connection to Asterisk ended before the response"))
        if not self.banner_read.done():
            self.banner_read.cancel()
        if not self.lost.done():
            self.lost.set_result(None)

    def request(self, name: str, fields: Mapping[str, FieldValue]) -> "asyncio.Future[Frame]":
        """Sends an action; the future gives its response, or `LinkLost`.

        Raises:
            NotConnected: The session is over.
            UnsafeField: A field cannot be written.
        """
        if self._transport is None or self._transport.is_closing():
            raise NotConnected("there is no session with Asterisk")
        action_id = f"hotline-{next(_numbers)}"
        line = write_action(name, action_id, fields)
        pending: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._pending[action_id] = pending
        pending.add_done_callback(lambda _: self._pending.pop(action_id, None))
        self._transport.write(line)
        return pending

    def close(self) -> None:
        """Ends the session at once."""
        if self._transport is not None:
            self._transport.abort()
