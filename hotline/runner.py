"""Runs a prepared line in the foreground until it is told to stop, and leaves nothing behind."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from asterisk_conf.state_files import StateError
from hotline.errors import HotlineError
from hotline.first_plan import settle_plan
from hotline.line import PreparedLine, bring_database, start_line
from hotline.lock import Running, write_live
from hotline.supervisor import Say, Supervisor
from migrations.run import MigrationError

Work = Callable[[PreparedLine], Awaitable[int]]
"""What is done while the line runs; gives an exit code."""


async def run_line(line: PreparedLine, running: Running, say: Say, work: Work) -> int:
    """Starts the line, does `work`, and stops the line; SIGINT or SIGTERM end it early with exit code 0.

    A second signal kills the processes instead of waiting for them.

    Raises:
        StartError: A process did not come up.
        MigrationError: The database is not what it should be.
    """
    supervisor = Supervisor(line.paths.logs, say, lambda: write_live(line.paths, running, supervisor.pids()))
    stop = _stop_on_signals(supervisor, say)
    doing = asyncio.create_task(_start_and_work(line, supervisor, say, work), name="line")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else 0
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.gather(doing, stopping, return_exceptions=True)
        say("stopping the line")
        await supervisor.stop()
        say("stopped; nothing is left running")


async def run_until_told(line: PreparedLine) -> int:
    """Work that never ends by itself."""
    await asyncio.Event().wait()
    return 0


async def _start_and_work(line: PreparedLine, supervisor: Supervisor, say: Say, work: Work) -> int:
    is_whole = await start_line(line, supervisor, say)
    settled = await settle_plan(line, say) if is_whole else line
    say(f"the line runs: SIP {line.site.sip_address}:{line.site.sip_port}, call log {line.api_url}/api/v1/calls")
    if is_whole:
        return await work(settled)
    mending = asyncio.create_task(_mend(line, say), name="database")
    try:
        return await work(line)
    finally:
        mending.cancel()
        await asyncio.gather(mending, return_exceptions=True)


async def _mend(line: PreparedLine, say: Say) -> None:
    """Does what was left out at the start, once the database is back; the line takes calls whatever comes of it."""
    try:
        await bring_database(line, say)
        await settle_plan(line, say)
    except (HotlineError, MigrationError, StateError) as error:
        say(f"the line takes calls, but: {error}")


def _stop_on_signals(supervisor: Supervisor, say: Say) -> asyncio.Event:
    stop = asyncio.Event()

    def take() -> None:
        if stop.is_set():
            say("killing the processes")
            supervisor.kill()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, take)
    return stop
