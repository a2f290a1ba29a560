"""Makes a backup of a line, also while it takes calls: one sealed file.

Order: the journal's checkpoints, then the database, then the evidence. What a checkpoint calls stored is then in the
dump; what came later is in the evidence and is shipped again after a restore, under the positions that it has.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import BinaryIO

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import SiteSettings, read_site
from hotline.keeping.archive import ArchiveWriter, Entry, Manifest, Source
from hotline.keeping.database import dump, running_database
from hotline.keeping.errors import BackupError
from hotline.keeping.parts import (
    DATABASE_DUMP,
    checkpoint_files,
    conversation_files,
    evidence_files,
    setting_files,
    source_of,
    whole_lines_of,
)
from ivr.journal.places import read_places
from migrations.inspection import inspect_async

DISTRIBUTION = "legalaid-hotline"
TRIES = 3
"""How often a dump is made during which evidence was rotated or the key of numbers changed."""
SHORTEST_PASSPHRASE_CHARS = 12

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dumped:
    """A database's dump, and what was true before it began."""

    revision: str
    made_at: datetime
    folder: Path
    """Holds the dump and copies of the checkpoints."""


async def make_backup(paths: InstancePaths, target: Path, passphrase: str, external_url: str | None, say: Say) -> Path:
    """Writes a backup and gives its path; a folder as `target` gets a file of its own name.

    Raises:
        BackupError: The target is there already, cannot be written, or the line changed too much.
        SiteError: There is no line in this folder.
        PostgresError, MigrationError, DatabaseProgramError: The database does not do its part.
    """
    site, now = read_site(paths.site_file), datetime.now(UTC)
    file = _file_of(target, site, now)
    with _new_file(file) as (sink, folder):
        dumped = await _dump_quietly(paths, folder, external_url, say)
        writer = ArchiveWriter(sink, passphrase)
        entries = [entry for source in _sources(paths, dumped, say) if (entry := writer.add(source)) is not None]
        writer.finish(_manifest(site, dumped, entries))
    say(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {len(entries)} files; it opens with the passphrase only")
    return file


def _file_of(target: Path, site: SiteSettings, now: datetime) -> Path:
    file = target / f"hotline-{site.node}-{now:%Y%m%dT%H%M%SZ}.backup" if target.is_dir() else target
    if file.exists():
        raise BackupError(f"{file} is there already: nothing is overwritten; name another file")
    if not file.parent.is_dir():
        raise BackupError(f"{file.parent}: there is no such folder; make it first")
    return file


@contextmanager
def _new_file(file: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Gives an open file that becomes `file` at the end, and a private folder beside it that goes away.

    Raises:
        BackupError: Something cannot be written.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=".hotline-backup-", dir=file.parent))
    except OSError as error:
        raise BackupError(f"{file.parent}: {error.strerror}") from error
    try:
        partial = folder / "partial"
        with partial.open("xb") as sink:
            partial.chmod(0o600)
            yield sink, folder
            sink.flush()
            os.fsync(sink.fileno())
        os.link(partial, file)  # a rename would overwrite what came there meanwhile
    except OSError as error:
        raise BackupError(f"{file}: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _dump_quietly(paths: InstancePaths, folder: Path, external_url: str | None, say: Say) -> _Dumped:
    """Dumps the database at a time when what must fit to it did not change."""
    async with running_database(paths, external_url) as url:
        for _ in range(TRIES):
            before = _what_must_stay(paths)
            dumped = await _dump(paths, folder, url)
            if _what_must_stay(paths) == before:
                say(f"database: {(folder / DATABASE_DUMP).stat().st_size / 1e6:.1f} MB, schema {dumped.revision}")
                return dumped
            say("evidence was rotated or the key of numbers changed meanwhile: once more")
    raise BackupError("evidence was rotated or the key of numbers changed during each dump: try again later")


async def _dump(paths: InstancePaths, folder: Path, url: str) -> _Dumped:
    state, made_at = await inspect_async(url), datetime.now(UTC)
    if state.revision is None:
        raise BackupError("the database holds no call log yet: start the line once with `hotline up`")
    for checkpoint in checkpoint_files(paths):
        shutil.copy2(checkpoint, folder / checkpoint.name)
    (folder / DATABASE_DUMP).unlink(missing_ok=True)
    await dump(url, folder / DATABASE_DUMP)
    return _Dumped(revision=state.revision, made_at=made_at, folder=folder)


def _what_must_stay(paths: InstancePaths) -> tuple[bytes, frozenset[str]]:
    """Gives the secrets, whose keys open the database's numbers, and which files of evidence the journal knows."""
    places = (place for checkpoint in checkpoint_files(paths) for place in read_places(checkpoint))
    secrets = paths.secrets_file.read_bytes() if paths.secrets_file.exists() else b""
    return secrets, frozenset(place.generation for place in places)


def _sources(paths: InstancePaths, dumped: _Dumped, say: Say) -> Iterator[Source]:
    """Gives every file in the order in which it must be read, and tells how much that is."""
    dump_file = dumped.folder / DATABASE_DUMP
    yield Source(name=DATABASE_DUMP, path=dump_file, size_bytes=dump_file.stat().st_size)
    yield from _told("settings, plans and prompts", (source_of(paths, each) for each in setting_files(paths)), say)
    for checkpoint in checkpoint_files(paths):
        copy = dumped.folder / checkpoint.name
        yield Source(name=str(checkpoint.relative_to(paths.root)), path=copy, size_bytes=copy.stat().st_size)
    known = _evidence(paths)
    yield from _told("evidence", (whole_lines_of(paths, each) for each in known), say)
    if _evidence(paths) != known:
        raise BackupError("evidence was rotated while it was read: try again")
    yield from _told("recordings", (source_of(paths, each) for each in conversation_files(paths)), say)


def _evidence(paths: InstancePaths) -> dict[Path, int]:
    """Gives the files of evidence and their inodes."""
    return {path: path.stat().st_ino for path in evidence_files(paths)}


def _told(label: str, sources: Iterable[Source | None], say: Say) -> Iterator[Source]:
    size_bytes, files = 0, 0
    for source in sources:
        if source is not None:
            size_bytes, files = size_bytes + source.size_bytes, files + 1
            yield source
    say(f"{label}: {files} files, {size_bytes / 1e6:.1f} MB")


def our_version() -> str:
    """Gives the version that is installed; `checkout` where the code runs from its repository."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "checkout"


def _manifest(site: SiteSettings, dumped: _Dumped, entries: Iterable[Entry]) -> Manifest:
    return Manifest(
        made_at=dumped.made_at,
        version=our_version(),
        node=site.node,
        revision=dumped.revision,
        entries=tuple(entries),
    )
