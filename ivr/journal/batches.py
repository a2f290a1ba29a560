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
    end_bytes: int
    """Offset behind the last of them."""


def read_batch(descriptor: int, generation: str, offset_bytes: int) -> Batch:
    """Gives the complete lines from `offset_bytes` on; no lines when there is none. Blank lines are passed over.

    Raises:
        OSError: The file cannot be read.
    """
    block = os.pread(descriptor, BATCH_BYTES, offset_bytes)
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
    return Batch(generation=generation, lines=tuple(lines), end_bytes=offset_bytes + start)


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
            return Batch(generation=generation, lines=(line,), end_bytes=end_bytes + end + 1)
        end_bytes += len(block)
    return Batch(generation=generation, lines=(), end_bytes=offset_bytes)
