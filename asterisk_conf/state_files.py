"""The node's `state` folder: which plan is in force, its snapshots, overrides and the test clock.

Written by the service (and by `hotline up` before it runs), read by the service and by the fallback script. Standard
library and `routing` only. Every write is a new file, synced and renamed: a reader sees the old text or the new one.

Layout: `plans/<version>.json`, `current` (the version), `overrides.json`, `clock.json`.
"""

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from routing import snapshot
from routing.json_fields import Json, as_object, flag_of, integer_of, list_of, text_of
from routing.overrides import Override, OverrideError, override_from_document, override_to_document
from routing.plan import Plan, PlanVersion

_Row = TypeVar("_Row")

VERSION_PATTERN = re.compile(r"[0-9a-f]{16}")
"""A version is part of a file's name, and a call brings it along: nothing else is accepted."""


class StateError(Exception):
    """The state folder cannot be used; the text names the file and what is wrong with it."""


def current_file(state: Path) -> Path:
    """Gives the file that names the plan in force."""
    return state / "current"


def snapshot_file(state: Path, version: PlanVersion) -> Path:
    """Gives the file of one plan version.

    Raises:
        StateError: `version` is not a plan version.
    """
    if not VERSION_PATTERN.fullmatch(version):
        raise StateError(f"not a plan version: {version[:40]!r}")
    return state / "plans" / f"{version}.json"


def overrides_file(state: Path) -> Path:
    """Gives the file of manual switches."""
    return state / "overrides.json"


def clock_file(state: Path) -> Path:
    """Gives the file of the test clock."""
    return state / "clock.json"


def numbers_file(state: Path) -> Path:
    """Gives the file of what is known of the centres' telephones."""
    return state / "numbers.json"


def trunks_file(state: Path) -> Path:
    """Gives the file of whether the trunks for calls that go out answer."""
    return state / "trunks.json"


def counts_file(state: Path) -> Path:
    """Gives the file of how many registration numbers were given each day."""
    return state / "registration.json"


def read_current(state: Path) -> PlanVersion:
    """Gives the version of the plan in force.

    Raises:
        StateError: The file is missing, unreadable or names no version.
    """
    path = current_file(state)
    version = _read(path).strip()
    if not VERSION_PATTERN.fullmatch(version):
        raise StateError(f"{path}: not a plan version: {version[:40]!r}")
    return PlanVersion(version)


def read_plan_snapshot(state: Path, version: PlanVersion) -> Plan:
    """Gives one version of the plan.

    Raises:
        StateError: The version is unknown here, or its snapshot cannot be read.
    """
    path = snapshot_file(state, version)
    document = _read_json(path)
    if not isinstance(document, dict):
        raise StateError(f"{path}: not a JSON object")
    try:
        return snapshot.from_document(document)
    except snapshot.SnapshotError as error:
        raise StateError(f"{path}: {error}") from error


def read_plan_of_call(state: Path, version: PlanVersion | None) -> Plan:
    """Gives the plan that a call began with; the one in force when the call names none or its snapshot is gone.

    Raises:
        StateError: Neither can be read.
    """
    if version is not None:
        try:
            return read_plan_snapshot(state, version)
        except StateError:
            if version == read_current(state):
                raise
    return read_plan_snapshot(state, read_current(state))


def read_overrides(state: Path) -> tuple[Override, ...]:
    """Gives all manual switches, those that are over included; none when the file is missing.

    Raises:
        StateError: The file cannot be read.
    """
    path = overrides_file(state)
    if not path.exists():
        return ()
    document = _read_json(path)
    rows = document.get("overrides") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise StateError(f"{path}: not a list of overrides")
    try:
        return tuple(override_from_document(row) for row in rows)
    except OverrideError as error:
        raise StateError(f"{path}: {error}") from error


def read_clock_offset_s(state: Path) -> float:
    """Gives the seconds that the test clock is ahead of real time; 0 when the file is missing.

    Raises:
        StateError: The file cannot be read.
    """
    path = clock_file(state)
    if not path.exists():
        return 0.0
    document = _read_json(path)
    offset_s = document.get("offset_s") if isinstance(document, dict) else None
    if not isinstance(offset_s, int | float) or isinstance(offset_s, bool):
        raise StateError(f"{path}: offset_s is not a number")
    return float(offset_s)


def _read_rows(path: Path, name: str, read: Callable[[Json], _Row]) -> tuple[_Row, ...]:
    """Gives what `read` makes of each row of the list `name`; none when the file is missing."""
    if not path.exists():
        return ()
    document = _read_json(path)
    rows = document.get(name) if isinstance(document, dict) else None
    try:
        return tuple(read(as_object(row, name)) for row in list_of({name: rows}, name))
    except (KeyError, TypeError, ValueError) as error:
        raise StateError(f"{path}: {error}") from error


def _write_checks(path: Path, name: str, checks: Iterable["NumberCheck | TrunkCheck"]) -> None:
    rows = [{**asdict(check), "checked_at": check.checked_at.isoformat()} for check in checks]
    _write(path, json.dumps({name: rows}, indent=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberCheck:
    """How a centre's telephone was when it was last checked."""

    number: str
    """E.164 text."""
    is_dead: bool
    """True: the network knows no such number, or does not get through to it."""
    status: str
    """What the check met: `ANSWER`, `BUSY`, a Q.850 cause…"""
    checked_at: datetime


def read_number_checks(state: Path) -> tuple[NumberCheck, ...]:
    """Gives the last check of every number that was ever checked; none when the file is missing.

    Raises:
        StateError: The file cannot be read.
    """
    return _read_rows(numbers_file(state), "numbers", _number_check)


def _number_check(row: Json) -> NumberCheck:
    return NumberCheck(
        number=text_of(row, "number"),
        is_dead=flag_of(row, "is_dead"),
        status=text_of(row, "status"),
        checked_at=datetime.fromisoformat(text_of(row, "checked_at")),
    )


def write_number_checks(state: Path, checks: Iterable[NumberCheck]) -> None:
    """Writes the last check of each number.

    Raises:
        StateError: They cannot be written.
    """
    _write_checks(numbers_file(state), "numbers", checks)


def read_dead_numbers(state: Path) -> frozenset[str]:
    """Gives the numbers that did not work when they were last checked.

    Raises:
        StateError: The file cannot be read.
    """
    return frozenset(check.number for check in read_number_checks(state) if check.is_dead)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkCheck:
    """How a trunk for calls that go out was when it was last asked (SIP OPTIONS)."""

    trunk: str
    is_answering: bool
    """True: its provider answered, whatever the answer was."""
    status: str
    """The answer (`200 OK`), or why there was none."""
    checked_at: datetime


def read_trunk_checks(state: Path) -> tuple[TrunkCheck, ...]:
    """Gives the last check of every trunk; none when the file is missing.

    Raises:
        StateError: The file cannot be read.
    """
    return _read_rows(trunks_file(state), "trunks", _trunk_check)


def _trunk_check(row: Json) -> TrunkCheck:
    return TrunkCheck(
        trunk=text_of(row, "trunk"),
        is_answering=flag_of(row, "is_answering"),
        status=text_of(row, "status"),
        checked_at=datetime.fromisoformat(text_of(row, "checked_at")),
    )


def write_trunk_checks(state: Path, checks: Iterable[TrunkCheck]) -> None:
    """Writes the last check of each trunk.

    Raises:
        StateError: They cannot be written.
    """
    _write_checks(trunks_file(state), "trunks", checks)


def read_counts(state: Path) -> dict[date, int]:
    """Gives how many registration numbers were given each local day; none when the file is missing.

    Raises:
        StateError: The file cannot be read.
    """
    path = counts_file(state)
    if not path.exists():
        return {}
    document = _read_json(path)
    try:
        row = as_object(document, "counts")
        return {date.fromisoformat(day): integer_of(row, day) for day in row}
    except (KeyError, TypeError, ValueError) as error:
        raise StateError(f"{path}: {error}") from error


def write_counts(state: Path, counts: Mapping[date, int]) -> None:
    """Writes how many registration numbers were given each local day.

    Raises:
        StateError: They cannot be written.
    """
    _write(counts_file(state), json.dumps({day.isoformat(): count for day, count in counts.items()}))


def write_snapshot(state: Path, plan: Plan) -> Path:
    """Writes the plan's snapshot under its version; gives the file. It is not in force yet: see `write_current`.

    Raises:
        StateError: It cannot be written.
    """
    path = snapshot_file(state, plan.version)
    _write(path, snapshot.dumps(plan))
    return path


def write_current(state: Path, version: PlanVersion) -> None:
    """Puts a version in force from the next call on.

    Raises:
        StateError: Its snapshot is not there, or the file cannot be written.
    """
    if not snapshot_file(state, version).is_file():
        raise StateError(f"{snapshot_file(state, version)}: no such snapshot; write it first")
    _write(current_file(state), version)


def write_overrides(state: Path, overrides: Iterable[Override]) -> None:
    """Writes all manual switches.

    Raises:
        StateError: They cannot be written.
    """
    document = {"overrides": [override_to_document(override) for override in overrides]}
    _write(overrides_file(state), json.dumps(document, ensure_ascii=False, indent=1))


def write_clock(state: Path, offset_s: float) -> None:
    """Sets the test clock `offset_s` seconds ahead of real time (negative: behind).

    Raises:
        StateError: It cannot be written.
    """
    _write(clock_file(state), json.dumps({"offset_s": offset_s}))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"{path}: {error}") from error


def _read_json(path: Path) -> object:
    try:
        document: object = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise StateError(f"{path}: not JSON: {error}") from error
    return document


def write_synced(path: Path, text: str) -> None:
    """Writes a file of the state whole, synced to the disk, by a new file and a rename.

    Raises:
        StateError: It cannot be written.
    """
    _write(path, text)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StateError(f"{path}: cannot be written: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
