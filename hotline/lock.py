"""One line an instance folder: the lock that `hotline up` holds, and what it says about who holds it."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from hotline.errors import HotlineError


class AlreadyRunningError(HotlineError):
    """Another `hotline up` runs this instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Who runs an instance."""

    pid: int
    since: str
    """UTC, ISO 8601."""
    ports: dict[str, int]
    """By the names of site.yaml."""


def lock_file(paths: InstancePaths) -> Path:
    """Gives the lock's path."""
    return paths.run / "hotline.lock"


def live_file(paths: InstancePaths) -> Path:
    """Gives the path of the list of processes."""
    return paths.run / "live.json"


@contextmanager
def hold_lock(paths: InstancePaths, ports: Mapping[str, int]) -> Iterator[Running]:
    """Holds the instance while the block lasts; the kernel lets go of it when this process ends, however it ends.

    Raises:
        AlreadyRunningError: Somebody else holds it.
    """
    path = lock_file(paths)
    path.parent.mkdir(parents=True, exist_ok=True)
    running = Running(pid=os.getpid(), since=datetime.now(UTC).isoformat(timespec="seconds"), ports=dict(ports))
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(_who_runs(paths)) from None
        file.truncate(0)
        file.write(json.dumps(asdict(running)))
        file.flush()
        try:
            yield running
        finally:
            live_file(paths).unlink(missing_ok=True)
            file.truncate(0)


def read_running(paths: InstancePaths) -> Running | None:
    """Tells who runs the instance; None: nobody does."""
    with suppress(OSError), lock_file(paths).open("r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _parse(file.read())
    return None


def write_live(paths: InstancePaths, running: Running, pids: Mapping[str, int]) -> None:
    """Writes the list of processes, by a new file and a rename."""
    path = live_file(paths)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps({**asdict(running), "processes": dict(pids)}, indent=1), encoding="utf-8")
    temporary.replace(path)


def _who_runs(paths: InstancePaths) -> str:
    running = read_running(paths)
    if running is None or running.pid == 0:
        return f"another `hotline up` is starting the line in {paths.root} at this moment"
    ports = ", ".join(f"{name} {port}" for name, port in running.ports.items())
    return (
        f"the line in {paths.root} already runs: pid {running.pid}, since {running.since}, {ports}; "
        f"stop it with Ctrl-C there or `kill {running.pid}`, or run another one with --instance DIR"
    )


def _parse(text: str) -> Running:
    try:
        row = json.loads(text)
        return Running(pid=int(row["pid"]), since=str(row["since"]), ports=dict(row["ports"]))
    except (ValueError, KeyError, TypeError):
        return Running(pid=0, since="", ports={})
