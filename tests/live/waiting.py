"""Waiting on a state of the real world, with a deadline. The one place of the live tests that sleeps."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

POLL_S = 0.05
Seen = TypeVar("Seen")


async def until(
    what: str,
    look: Callable[[], Awaitable[Seen]],
    is_reached: Callable[[Seen], object] = bool,
    *,
    deadline_s: float = 15.0,
) -> Seen:
    """Looks again and again until what is seen is as wanted; gives it.

    Args:
        what: What is waited for, for the failure's text.
        look: Gives the state as it is now.
        is_reached: Tells whether it is as wanted.
        deadline_s: How long to go on.

    Raises:
        AssertionError: It never was; the text holds what was seen last.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + deadline_s
    while not is_reached(seen := await look()):
        if loop.time() > ends_at:
            raise AssertionError(f"not within {deadline_s:g} s: {what}; seen last: {seen!r}")
        await asyncio.sleep(POLL_S)
    return seen
