"""Tells listening nodes what they should have in force, at once and whenever it changes.

One task reads the database every half second while anybody listens. Why not LISTEN/NOTIFY: it needs a connection of
its own that must be noticed dead and made again, changes in that gap are lost, and the end of an override comes
without any statement. Each listener gets the newest state only, so that a slow one piles nothing up.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from api.commands.repository import claim_commands
from api.commands.schemas import NodeCommand
from api.kit.database import Database
from api.kit.event_stream import HEARTBEAT, event_text
from api.nodes.desired import Desired, read_desired
from api.settings import ApiSettings

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class _Listener:
    """One open stream."""

    node: str
    is_over: bool = False
    commands: deque[NodeCommand] = field(default_factory=deque)
    """Those that this stream alone tells; lost with it, because a command is never sent twice."""


class DesiredWatch:
    """The newest desired state, and those who listen for it."""

    def __init__(self, database: Database, settings: ApiSettings) -> None:
        """Keeps what it needs; `run` does the watching."""
        self._database = database
        self._settings = settings
        self._latest: Desired | None = None
        self._listeners: list[_Listener] = []
        self._reading = asyncio.Lock()
        self._woken = asyncio.Event()
        self._has_listeners = asyncio.Event()
        self._is_stopped = False

    async def run(self) -> None:
        """Reads the state anew again and again while anybody listens; ends by being cancelled.

        A reading that fails is told once, whatever it is: the streams go on with what they have.
        """
        is_readable = True
        while True:
            await self._has_listeners.wait()
            await asyncio.sleep(self._settings.desired_poll_s)
            try:
                await self.refresh()
                await self.hand_out_commands()
            except Exception as error:
                if is_readable:
                    log.warning("desired_state_not_read", error=type(error).__name__)
                is_readable = False
            else:
                is_readable = True

    async def refresh(self) -> Desired:
        """Reads the state and tells it to listeners when it has changed."""
        async with self._reading:
            async with self._database.snapshot() as connection:
                desired = await read_desired(connection)
            if desired != self._latest:
                self._latest = desired
                self._wake()
        return desired

    async def hand_out_commands(self) -> None:
        """Gives each listening node's newest stream the commands that wait; an older one may be half dead."""
        newest = {each.node: each for each in self._listeners if not each.is_over}
        if not newest:
            return
        async with self._database.transaction() as connection:
            claimed = await claim_commands(connection, sorted(newest))
        for command in claimed:
            newest[command.node].commands.append(command)
        if claimed:
            self._wake()

    def stop(self) -> None:
        """Ends all streams in good order, and those that would begin."""
        self._is_stopped = True
        self._wake()

    def count(self, node: str) -> int:
        """Gives how many streams of a node are open."""
        return len(self._open(node))

    async def events(self, node: str, first: Desired) -> AsyncGenerator[str]:
        """Gives the stream of one listener: `first`, then each newer state, and heartbeats between."""
        listener = self._add(node)
        sent: Desired | None = None
        newest = first
        try:
            while not (listener.is_over or self._is_stopped):
                woken = self._woken
                while listener.commands:
                    yield _command_text(listener.commands.popleft())
                if newest != sent:
                    yield event_text(name="desired", event_id=newest.revision, document=newest.document())
                    sent = newest
                else:
                    yield HEARTBEAT
                if self._latest in (None, sent) and not listener.commands:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(woken.wait(), self._settings.stream_heartbeat_s)
                newest = self._latest or sent
        finally:
            self._remove(listener)

    def _add(self, node: str) -> _Listener:
        """Takes a listener in; a node's oldest goes when it has too many (its connections may be half dead)."""
        if self.count(node) >= self._settings.streams_per_node:
            self._open(node)[0].is_over = True
            self._wake()
        listener = _Listener(node)
        self._listeners.append(listener)
        self._has_listeners.set()
        return listener

    def _open(self, node: str) -> list[_Listener]:
        return [each for each in self._listeners if each.node == node and not each.is_over]

    def _remove(self, listener: _Listener) -> None:
        self._listeners.remove(listener)
        if not self._listeners:
            self._has_listeners.clear()

    def _wake(self) -> None:
        self._woken.set()
        self._woken = asyncio.Event()


def _command_text(command: NodeCommand) -> str:
    shown = command.model_dump_json(include={"id", "action", "arguments", "expires_at"})
    return event_text(name="command", event_id=command.id, document=shown)
