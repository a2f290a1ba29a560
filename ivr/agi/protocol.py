r"""Reads what Asterisk sends to a FastAGI server, with no input or output of its own.

Source: res/res_agi.c of Asterisk 22 (`setup_env`, `agi_handle_command`, `run_agi`). Bytes may be cut anywhere; the
events that come out are the same. Values come raw: they may hold parentheses and newlines, so a value is all between
the first `(` and the last `)`.
"""

import re
from dataclasses import dataclass

from ivr.agi.errors import ProtocolError

HEADER_LINES_LIMIT = 64
HEADER_LIMIT_BYTES = 16_384
REPLY_LIMIT_BYTES = 65_536
"""A reply holds at most one variable's value or one usage text."""

_RESULT = re.compile(r"200 result=(?P<result>-?[0-9]{0,18})(?P<rest>(?: .*)?)", re.DOTALL)
_END_POSITION = re.compile(r" endpos=(?P<samples>-?[0-9]+)")
_CODE = re.compile(r"(?P<code>[0-9]{3})(?P<mark>[ -]|$)(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadersRead:
    """The block of `agi_…` headers is complete."""

    headers: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """Reply 200."""

    result: int | None
    """None: `result=` with nothing behind it."""
    value: str | None
    """Text in parentheses; None: there was none."""
    end_position_samples: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Reply 510, 511 or 520."""

    code: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """The unasked line `HANGUP`; it may come before the reply of a command, or instead of it."""


AgiEvent = HeadersRead | Succeeded | Refused | HungUp

DEAD_CHANNEL_CODE = 511


def _split_header(line: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon or not key:
        raise ProtocolError("a header line has no name")
    return key, value.removeprefix(" ")


def parse_headers(lines: list[str]) -> dict[str, str]:
    """Gives the headers of one block.

    Raises:
        ProtocolError: A line is no header, or a name stands twice. Why: a newline in a caller's name makes a second
            `agi_arg_1`; which of the two is Asterisk's cannot be known.
    """
    headers: dict[str, str] = {}
    for line in lines:
        key, value = _split_header(line)
        if key in headers:
            raise ProtocolError("a header stands twice")
        headers[key] = value
    return headers


def _parse_success(line: str) -> Succeeded:
    match = _RESULT.fullmatch(line)
    if match is None:
        raise ProtocolError("a reply 200 has no result")
    rest = match["rest"]
    opening, closing = rest.find("("), rest.rfind(")")
    value = rest[opening + 1 : closing] if 0 <= opening < closing else None
    position = _END_POSITION.search(rest if value is None else rest[closing + 1 :])
    digits = match["result"]
    return Succeeded(
        result=int(digits) if digits.strip("-") else None,
        value=value,
        end_position_samples=int(position["samples"]) if position else None,
    )


def _is_value_open(line: str) -> bool:
    return line.startswith("200 ") and "(" in line and ")" not in line[line.find("(") :]


_USUAL_REPLIES = {
    f"200 result={result}\n".encode(): Succeeded(result=result, value=None, end_position_samples=None)
    for result in (-1, 0, 1, *map(ord, "0123456789*#"))
}
"""Replies that need no reading: success, failure, and the keys."""


class AgiReader:
    """Turns the bytes of one connection into events."""

    __slots__ = ("_buffer", "_is_in_headers", "_limit_bytes", "_lines", "_lines_bytes")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: list[str] = []
        self._lines_bytes = 0
        self._is_in_headers = True
        self._limit_bytes = HEADER_LIMIT_BYTES

    @property
    def is_in_headers(self) -> bool:
        """True until the blank line after the headers was read."""
        return self._is_in_headers

    def feed(self, chunk: bytes) -> list[AgiEvent]:
        """Gives the events that `chunk` completes, in order.

        Raises:
            ProtocolError: The bytes are no AGI, or exceed a limit. The reader cannot be used afterwards.
        """
        if not self._buffer and not self._lines:
            usual = self._whole_headers(chunk) if self._is_in_headers else _USUAL_REPLIES.get(chunk)
            if usual is not None:
                return [usual]
        self._buffer += chunk
        events: list[AgiEvent] = []
        while (end := self._buffer.find(b"\n")) >= 0:
            line = self._buffer[:end].decode("utf-8", "replace").removesuffix("\r")
            del self._buffer[: end + 1]
            self._count(end + 1)
            event = self._read_line(line)
            if event is not None:
                self._lines, self._lines_bytes = [], 0
                events.append(event)
        if self._lines_bytes + len(self._buffer) > self._limit_bytes:
            raise ProtocolError("more bytes than a header block or a reply may have")
        return events

    def _whole_headers(self, chunk: bytes) -> HeadersRead | None:
        """Gives the headers when `chunk` is all of their block and nothing else; the slow way gives the same."""
        if not chunk.endswith(b"\n\n") or chunk.find(b"\n\n") < len(chunk) - 2 or b"\r" in chunk:
            return None
        lines = chunk[:-2].decode("utf-8", "replace").split("\n")
        if len(lines) > HEADER_LINES_LIMIT or len(chunk) > HEADER_LIMIT_BYTES:
            return None
        return self._end_headers(lines)

    def _end_headers(self, lines: list[str]) -> HeadersRead:
        headers = parse_headers(lines)
        self._is_in_headers = False
        self._limit_bytes = REPLY_LIMIT_BYTES
        return HeadersRead(headers=headers)

    def _count(self, size_bytes: int) -> None:
        self._lines_bytes += size_bytes
        if self._lines_bytes > self._limit_bytes:
            raise ProtocolError("more bytes than a header block or a reply may have")

    def _read_line(self, line: str) -> AgiEvent | None:
        if self._is_in_headers:
            return self._read_header_line(line)
        if self._lines:
            return self._read_next_line(line)
        return self._read_first_line(line)

    def _read_header_line(self, line: str) -> HeadersRead | None:
        if line:
            self._lines.append(line)
            if len(self._lines) > HEADER_LINES_LIMIT:
                raise ProtocolError("too many header lines")
            return None
        return self._end_headers(self._lines)

    def _read_first_line(self, line: str) -> AgiEvent | None:
        if line == "HANGUP":
            return HungUp()
        match = _CODE.fullmatch(line)
        if match is None:
            raise ProtocolError("a line is no reply")
        if match["mark"] == "-" or _is_value_open(line):
            self._lines.append(line)
            return None
        if match["code"] == "200":
            return _parse_success(line)
        return Refused(code=int(match["code"]), text=match["text"])

    def _read_next_line(self, line: str) -> AgiEvent | None:
        first = self._lines[0]
        self._lines.append(line)
        if first.startswith("200 "):
            return _parse_success("\n".join(self._lines)) if ")" in line else None
        if line.startswith(first[:3] + " "):
            return Refused(code=int(first[:3]), text="\n".join([first[4:], *self._lines[1:-1]]))
        return None
