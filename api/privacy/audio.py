"""Files of recordings whose time is over."""

import time
from collections.abc import Iterator
from pathlib import Path

_DAY_S = 86_400


def remove_audio(folder: Path, held: frozenset[str], *, days: int, is_dry: bool) -> int:
    """Removes files older than `days` (by their last change), or only counts them; gives their number.

    A file whose name begins with the id of a call that a legal hold keeps stays.
    """
    before_s = time.time() - days * _DAY_S
    over = [path for path in _files(folder) if path.stat().st_mtime < before_s and not _is_held(path, held)]
    if not is_dry:
        for path in over:
            path.unlink(missing_ok=True)
    return len(over)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _is_held(path: Path, held: frozenset[str]) -> bool:
    return any(path.name == call_id or path.name.startswith((f"{call_id}.", f"{call_id}-")) for call_id in held)
