import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import pytest

from api.kit.event_stream import EventStream, StreamRules, event_text

SCOPE: dict[str, Any] = {"type": "http", "path": "/stream"}


class Listener:
    """The other side of one answer."""

    def __init__(self, *, takes: int = 1_000) -> None:
        self.sent: list[MutableMapping[str, Any]] = []
        self.takes = takes
        self.leaves = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if len(self.sent) >= self.takes:
            await asyncio.Event().wait()
        self.sent.append(message)


class Events:
    """Events that know whether they were closed."""

    def __init__(self, *texts: str, goes_on: bool = False) -> None:
        self.texts = texts
        self.goes_on = goes_on
        self.waits = asyncio.Event()
        self.is_closed = False

    async def run(self) -> AsyncGenerator[str]:
        try:
            for each in self.texts:
                yield each
            if self.goes_on:
                self.waits.set()
                await asyncio.Event().wait()
        finally:
            self.is_closed = True


async def always() -> bool:
    return True


def rules(
    *, send_deadline_s: float = 5.0, is_allowed: Callable[[], Awaitable[bool]] = always, recheck_s: float = 60.0
) -> StreamRules:
    return StreamRules(send_deadline_s=send_deadline_s, recheck_s=recheck_s, is_allowed=is_allowed)


async def answer(events: Events, listener: Listener, deadline_s: float = 5.0) -> None:
    stream = EventStream(events.run(), rules(send_deadline_s=deadline_s))
    async with asyncio.timeout(10):
        await stream(SCOPE, listener.receive, listener.send)


async def test_events_that_end_are_sent_whole() -> None:
    events, listener = Events("a", "b"), Listener()
    await answer(events, listener)
    start, *bodies = listener.sent
    headers = dict(start["headers"])
    assert start["status"] == 200
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert b"content-length" not in headers
    assert [(body["body"], body["more_body"]) for body in bodies] == [(b"a", True), (b"b", True), (b"", False)]
    assert events.is_closed


async def test_a_listener_who_leaves_ends_the_events() -> None:
    events, listener = Events("a", goes_on=True), Listener()
    task = asyncio.create_task(answer(events, listener))
    await events.waits.wait()
    listener.leaves.set()
    await task
    assert events.is_closed


@pytest.mark.parametrize("takes", [0, 1, 2])
async def test_a_listener_who_stops_reading_is_let_go(takes: int) -> None:
    events, listener = Events("a", "b", goes_on=True), Listener(takes=takes)
    await answer(events, listener, deadline_s=0.02)
    assert len(listener.sent) == takes


async def test_an_event_that_is_cancelled_is_closed() -> None:
    events, listener = Events("a", goes_on=True), Listener()
    task = asyncio.create_task(answer(events, listener))
    await events.waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert events.is_closed


async def test_an_error_of_our_own_is_not_hidden() -> None:
    async def broken() -> AsyncGenerator[str]:
        yield "a"
        raise RuntimeError("ours")

    listener = Listener()
    with pytest.raises(RuntimeError, match="ours"):
        await EventStream(broken(), rules())(SCOPE, listener.receive, listener.send)


async def test_who_may_listen_no_more_gets_the_end_of_the_stream_in_good_order() -> None:
    answers: Iterator[bool | OSError] = iter([True, OSError("the database is away"), False])

    async def is_allowed() -> bool:
        told = next(answers)
        if isinstance(told, OSError):
            raise told
        return told

    events, listener = Events("a", goes_on=True), Listener()
    async with asyncio.timeout(10):
        stream = EventStream(events.run(), rules(is_allowed=is_allowed, recheck_s=0.001))
        await stream(SCOPE, listener.receive, listener.send)
    assert [(body["body"], body["more_body"]) for body in listener.sent[1:]] == [(b"a", True), (b"", False)]
    assert events.is_closed
    assert list(answers) == []


def test_an_event_has_name_id_and_one_line_of_data() -> None:
    assert event_text(name="desired", event_id="1", document="{}") == "event: desired\nid: 1\ndata: {}\n\n"
