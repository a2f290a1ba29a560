r"""Cuts the bytes of a manager session into frames, with no input or output of its own.

Source: main/manager.c of Asterisk 22: after one banner line, frames of `Name: value` lines end with a blank line; line
ends are CR LF. Decoding happens per whole frame, so no UTF-8 letter is cut by the border of a chunk.
"""

from collections.abc import Iterator

FRAME_LIMIT_BYTES = 1_048_576
BANNER_LIMIT_BYTES = 256
BANNER = b"Asterisk Call Manager/"
_END = b"\r\n\r\n"
_EVENT = b"Event: "


class FrameError(Exception):
    """The peer does not speak the manager protocol."""


class Frame:
    """One response or event: its headers in order. Names are compared without case.

    Headers are read when somebody asks for one: most events are dropped by their name alone.
    """

    __slots__ = ("_headers", "_raw")

    def __init__(self, headers: tuple[tuple[str, str], ...] | None = None, *, raw: bytes = b"") -> None:
        """Takes the headers, or the bytes of one frame without its blank line."""
        self._headers = headers
        self._raw = raw

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All headers: name and value."""
        if self._headers is None:
            self._headers = _headers_of(self._raw)
        return self._headers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frame) and self.headers == other.headers

    def __hash__(self) -> int:
        return hash(self.headers)

    def __repr__(self) -> str:
        return f"Frame({self.headers!r})"

    def first(self, name: str) -> str | None:
        """Gives the first value of a header, which is the one that counts; None: it is not there."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def every(self, name: str) -> tuple[str, ...]:
        """Gives all values of a header that may stand several times (`Variable`, `Output`)."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    @property
    def event(self) -> str | None:
        """Name of the event; None: a response."""
        if self._headers is None and self._raw.startswith(_EVENT):
            return self._raw[len(_EVENT) :].partition(b"\r\n")[0].decode("utf-8", "replace")
        return self.first("Event")

    @property
    def action_id(self) -> str | None:
        """The action that this answers; None: an event of its own."""
        return self.first("ActionID")

    @property
    def is_success(self) -> bool:
        """True for a response that is not an error."""
        return self.first("Response") in ("Success", "Goodbye", "Follows")

    @property
    def message(self) -> str:
        """What Asterisk says about the response; empty when it says nothing."""
        return self.first("Message") or ""


def _headers_of(raw: bytes) -> tuple[tuple[str, str], ...]:
    rows = []
    for line in raw.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon and name:
            rows.append((name, value.removeprefix(" ")))
    return tuple(rows)


def parse_frame(raw: bytes) -> Frame:
    """Gives one frame from its bytes without the blank line; a line without a colon is no header of it."""
    return Frame(raw=raw)


class FrameReader:
    """Turns the bytes of one session into frames."""

    __slots__ = ("_buffer", "_is_skipping", "_scanned", "oversized", "version")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0
        self._is_skipping = False
        self.version: str | None = None
        """Version of the protocol, from the banner; None: not read yet."""
        self.oversized = 0
        """Frames dropped because they exceeded `FRAME_LIMIT_BYTES`."""

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """Gives the frames that `chunk` completes, in order.

        Raises:
            FrameError: The session does not begin with the banner.
        """
        self._buffer += chunk
        if self.version is None and not self._read_banner():
            return
        while (end := self._buffer.find(_END, self._scanned)) >= 0:
            raw = bytes(self._buffer[:end])
            del self._buffer[: end + len(_END)]
            self._scanned = 0
            if self._is_skipping or len(raw) > FRAME_LIMIT_BYTES:
                self.oversized += 1
                self._is_skipping = False
            elif raw.strip():
                yield parse_frame(raw)
        self._bound()

    def _bound(self) -> None:
        if len(self._buffer) > FRAME_LIMIT_BYTES:
            self._is_skipping = True
        if self._is_skipping:
            del self._buffer[: -(len(_END) - 1)]
        self._scanned = max(0, len(self._buffer) - len(_END) + 1)

    def _read_banner(self) -> bool:
        end = self._buffer.find(b"\r\n")
        beginning = bytes(self._buffer[: len(BANNER)])
        if not BANNER.startswith(beginning) or (end < 0 and len(self._buffer) > BANNER_LIMIT_BYTES):
            raise FrameError("no banner of Asterisk's manager")
        if end < 0:
            return False
        if beginning != BANNER:
            raise FrameError("no banner of Asterisk's manager")
        self.version = self._buffer[len(BANNER) : end].decode("ascii", "replace")
        del self._buffer[: end + 2]
        return True
