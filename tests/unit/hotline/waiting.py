"""Waiting on a state in tests: no sleeping for a guess, a deadline that names what did not come."""

import asyncio
from collections.abc import Callable
from pathlib import Path

DEADLINE_S = 10.0
LOOK_EVERY_S = 0.02


async def until(is_so: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not is_so():  # noqa: ASYNC110  what we watch is outside this process: no event tells of it
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"not within {DEADLINE_S:g} s: {what}") from None


def is_running(pid: int) -> bool:
    """A zombie does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
