"""Follows the api's stream of wishes for this node; while the api is away the node goes on with what it has."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import httpx
import structlog

from ivr.backoff import Backoff
from ivr.desired.documents import Desired, desired_of
from ivr.desired.errors import StreamError
from ivr.desired.event_stream import EventStreamReader

EVENT = "desired"
COMMAND_EVENT = "command"

_log = structlog.stdlib.get_logger("ivr.desired")

Sink = Callable[[Desired], Awaitable[None]]
CommandSink = Callable[[str], None]
"""Takes the data of an event; never waits."""


class DesiredStream:
    """Hands every wish to `sink`, in order; a `StreamError` of the sink makes the api tell its wish again."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        node: str,
        sink: Sink,
        take_command: CommandSink,
        silence_s: float,
        backoff: Backoff,
    ) -> None:
        """Runs nothing yet.

        Args:
            client: Has the api's address and the node's token.
            node: Name of this node.
            sink: Takes a wish.
            take_command: Takes what is to be done now.
            silence_s: After so long without a byte the connection counts as dead; the api speaks every 5 s.
            backoff: Waits between attempts.
        """
        self._client = client
        self._path = f"/api/v1/nodes/{node}/stream"
        self._sink = sink
        self._take_command = take_command
        self._silence_s = silence_s
        self._backoff = backoff
        self._failures = 0
        self._is_heard = True

    async def run(self) -> None:
        """Follows the stream until cancelled."""
        while True:
            problem = await self._follow()
            self._failures += 1
            self._note(heard=False, problem=problem)
            await asyncio.sleep(self._backoff.wait_s(self._failures))

    async def _follow(self) -> str:
        """Follows one connection to its end; gives why it ended."""
        try:
            async with aclosing(self._wishes()) as wishes:
                async for desired in wishes:
                    await self._sink(desired)
                    self._arrived()
        except (httpx.HTTPError, StreamError) as error:
            return str(error) or type(error).__name__
        return "the api ended the stream"

    async def _wishes(self) -> AsyncGenerator[Desired, None]:
        headers = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        timeout = httpx.Timeout(self._client.timeout.connect, read=self._silence_s)
        async with self._client.stream("GET", self._path, headers=headers, timeout=timeout) as response:
            if response.status_code != httpx.codes.OK:
                raise StreamError(f"the api answers HTTP {response.status_code}")
            reader = EventStreamReader()
            async for chunk in response.aiter_bytes():
                for event in reader.feed(chunk):
                    if event.name == COMMAND_EVENT:
                        self._take_command(event.data)
                    elif event.name == EVENT:
                        yield desired_of(event.data)

    def _arrived(self) -> None:
        self._failures = 0
        self._note(heard=True, problem=None)

    def _note(self, *, heard: bool, problem: str | None) -> None:
        """Logs the beginning and the end of not hearing the api, once each."""
        if heard is not self._is_heard:
            _log.warning("desired_stream", heard=heard, problem=problem)
        self._is_heard = heard
