"""Finds and reads recordings in their folder, and nothing outside it.

A name holds no separator and no leading dot, and is opened without following a link: it cannot lead anywhere else.
"""

import asyncio
import os
import re
import stat
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.recordings.ranges import ByteRange

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,180}\.wav$"
CHUNK_BYTES = 64 << 10
LISTED_LIMIT = 100
_NAME = re.compile(NAME_PATTERN, re.ASCII)
_PART = re.compile(r"(-[A-Za-z0-9]{1,32})?\.wav", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFile:
    """One recording."""

    name: str
    size_bytes: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRecording:
    """A recording that is open for reading; who opened it closes the descriptor."""

    descriptor: int
    size_bytes: int


def find_recordings(folder: Path | None, call_id: str) -> list[RecordingFile]:
    """Gives the recordings of a call, by name; none when there is no folder."""
    if folder is None or not folder.is_dir():
        return []
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_of_call(entry.name, call_id) and entry.is_file(follow_symlinks=False):
                told = entry.stat(follow_symlinks=False)
                made_at = datetime.fromtimestamp(told.st_mtime, UTC)
                found.append(RecordingFile(name=entry.name, size_bytes=told.st_size, made_at=made_at))
    return sorted(found, key=lambda each: each.name)[:LISTED_LIMIT]


def _is_of_call(name: str, call_id: str) -> bool:
    return name.startswith(call_id) and _PART.fullmatch(name[len(call_id) :]) is not None


def open_recording(folder: Path | None, name: str) -> OpenRecording | None:
    """Opens a recording; None: there is none such."""
    if folder is None or not _NAME.fullmatch(name):
        return None
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    told = os.fstat(descriptor)
    if not stat.S_ISREG(told.st_mode):
        os.close(descriptor)
        return None
    return OpenRecording(descriptor=descriptor, size_bytes=told.st_size)


def is_kept(folder: Path | None, name: str) -> bool:
    """Tells whether there is such a recording, without opening it."""
    if folder is None or not _NAME.fullmatch(name):
        return False
    try:
        return stat.S_ISREG((folder / name).lstat().st_mode)
    except OSError:
        return False


async def read_part(recording: OpenRecording, part: ByteRange) -> AsyncGenerator[bytes]:
    """Gives the bytes of a part; a recording that is cut meanwhile ends early."""
    place = part.start
    while place < part.end:
        wanted = min(CHUNK_BYTES, part.end - place)
        chunk = await asyncio.to_thread(os.pread, recording.descriptor, wanted, place)
        if not chunk:
            return
        place += len(chunk)
        yield chunk
