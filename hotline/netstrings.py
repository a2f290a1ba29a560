"""Netstrings of JSON objects: how baresip's module ctrl_tcp speaks. Bytes in, objects out; no sockets here.

Source: baresip 1.0, modules/ctrl_tcp/ctrl_tcp.c; the format is `<length>:<bytes>,`.
"""

import json
from collections.abc import Iterator

LENGTH_DIGITS = 7
"""Longest length that we read: under 10 MB."""


class NetstringError(ValueError):
    """The bytes are no netstrings of JSON objects."""


def encode_message(message: dict[str, str]) -> bytes:
    """Gives one JSON object as a netstring."""
    body = json.dumps(message).encode()
    return b"%d:%s," % (len(body), body)


class NetstringReader:
    """Cuts a stream of bytes, however it is split, into JSON objects."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[dict[str, object]]:
        """Gives the objects that `chunk` completes.

        Raises:
            NetstringError: What came is no netstring, or holds no JSON object.
        """
        self._buffer += chunk
        while (body := self._take()) is not None:
            yield _object_of(body)

    def _take(self) -> bytes | None:
        colon = self._buffer.find(b":", 0, LENGTH_DIGITS + 1)
        digits = bytes(self._buffer[: colon if colon >= 0 else len(self._buffer)])
        if (digits and not digits.isdigit()) or len(digits) > LENGTH_DIGITS or colon == 0:
            raise NetstringError(f"not a netstring: {digits[:20]!r}")
        end = colon + 1 + int(digits) if colon > 0 else -1
        if end < 0 or len(self._buffer) <= end:
            return None
        if self._buffer[end] != ord(","):
            raise NetstringError("a netstring does not end with a comma")
        body = bytes(self._buffer[colon + 1 : end])
        del self._buffer[: end + 1]
        return body


def _object_of(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise NetstringError(f"not JSON: {body[:80]!r}") from error
    if not isinstance(value, dict):
        raise NetstringError(f"not a JSON object: {body[:80]!r}")
    return value
