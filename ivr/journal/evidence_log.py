"""One evidence file and what rotation made of it: which files there are, which was seen before, what is left to ship.

A file is recognised by its first bytes, so that it keeps its generation when it is renamed, or copied and emptied.
Rotated files lie beside the current one (`cel.jsonl.1`, `queue_log-20261124`); one that is moved elsewhere while the
service runs is finished through its open descriptor. Blocking: call it from a worker thread.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from ivr.journal.batches import Batch, find_line_start, read_batch
from ivr.journal.places import HEAD_BYTES, Place, is_place_of, new_place, read_places, write_places

PACKED_SUFFIXES = frozenset({".gz", ".xz", ".bz2", ".zst", ".new"})
BEHIND_BYTES = 2 << 20
"""With more than this to ship, the newest evidence comes first: about 300 calls."""
LIVE_BYTES = 64 << 10
"""How much of it is new then: about 10 calls."""
REMEMBERED_PLACES = 64
"""Files that are gone and would be recognised if they came back."""

_log = structlog.stdlib.get_logger("ivr.journal")


@dataclass(slots=True, kw_only=True)
class _OpenFile:
    """A file that we hold; its descriptor keeps its inode from being used again."""

    descriptor: int
    inode: int
    place: Place
    is_listed: bool = True
    """False: no name in the folder leads to it any more."""

    @property
    def size_bytes(self) -> int:
        return os.fstat(self.descriptor).st_size

    @property
    def left_bytes(self) -> int:
        return max(0, self.size_bytes - self.place.done_bytes)


def _head(descriptor: int) -> bytes:
    return os.pread(descriptor, HEAD_BYTES, 0)


class EvidenceLog:
    """The files of one source of evidence, oldest first."""

    def __init__(self, current: Path, checkpoint: Path) -> None:
        self._current = current
        self._checkpoint = checkpoint
        self._files: list[_OpenFile] = []
        self._lock = threading.Lock()
        """Why: a worker thread goes on after the task that awaited it was cancelled, while `close` comes."""
        self._is_closed = False
        self._unbound: list[Place] | None = None
        """Places whose file is not there now; None before the checkpoint was read."""
        self._is_live_turn = True
        """While much waits, new and old evidence take turns, so that neither holds up the other."""
        self.lag_bytes = 0
        """Bytes that were written and not yet acknowledged, at the last look."""

    def next_batch(self) -> Batch | None:
        """Looks at the folder and gives lines that are not acknowledged; None when there are none.

        They are the oldest; while much waits, by turns the newest and the oldest.

        Raises:
            OSError: A file cannot be read, or the checkpoint of a new file cannot be written.
            PlacesError: The checkpoint cannot be read.
        """
        with self._lock:
            return None if self._is_closed else self._find_batch()

    def _find_batch(self) -> Batch | None:
        self._refresh()
        self._count_lag()
        self._begin_live()
        turns = [self._next_live, self._next_old]
        for read in turns if self._is_live_turn else reversed(turns):
            batch = read()
            if batch is not None:
                self._is_live_turn = read == self._next_old
                return batch
        return None

    def _begin_live(self) -> None:
        """Lets the end of the newest file come first, if so much waits that it would come late."""
        if self.lag_bytes <= BEHIND_BYTES or not self._files:
            return
        newest = self._files[-1]
        if newest.place.ahead is not None or newest.left_bytes <= LIVE_BYTES:
            return
        start_bytes = find_line_start(newest.descriptor, newest.size_bytes - LIVE_BYTES)
        if start_bytes is not None:
            newest.place = newest.place.live_from(start_bytes)

    def _next_live(self) -> Batch | None:
        """Gives the next lines of the newest file, if older ones wait in front of them."""
        if not self._files:
            return None
        newest = self._files[-1]
        is_behind = self.lag_bytes > BEHIND_BYTES and any(file.left_bytes for file in self._files[:-1])
        if newest.place.ahead is None and not is_behind:
            return None
        return self._next_of(newest, newest.place.live_bytes, None)

    def _next_old(self) -> Batch | None:
        """Gives the oldest lines."""
        for file in self._files:
            if file.left_bytes:
                batch = self._next_of(file, file.place.offset_bytes, file.place.limit_bytes)
                if batch is not None:
                    return batch
        return None

    def _next_of(self, file: _OpenFile, offset_bytes: int, limit_bytes: int | None) -> Batch | None:
        """Gives the next lines of a stretch; blank ones are passed over."""
        batch = read_batch(file.descriptor, file.place.generation, offset_bytes, limit_bytes)
        if batch.lines:
            return batch
        if batch.end_bytes > offset_bytes:
            file.place = file.place.acknowledged(offset_bytes, batch.end_bytes)
        return None

    def acknowledge(self, batch: Batch) -> None:
        """Notes that the lines of a batch need not be shipped again; does nothing after `close`.

        Raises:
            OSError: The checkpoint cannot be written.
        """
        with self._lock:
            if not self._is_closed:
                self._move_place(batch)

    def _move_place(self, batch: Batch) -> None:
        for file in self._files:
            if file.place.generation == batch.generation:
                grown = new_place(_head(file.descriptor))
                moved = file.place.acknowledged(batch.start_bytes, batch.end_bytes)
                file.place = replace(moved, head_bytes=grown.head_bytes, head_sha256=grown.head_sha256)
        self._save()
        self._count_lag()

    def close(self) -> None:
        """Closes every file; the checkpoint stays as it is."""
        with self._lock:
            self._is_closed = True
            for file in self._files:
                os.close(file.descriptor)
            self._files = []

    def _refresh(self) -> None:
        if self._unbound is None:
            self._unbound = list(read_places(self._checkpoint))
        known = {file.place.generation for file in self._files}
        self._release_emptied()
        listed = list(self._find_files())
        self._drop_finished()
        self._files.sort(key=lambda file: listed.index(file.inode) if file.inode in listed else -1)
        if known != {file.place.generation for file in self._files}:
            self._save()

    def _release_emptied(self) -> None:
        """Lets go of files whose content was taken away under their name; a copy of it may be found beside them."""
        kept = []
        for file in self._files:
            if is_place_of(file.place, _head(file.descriptor)):
                self._mind_cut(file)
                kept.append(file)
                continue
            self._unbound_places().append(file.place)
            os.close(file.descriptor)
        self._files = kept

    def _mind_cut(self, file: _OpenFile) -> None:
        """Gives a file that lost its end a new generation from there on: its old positions are used already.

        What waited in front of a stretch that was shipped ahead gets it too: it was not acknowledged.
        """
        size_bytes, place = file.size_bytes, file.place
        if size_bytes >= place.live_bytes:
            return
        _log.warning("evidence_file_cut", file=self._current.name, lost_bytes=place.live_bytes - size_bytes)
        fresh = new_place(_head(file.descriptor), min(size_bytes, place.offset_bytes))
        if place.ahead is not None and size_bytes > place.ahead.start_bytes:
            fresh = replace(fresh, ahead=replace(place.ahead, end_bytes=size_bytes))
        file.place = fresh

    def _unbound_places(self) -> list[Place]:
        assert self._unbound is not None  # noqa: S101  _refresh reads the checkpoint before anything else
        return self._unbound

    def _find_files(self) -> Iterator[int]:
        """Gives the inodes of the folder's evidence files, oldest first, the current one last; opens new ones."""
        held = {file.inode: file for file in self._files}
        for file in self._files:
            file.is_listed = False
        for path in self._paths():
            try:
                inode = path.stat().st_ino
                file_or_none = held.get(inode) or self._open(path)
            except FileNotFoundError:
                continue
            if file_or_none is not None:
                file_or_none.is_listed = True
                yield inode

    def _paths(self) -> list[Path]:
        name = self._current.name
        rotated = [
            (path.stat().st_mtime_ns, path)
            for path in self._current.parent.glob(f"{name}[.-]*")
            if path.suffix not in PACKED_SUFFIXES and path.is_file()
        ]
        current = [self._current] if self._current.is_file() else []
        return [*(path for _, path in sorted(rotated)), *current]

    def _open(self, path: Path) -> _OpenFile | None:
        """Opens a file that is not held yet; None when it has no whole line, or is a copy of one that is held."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        head = _head(descriptor)
        is_copy = any(is_place_of(file.place, head) for file in self._files)
        if is_copy or (b"\n" not in head and len(head) < HEAD_BYTES):
            os.close(descriptor)
            return None
        place = self._take_place(head)
        opened = _OpenFile(descriptor=descriptor, inode=os.fstat(descriptor).st_ino, place=place)
        self._mind_cut(opened)
        self._files.append(opened)
        return opened

    def _take_place(self, head: bytes) -> Place:
        for place in self._unbound_places():
            if is_place_of(place, head):
                self._unbound_places().remove(place)
                grown = new_place(head)
                return replace(place, head_bytes=grown.head_bytes, head_sha256=grown.head_sha256)
        return new_place(head)

    def _drop_finished(self) -> None:
        """Closes files that no name leads to, once all their complete lines were acknowledged.

        Their places are remembered: a name may only have been missed between two steps of a rotation.
        """
        for file in [file for file in self._files if not file.is_listed]:
            if not self._has_lines(file):
                os.close(file.descriptor)
                self._files.remove(file)
                self._unbound_places().append(file.place)

    def _has_lines(self, file: _OpenFile) -> bool:
        place = file.place
        return place.ahead is not None or bool(read_batch(file.descriptor, place.generation, place.offset_bytes).lines)

    def _count_lag(self) -> None:
        self.lag_bytes = sum(file.left_bytes for file in self._files)

    def _save(self) -> None:
        remembered = self._unbound_places()[-REMEMBERED_PLACES:]
        write_places(self._checkpoint, [*remembered, *(file.place for file in self._files)])
