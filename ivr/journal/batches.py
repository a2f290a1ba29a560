"""Reads complete lines of an evidence file, as many as one request carries."""

import os
from dataclasses import dataclass

BATCH_LINES = 500
BATCH_BYTES = 1_048_576
LINE_LIMIT_BYTES = 65_536
"""Longer lines are shipped cut; no line that Asterisk writes comes near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of evidence, without its end."""

    offset_bytes: int
    text: str
    """Bytes that are no UTF-8 became U+FFFD."""
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Lines of one file that go out together."""

    generation: str
    lines: tuple[Line, ...]
    start_bytes: int
    """Offset of the first of them."""
    end_bytes: int
    """Offset behind the last of them."""


def read_batch(descriptor: int, generation: str, offset_bytes: int, limit_bytes: int | None = None) -> Batch:
    """Gives the complete lines from `offset_bytes` on; no lines when there is none. Blank lines are passed over.

    Args:
        descriptor: Of the file.
        generation: Of the file.
        offset_bytes: Where a line begins.
        limit_bytes: Where to end, behind the end of a line; None: at the end of the file.

    Raises:
        OSError: The file cannot be read.
    """
    wanted = BATCH_BYTES if limit_bytes is None else min(BATCH_BYTES, limit_bytes - offset_bytes)
    block = os.pread(descriptor, wanted, offset_bytes)
    lines: list[Line] = []
    start = 0
    for _ in range(BATCH_LINES):
        end = block.find(b"\n", start)
        if end < 0:
            break
        if end > start:
            lines.append(_line(offset_bytes + start, block[start:end]))
        start = end + 1
    if start == 0 and len(block) == BATCH_BYTES:
        return _read_endless(descriptor, generation, offset_bytes, block)
    return Batch(generation=generation, lines=tuple(lines), start_bytes=offset_bytes, end_bytes=offset_bytes + start)


def _line(offset_bytes: int, raw: bytes) -> Line:
    is_cut = len(raw) > LINE_LIMIT_BYTES
    text = raw[:LINE_LIMIT_BYTES].decode("utf-8", "replace").removesuffix("\r")
    return Line(offset_bytes=offset_bytes, text=text, is_cut=is_cut)


def _read_endless(descriptor: int, generation: str, offset_bytes: int, block: bytes) -> Batch:
    """Gives the beginning of a line that is longer than a whole batch, once its end was written."""
    line = _line(offset_bytes, block)
    end_bytes = offset_bytes + len(block)
    while block := os.pread(descriptor, BATCH_BYTES, end_bytes):
        end = block.find(b"\n")
        if end >= 0:
            return Batch(generation=generation, lines=(line,), start_bytes=offset_bytes, end_bytes=end_bytes + end + 1)
        end_bytes += len(block)
    return Batch(generation=generation, lines=(), start_bytes=offset_bytes, end_bytes=offset_bytes)


def find_line_start(descriptor: int, from_bytes: int) -> int | None:
    """Gives where the first line behind `from_bytes` begins; None: no line ends behind it."""
    offset_bytes = from_bytes
    while block := os.pread(descriptor, BATCH_BYTES, offset_bytes):
        end = block.find(b"\n")
        if end >= 0:
            return offset_bytes + end + 1
        offset_bytes += len(block)
    return None
