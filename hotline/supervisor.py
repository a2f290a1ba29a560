"""Keeps the processes of one line: starts them in order, starts again what dies, stops them in the opposite order."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hotline.child import Child, Program, start_child
from hotline.errors import StartError

BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Pauses before the first, second… start after a death; the last one stays."""
STEADY_S = 60.0
"""A process that lived this long begins with the first pause again."""

Say = Callable[[str], None]


@dataclass(slots=True)
class _Kept:
    program: Program
    child: Child
    watching: asyncio.Task[None] | None = None
    deaths: int = 0


def describe_exit(code: int) -> str:
    """Tells an exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-code).name}"
    return f"signal {-code}"


class Supervisor:
    """The processes of one line, by name, in the order in which they were started."""

    def __init__(self, logs: Path, say: Say, on_change: Callable[[], None] = lambda: None) -> None:
        """Makes a supervisor that keeps nothing yet.

        Args:
            logs: Folder of the processes' logs, `<name>.jsonl`.
            say: Takes lines for people.
            on_change: Called when a process was started or started again.
        """
        self._logs = logs
        self._say = say
        self._on_change = on_change
        self._kept: dict[str, _Kept] = {}

    def pids(self) -> dict[str, int]:
        """Gives the process ids by name."""
        return {name: kept.child.pid for name, kept in self._kept.items()}

    async def start(self, program: Program) -> None:
        """Starts a program, waits until it is ready, and keeps it running from then on.

        Raises:
            StartError: It ended, or was not ready in time; it is not left running.
        """
        kept = _Kept(program, await self._launch(program))
        self._kept[program.name] = kept
        kept.watching = asyncio.create_task(self._watch(kept), name=f"watch-{program.name}")
        self._on_change()

    async def stop(self) -> None:
        """Stops all, the last started first."""
        while self._kept:
            await self.stop_one(next(reversed(self._kept)))

    async def stop_one(self, name: str) -> None:
        """Stops one process for good."""
        kept = self._kept.pop(name)
        if kept.watching is not None:
            kept.watching.cancel()
            await asyncio.gather(kept.watching, return_exceptions=True)
        await kept.child.stop()
        self._on_change()

    def kill(self) -> None:
        """Kills all at once: for people in a hurry."""
        for kept in self._kept.values():
            kept.child.kill()

    async def _launch(self, program: Program) -> Child:
        log = self._logs / f"{program.name}.jsonl"
        try:
            child = await start_child(program, log)
        except OSError as error:
            raise StartError(f"{program.name} cannot be started: {error}") from error
        try:
            await self._wait_ready(child)
        except TimeoutError:
            await child.stop()
            raise StartError(_explain(child, f"was not ready within {program.ready_s:g} s", log)) from None
        except BaseException:
            await child.stop()
            raise
        return child

    async def _wait_ready(self, child: Child) -> None:
        """Waits for readiness or the process's end, whichever comes first."""
        ready = asyncio.ensure_future(child.program.wait_ready())
        ended = asyncio.ensure_future(child.wait())
        try:
            async with asyncio.timeout(child.program.ready_s):
                await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                what = f"ended while starting ({describe_exit(ended.result())})"
                raise StartError(_explain(child, what, self._logs / f"{child.program.name}.jsonl"))
            ready.result()
        finally:
            for task in (ready, ended):
                task.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)

    async def _watch(self, kept: _Kept) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            what = describe_exit(await kept.child.wait())
            kept.child.kill()
            kept.deaths = 0 if loop.time() - began > STEADY_S else kept.deaths
            await self._start_again(kept, what)
            self._on_change()

    async def _start_again(self, kept: _Kept, what: str) -> None:
        name = kept.program.name
        while True:
            pause_s = BACKOFF_S[min(kept.deaths, len(BACKOFF_S) - 1)]
            kept.deaths += 1
            self._say(f"{name} ended ({what}); starting it again in {pause_s:g} s")
            await asyncio.sleep(pause_s)
            try:
                kept.child = await self._launch(kept.program)
            except StartError as error:
                what = str(error)
            else:
                self._say(f"{name} runs again (pid {kept.child.pid})")
                return


def _explain(child: Child, what: str, log: Path) -> str:
    words = child.last_words
    return f"{child.program.name} {what}; its log is {log}" + (f", and ends so:\n{words}" if words else "")
