"""One child process: started bound to our life, its output written as JSON lines, stopped with all that it started."""

import asyncio
import contextlib
import json
import os
import signal
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from asterisk_conf.masking import masked
from hotline.bound_child import bound_argv

CHUNK_BYTES = 65_536
LINE_LIMIT_BYTES = 65_536
"""A longer line is cut there: no process fills our memory."""
LAST_LINES = 12
KILL_S = 5.0
"""How long the kernel may take to end a killed process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What runs, when it counts as ready, and how it is stopped."""

    name: str
    argv: Sequence[str]
    wait_ready: Callable[[], Awaitable[object]]
    """Returns once the program does its work; the supervisor sets the deadline."""
    ready_s: float
    stop_s: float
    """How long it may take to end after `stop_signal`, before it is killed."""
    stop_signal: signal.Signals = signal.SIGTERM
    environment: Mapping[str, str] = field(default_factory=dict)
    """Beside what we have ourselves."""


class Child:
    """A running process of a program. Made by `start_child`."""

    def __init__(self, program: Program, process: asyncio.subprocess.Process, log: Path) -> None:
        self.program = program
        self._process = process
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._reading = asyncio.create_task(self._read(log), name=f"log-{program.name}")

    @property
    def pid(self) -> int:
        """Process id, which is the id of its process group too."""
        return self._process.pid

    @property
    def last_words(self) -> str:
        """The last lines that it wrote, for a message to people."""
        return "\n".join(self._lines)

    async def wait(self) -> int:
        """Waits until it has ended and all its output is written; gives the exit code, negative for a signal."""
        code = await self._process.wait()
        # Why a deadline: a grandchild may keep the pipe open.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._reading, KILL_S)
        return code

    async def stop(self) -> int:
        """Ends it in good order, or after its `stop_s` by force, its process group included; gives the exit code."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(self.program.stop_signal)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), self.program.stop_s)
        self.kill()
        return await self.wait()

    def kill(self) -> None:
        """Kills whatever is left of its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def _read(self, log: Path) -> None:
        assert self._process.stdout is not None  # noqa: S101  always a pipe here: start_child says so
        rest = b""
        with _open_log(log) as file:
            while chunk := await self._process.stdout.read(CHUNK_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > LINE_LIMIT_BYTES:
                    lines, rest = [*lines, rest[:LINE_LIMIT_BYTES]], b""
                self._write(file, lines)
            self._write(file, [rest])

    def _write(self, file: IO[str], lines: Sequence[bytes]) -> None:
        for raw in filter(None, lines):
            line = raw.decode("utf-8", errors="replace").rstrip("\r")
            self._lines.append(line)
            file.write(as_json_line(self.program.name, line) + "\n")
        file.flush()


async def start_child(program: Program, log: Path) -> Child:
    """Starts a program in a process group of its own, bound to our life; `log` is appended to.

    Raises:
        OSError: The program cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *bound_argv(program.argv),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **program.environment},
        start_new_session=True,
    )
    return Child(program, process, log)


def as_json_line(name: str, line: str) -> str:
    """Gives a line of output as a JSON line: as it is when it is one already, else wrapped with time and process.

    What is wrapped comes from programs that are not ours, or from ours when they fail: numbers in it are masked.
    """
    with contextlib.suppress(ValueError):
        if line.startswith("{") and isinstance(json.loads(line), dict):
            return line
    row = {"timestamp": datetime.now(UTC).isoformat(), "process": name, "event": masked(line)}
    return json.dumps(row, ensure_ascii=False)


def _open_log(path: Path) -> IO[str]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    return os.fdopen(descriptor, "a", encoding="utf-8")
