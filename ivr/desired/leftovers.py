"""Clears away snapshots and sounds that no call can need any more."""

import re
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import VERSION_PATTERN, read_current, read_plan_snapshot
from routing.languages import Language
from routing.plan import PlanVersion
from routing.prompts import HASH_CHARS, sound_name

KEPT_VERSIONS = 10
"""Versions taken last, that in force among them: calls in progress and a rollback find theirs here."""
_SOUND = re.compile(rf"[a-z][a-z0-9-]*-[0-9a-f]{{{HASH_CHARS}}}\.wav")


def clear_leftovers(paths: InstancePaths) -> tuple[str, ...]:
    """Removes what belongs to none of the last `KEPT_VERSIONS`; gives the names of what it removed.

    Nothing is removed when one of the kept plans cannot be read.

    Raises:
        StateError: The version in force, or a kept plan, cannot be read.
        OSError: Something cannot be removed.
    """
    snapshots = sorted((paths.state / "plans").glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    known = [path for path in snapshots if VERSION_PATTERN.fullmatch(path.stem)]
    current = read_current(paths.state)
    kept = {current, *(PlanVersion(path.stem) for path in known[:KEPT_VERSIONS])}
    plans = [read_plan_snapshot(paths.state, version) for version in kept]
    needed = {f"{sound_name(prompt)}.wav" for plan in plans for prompt in plan.prompts.values()}
    old = [path for path in known if path.stem not in kept] + _unneeded_sounds(paths, needed)
    for path in old:
        path.unlink(missing_ok=True)
    return tuple(path.name for path in old)


def _unneeded_sounds(paths: InstancePaths, needed: set[str]) -> list[Path]:
    files = (path for language in Language for path in sorted(paths.sounds(language).glob("*.wav")))
    return [path for path in files if _SOUND.fullmatch(path.name) and path.name not in needed]
