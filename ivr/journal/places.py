"""How far each evidence file was acknowledged: kept in one small file per source, synced before it counts."""

import hashlib
import json
import os
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

HEAD_BYTES = 1_024
"""A file is known by its first bytes: those of CEL and queue_log begin with a time, so no two files share them."""


class PlacesError(Exception):
    """The checkpoint cannot be read; the text names the file and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A stretch `[start_bytes, end_bytes)` of a file that was acknowledged before what stands in front of it."""

    start_bytes: int
    end_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far one file was acknowledged. Its inode is no part of it: rotation by copying changes that."""

    generation: str
    """Made when the file was first seen; with an offset it is the position of a line."""
    head_bytes: int
    """How many of the first bytes `head_sha256` covers."""
    head_sha256: str
    offset_bytes: int
    """All lines before this were acknowledged or quarantined."""
    ahead: Ahead | None = None
    """What was shipped first, because it was new while much old evidence waited; it starts behind `offset_bytes`."""

    @property
    def done_bytes(self) -> int:
        """How many bytes need not be shipped again."""
        ahead_bytes = 0 if self.ahead is None else self.ahead.end_bytes - self.ahead.start_bytes
        return self.offset_bytes + ahead_bytes

    @property
    def live_bytes(self) -> int:
        """Where the newest evidence goes on."""
        return self.offset_bytes if self.ahead is None else self.ahead.end_bytes

    @property
    def limit_bytes(self) -> int | None:
        """Where old evidence ends; None: at the end of the file."""
        return None if self.ahead is None else self.ahead.start_bytes

    def acknowledged(self, start_bytes: int, end_bytes: int) -> "Place":
        """Gives the place after `[start_bytes, end_bytes)` was; where both stretches meet, they become one."""
        if self.ahead is not None and start_bytes == self.ahead.end_bytes:
            return replace(self, ahead=replace(self.ahead, end_bytes=end_bytes))
        if self.ahead is not None and end_bytes >= self.ahead.start_bytes:
            return replace(self, offset_bytes=self.ahead.end_bytes, ahead=None)
        return replace(self, offset_bytes=end_bytes)

    def live_from(self, start_bytes: int) -> "Place":
        """Gives the place from which on the newest evidence is shipped first, from `start_bytes` on."""
        return replace(self, ahead=Ahead(start_bytes=start_bytes, end_bytes=start_bytes))


def new_place(head: bytes, offset_bytes: int = 0) -> Place:
    """Gives the place of a file that was never seen, or whose positions cannot be used any more."""
    return Place(
        generation=uuid.uuid4().hex, head_bytes=len(head), head_sha256=_digest(head), offset_bytes=offset_bytes
    )


def is_place_of(place: Place, head: bytes) -> bool:
    """Tells whether a file that begins with `head` is the one of `place`."""
    return len(head) >= place.head_bytes and _digest(head[: place.head_bytes]) == place.head_sha256


def _digest(head: bytes) -> str:
    return hashlib.sha256(head).hexdigest()


def read_places(path: Path) -> tuple[Place, ...]:
    """Gives the places of a checkpoint; none when it does not exist yet.

    Raises:
        PlacesError: The file cannot be read or is no checkpoint.
    """
    try:
        return tuple(_place(row) for row in json.loads(path.read_text("utf-8"))["files"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlacesError(
            f"{path}: not a checkpoint ({error}); moved away, the evidence files are shipped again from their beginning"
        ) from error


def _place(row: dict[str, object]) -> Place:
    """Reads one file's place; checkpoints of old have no `ahead`."""
    ahead = row.get("ahead")
    return Place(
        generation=str(row["generation"]),
        head_bytes=int(str(row["head_bytes"])),
        head_sha256=str(row["head_sha256"]),
        offset_bytes=int(str(row["offset_bytes"])),
        ahead=Ahead(start_bytes=int(ahead["start_bytes"]), end_bytes=int(ahead["end_bytes"]))
        if isinstance(ahead, dict)
        else None,
    )


def write_places(path: Path, places: Iterable[Place]) -> None:
    """Writes the checkpoint by a new file, a sync and a rename.

    Raises:
        OSError: It cannot be written; the old one stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump({"files": [asdict(place) for place in places]}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
