"""Runs the service's side tasks: each has a name, and one that ends takes the service with it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping

import structlog

_log = structlog.stdlib.get_logger("ivr")

Drain = Callable[[], Awaitable[None]]


async def run_until(
    stop: asyncio.Event, tasks: Mapping[str, Coroutine[object, object, None]], drain: Drain
) -> tuple[str, ...]:
    """Runs `tasks` until `stop` is set or one of them ends, then drains, then cancels them.

    Returns:
        The names of the tasks that ended by themselves; none when the service was told to stop.
    """
    running = [asyncio.create_task(task, name=name) for name, task in tasks.items()]
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({*running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ended = tuple(_tell_ended(task) for task in running if task.done())
        await drain()
        return ended
    finally:
        stopping.cancel()
        for task in running:
            task.cancel()
        await asyncio.gather(stopping, *running, return_exceptions=True)


def _tell_ended(task: "asyncio.Task[None]") -> str:
    error = None if task.cancelled() else task.exception()
    _log.critical("side_task_ended", task=task.get_name(), exc_info=error, then="the service stops")
    return task.get_name()
