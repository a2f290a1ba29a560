"""The file that a backup is: a tar whose members are sealed, and a manifest of what must be in it.

Members: `head.json` (in the open: how the key is made), then the sealed files, then the sealed manifest.
"""

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from hotline.keeping.errors import RestoreError
from hotline.keeping.sealing import CHUNK_BYTES, KeyRecipe, Readable, derive_key, seal, sealed_bytes, unseal

HEAD = "head.json"
MANIFEST = "manifest.json"
HEAD_LIMIT_BYTES = 4_096
MANIFEST_LIMIT_BYTES = 256 << 20
MODES = 0o770
"""Others never get a right to what is restored."""


class Head(BaseModel):
    """What can be read without the passphrase."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["legalaid-hotline-backup-1"] = "legalaid-hotline-backup-1"
    key: KeyRecipe


class Entry(BaseModel):
    """One file of the backup."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    """Path inside the instance folder, or the database's dump."""
    size_bytes: int
    sha256: str
    mode: int
    modified_at_s: float
    """Epoch; the journal orders rotated files by it."""


class Manifest(BaseModel):
    """What a whole backup holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_at: AwareDatetime
    """Everything before is in it."""
    version: str
    """Of legalaid-hotline."""
    node: str
    revision: str
    """Of the database's schema."""
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to be written into a backup."""

    name: str
    path: Path
    size_bytes: int
    """How much of it; what is appended later is left out."""


class ArchiveWriter:
    """Writes a backup into an open file."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        head = Head(key=KeyRecipe())
        self._key = derive_key(passphrase, head.key)
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115  closed by `finish`
        content = head.model_dump_json().encode()
        self._tar.addfile(_member(HEAD, len(content)), io.BytesIO(content))

    def add(self, source: Source) -> Entry | None:
        """Adds one file; None: it was removed before it could be read.

        Raises:
            SealError: It became shorter meanwhile.
            OSError: It cannot be read, or the backup not be written.
        """
        try:
            file = source.path.open("rb")
        except FileNotFoundError:
            return None
        with file:
            hashing, about = _Hashing(file), os.fstat(file.fileno())
            self._add_stream(source.name, hashing, source.size_bytes)
        return Entry(
            name=source.name,
            size_bytes=source.size_bytes,
            sha256=hashing.digest.hexdigest(),
            mode=about.st_mode & MODES,
            modified_at_s=about.st_mtime,
        )

    def finish(self, manifest: Manifest) -> None:
        """Adds the manifest and ends the file."""
        content = manifest.model_dump_json().encode()
        self._add_stream(MANIFEST, io.BytesIO(content), len(content))
        self._tar.close()

    def _add_stream(self, name: str, stream: Readable, size_bytes: int) -> None:
        pieces = _Pieces(seal(self._key, name, stream, size_bytes))
        self._tar.addfile(_member(name, sealed_bytes(size_bytes)), io.BufferedReader(pieces, CHUNK_BYTES))


def extract(file: BinaryIO, passphrase: str, folder: Path) -> Manifest:
    """Writes everything that a backup holds into `folder`, and sees that it is whole.

    Raises:
        RestoreError: It is no backup, or not a whole one.
        SealError: Another passphrase, or damaged.
    """
    try:
        with tarfile.open(fileobj=file, mode="r|") as tar:
            return _extract(tar, passphrase, folder)
    except (tarfile.TarError, EOFError) as error:
        raise RestoreError(f"this is no backup, or it was cut off: {error}") from error


def _extract(tar: tarfile.TarFile, passphrase: str, folder: Path) -> Manifest:
    members = iter(tar)
    key = derive_key(passphrase, _read_head(tar, next(members, None)).key)
    written: dict[str, tuple[int, str]] = {}
    for member in members:
        stream = _stream_of(tar, member)
        if member.name == MANIFEST:
            manifest = _read_manifest(b"".join(unseal(key, MANIFEST, stream)))
            _check_whole(manifest, written)
            _set_modes(manifest, folder)
            return manifest
        written[member.name] = _write(unseal(key, member.name, stream), folder / _safe(member.name))
    raise RestoreError("the backup is not whole: its manifest is missing; take another one")


def _read_head(tar: tarfile.TarFile, member: tarfile.TarInfo | None) -> Head:
    if member is None or member.name != HEAD or member.size > HEAD_LIMIT_BYTES:
        raise RestoreError("this is no backup of a line: it does not begin as one")
    try:
        return Head.model_validate_json(_stream_of(tar, member).read(HEAD_LIMIT_BYTES))
    except ValidationError as error:
        text = "this backup was made by another version of legalaid-hotline, or its head is damaged"
        raise RestoreError(text) from error


def _read_manifest(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        text = "this backup was made by another version of legalaid-hotline: restore with that one"
        raise RestoreError(text) from error


def _stream_of(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Readable:
    stream = tar.extractfile(member) if member.isreg() and member.size <= _limit(member.name) else None
    if stream is None:
        raise RestoreError(f"{member.name}: nothing of the kind belongs into a backup")
    return stream


def _limit(name: str) -> float:
    return MANIFEST_LIMIT_BYTES if name == MANIFEST else float("inf")


def _safe(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise RestoreError(f"{name!r}: not a path inside an instance")
    return path


def _write(pieces: Iterable[bytes], path: Path) -> tuple[int, str]:
    """Writes a new file; gives size and hash."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("xb") as file:
        path.chmod(0o600)
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size_bytes += len(piece)
    return size_bytes, digest.hexdigest()


def _check_whole(manifest: Manifest, written: dict[str, tuple[int, str]]) -> None:
    wanted = {entry.name: (entry.size_bytes, entry.sha256) for entry in manifest.entries}
    if wanted != written:
        wrong = sorted(name for name in {*wanted, *written} if wanted.get(name) != written.get(name))
        raise RestoreError(f"the backup is not whole: {', '.join(wrong[:5])} is not as the manifest says")


def _set_modes(manifest: Manifest, folder: Path) -> None:
    for entry in manifest.entries:
        path = folder / _safe(entry.name)
        path.chmod(entry.mode & MODES)
        os.utime(path, (entry.modified_at_s, entry.modified_at_s))


def _member(name: str, size_bytes: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size_bytes, 0o600
    return member


class _Hashing:
    """Hashes what is read through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content


class _Pieces(io.RawIOBase):
    """Makes a readable file of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the base takes any buffer
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)
