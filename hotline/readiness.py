"""Looking whether the processes of a line do their work: each asked in its own protocol, until it answers.

Nothing here has a deadline but each single question: whoever waits sets it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import httpx

from ivr.agi.health_client import UnhealthyError, ask_health

ASK_AGAIN_S = 0.1
QUESTION_S = 2.0
BOOTED = "fully booted"
"""Source: main/asterisk.c, `core waitfullybooted`: "Asterisk has fully booted."."""


async def wait_until(is_ready: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again until the answer is yes."""
    while not await is_ready():  # noqa: ASYNC110  another process's state: no event tells of it
        await asyncio.sleep(ASK_AGAIN_S)


async def wait_http(url: str) -> None:
    """Waits until a URL answers 200."""
    async with httpx.AsyncClient(timeout=QUESTION_S, trust_env=False) as client:
        await wait_until(lambda: _answers(client, url))


async def explain_unready(url: str) -> str:
    """Gives what a readiness page says now, for a message to people."""
    async with httpx.AsyncClient(timeout=QUESTION_S, trust_env=False) as client:
        try:
            return (await client.get(url)).text
        except httpx.HTTPError as error:
            return str(error) or type(error).__name__


async def wait_agi(host: str, port: int) -> None:
    """Waits until a FastAGI service answers as ours does."""

    async def is_healthy() -> bool:
        try:
            await asyncio.to_thread(ask_health, host, port, QUESTION_S)
        except UnhealthyError:
            return False
        return True

    await wait_until(is_healthy)


async def wait_asterisk(console: Sequence[str]) -> None:
    """Waits until Asterisk says that it has booted.

    Args:
        console: The command that asks it (`core waitfullybooted`).
    """

    async def has_booted() -> bool:
        code, output = await run_quietly(console)
        return code == 0 and BOOTED in output

    await wait_until(has_booted)


async def run_quietly(argv: Sequence[str]) -> tuple[int, str]:
    """Runs a command of ours and gives its exit code and output; it is killed when we are cancelled."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode("utf-8", errors="replace")


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
