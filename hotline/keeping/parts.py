"""Which files of an instance a backup holds, and how much of each.

Not among them: what is made anew from the rest (Asterisk's configuration, prompts, the fallback script), logs, the
operators' logins in Asterisk's own database, and the database's cluster, which is dumped instead.
"""

from collections.abc import Iterator
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from hotline.keeping.archive import Source

DATABASE_DUMP = "database.dump"
"""Name in a backup; no file of an instance has it."""
CHECKPOINTS = ("cel", "queue_log", "cdr", "witness")
"""Of the journal, in its folder, `.json`."""
QUARANTINE = "quarantine.ndjson"
"""Lines that the api refused for good, in the journal's folder."""
TAIL_BYTES = 65_536
"""A line of evidence is shorter."""
TEMPORARY = ".new"
"""Half-written files, renamed in a moment."""


def setting_files(paths: InstancePaths) -> Iterator[Path]:
    """Gives settings, secrets, state and the studio's recordings."""
    yield from (path for path in (paths.site_file, paths.secrets_file) if path.is_file())
    for folder in (paths.state, paths.studio_recordings):
        yield from _files_in(folder)


def evidence_files(paths: InstancePaths) -> Iterator[Path]:
    """Gives evidence, rotated or not; what was not shipped yet is shipped from the restored files."""
    for current in (paths.cel_file, paths.queue_log_file, paths.cdr_file, paths.witness_file):
        yield from sorted(path for path in current.parent.glob(f"{current.name}*") if path.is_file())
    yield from (path for path in (paths.journal / QUARANTINE,) if path.is_file())


def conversation_files(paths: InstancePaths) -> Iterator[Path]:
    """Gives recorded conversations."""
    yield from _files_in(paths.recordings)


def checkpoint_files(paths: InstancePaths) -> Iterator[Path]:
    """Gives how far the journal is."""
    files = (paths.journal / f"{name}.json" for name in CHECKPOINTS)
    yield from (path for path in files if path.is_file())


def source_of(paths: InstancePaths, path: Path) -> Source | None:
    """Gives a file as it is now; None: it is gone meanwhile."""
    try:
        return Source(name=str(path.relative_to(paths.root)), path=path, size_bytes=path.stat().st_size)
    except FileNotFoundError:
        return None


def whole_lines_of(paths: InstancePaths, path: Path) -> Source | None:
    """Gives a file of evidence up to its last whole line: what is being written goes on in the original only."""
    source = source_of(paths, path)
    if source is None:
        return None
    with path.open("rb") as file:
        begin = max(0, source.size_bytes - TAIL_BYTES)
        file.seek(begin)
        end = file.read(source.size_bytes - begin).rfind(b"\n")
    return Source(name=source.name, path=path, size_bytes=begin + end + 1)


def _files_in(folder: Path) -> Iterator[Path]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    yield from sorted(path for path in files if path.suffix != TEMPORARY)
