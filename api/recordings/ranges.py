"""Reads the header Range. Pure.

Source: RFC 9110, 14.1 and 14.2: a header that cannot be read, or asks for several ranges, is passed over.
"""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """Bytes `[start, end)` of a file."""

    start: int
    end: int

    @property
    def length_bytes(self) -> int:
        """How many bytes it has."""
        return self.end - self.start


class UnsatisfiableRange(ValueError):  # noqa: N818  the word of RFC 9110
    """No byte of the file lies in the range."""


def read_range(header: str | None, size_bytes: int) -> ByteRange | None:
    """Gives the range that is asked for; None: the whole file.

    Raises:
        UnsatisfiableRange: It begins behind the end of the file, or asks for its last 0 bytes.
    """
    found = _ONE_RANGE.fullmatch(header) if header is not None else None
    if found is None or found.group(1, 2) == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size_bytes - int(last)), size_bytes
    else:
        start, end = int(first), min(size_bytes, int(last) + 1) if last else size_bytes
        if last and int(last) < start:
            return None
    if start >= end:
        raise UnsatisfiableRange
    return ByteRange(start=start, end=end)
