"""Server-sent events: an answer that goes on until its events end, the listener leaves, stops reading, or may no more.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html; ASGI's HTTP messages.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

import structlog
from fastapi import Response
from starlette.types import Receive, Scope, Send

from api.kit.answers import DATABASE_ERRORS

log = structlog.get_logger()

MEDIA_TYPE = "text/event-stream"
HEARTBEAT = ": alive\n\n"
"""A comment: keeps proxies and the listener's own deadline content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRules:
    """When a stream ends."""

    send_deadline_s: float
    """A listener who does not take one piece within that is let go."""
    recheck_s: float
    """So often it is asked whether the listener may still listen."""
    is_allowed: Callable[[], Awaitable[bool]]


def event_text(*, name: str, event_id: str, document: str) -> str:
    """Gives one event; `document` is one line of JSON."""
    return f"event: {name}\nid: {event_id}\ndata: {document}\n\n"


class EventStream(Response):
    """Sends what `events` gives, while the listener reads and may listen."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncGenerator[str], rules: StreamRules) -> None:
        """Keeps the events; they are asked for when the answer is sent."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends events until one side ends, and closes the events whatever happens."""
        async with aclosing(self._events):
            sending = asyncio.create_task(self._send_all(send), name="event-stream-send")
            leaving = asyncio.create_task(_disconnect(receive), name="event-stream-leave")
            losing = asyncio.create_task(self._lose_right(scope), name="event-stream-right")
            tasks = (sending, leaving, losing)
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                is_cut_off = losing.done() and not sending.done()
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await _quietly(task, scope)
            if is_cut_off:
                with suppress(OSError):
                    await self._end(send)

    async def _lose_right(self, scope: Scope) -> None:
        """Ends when the listener may listen no more; a database that is away takes nobody's right."""
        while True:
            await asyncio.sleep(self._rules.recheck_s)
            try:
                if not await self._rules.is_allowed():
                    log.info("stream_right_lost", path=scope["path"])
                    return
            except DATABASE_ERRORS as error:
                log.warning("stream_right_not_checked", path=scope["path"], error=type(error).__name__)

    async def _send_all(self, send: Send) -> None:
        await self._send(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for text in self._events:
            await self._send(send, {"type": "http.response.body", "body": text.encode(), "more_body": True})
        await self._end(send)

    async def _end(self, send: Send) -> None:
        await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send, message: dict[str, object]) -> None:
        async with asyncio.timeout(self._rules.send_deadline_s):
            await send(message)


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _quietly(task: asyncio.Task[None], scope: Scope) -> None:
    """Waits for a task's end; a listener who is gone or too slow is no error of ours."""
    try:
        await task
    except OSError as error:
        log.info("listener_let_go", path=scope["path"], error=type(error).__name__)
