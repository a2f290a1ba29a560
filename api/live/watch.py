"""Tells listeners the board, and every change of it.

One task reads the nodes' reports every half second while anybody listens (why not LISTEN/NOTIFY: `api.nodes.watch`).
A listener begins with the whole board, or goes on where it stopped. One who falls too far behind is let go with an
event `gap`; coming again with the id that it had, it is told what it missed, or the whole board when that is no longer
kept.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing

import structlog

from api.kit.database import Database
from api.kit.event_stream import HEARTBEAT, event_text
from api.live.board import has_changed, live_board, node_board
from api.live.feed import Feed, FeedEvent
from api.live.schemas import NodeBoard
from api.nodes.repository import node_states
from api.settings import ApiSettings

log = structlog.get_logger()

BOARD, NODE, GONE, GAP = "board", "node", "gone", "gap"
"""Names of events: everything; a node that changed; a node that is forgotten; events were missed."""
_FEED_BYTES = 4


class LiveWatch:
    """The newest board, its feed, and those who listen."""

    def __init__(self, database: Database, settings: ApiSettings) -> None:
        """Keeps what it needs; `run` does the watching."""
        self._database = database
        self._settings = settings
        self._nodes: dict[str, NodeBoard] = {}
        self._feed = Feed(secrets.token_hex(_FEED_BYTES), kept=settings.live_kept_events)
        self._listeners = 0
        self._reading = asyncio.Lock()
        self._has_listeners = asyncio.Event()
        self._woken = asyncio.Event()
        self._is_stopped = False

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return self._listeners

    async def run(self) -> None:
        """Reads the reports again and again while anybody listens; ends by being cancelled."""
        is_readable = True
        while True:
            await self._has_listeners.wait()
            await asyncio.sleep(self._settings.live_poll_s)
            try:
                await self.refresh()
            except Exception as error:
                if is_readable:
                    log.warning("live_board_not_read", error=type(error).__name__)
                is_readable = False
            else:
                is_readable = True

    async def refresh(self) -> list[NodeBoard]:
        """Reads the reports, and tells what has changed; gives the nodes."""
        async with self._reading:
            async with self._database.snapshot() as connection:
                states = await node_states(connection, younger_than_s=self._settings.node_forgotten_s)
            nodes = [node_board(state, stale_s=self._settings.live_stale_s) for state in states]
            before, self._nodes = self._nodes, {node.node: node for node in nodes}
            changed = [node for node in nodes if has_changed(before.get(node.node), node)]
            gone = [name for name in before if name not in self._nodes]
            for node in changed:
                self._feed.add(NODE, node.model_dump_json())
            for name in gone:
                self._feed.add(GONE, json.dumps({"node": name}))
            if changed or gone:
                self._wake()
        return nodes

    def stop(self) -> None:
        """Ends all streams in good order."""
        self._is_stopped = True
        self._wake()

    async def events(self, last_event_id: str | None) -> AsyncGenerator[str]:
        """Gives the stream of one listener, with heartbeats between events."""
        self._join()
        try:
            number = self._feed.number_of(last_event_id) if last_event_id else None
            missed = None if number is None else self._feed.after(number)
            if number is None or missed is None:
                if last_event_id:
                    yield _gap_text(missed=None)
                number = self._feed.last_number
                yield event_text(name=BOARD, event_id=self._feed.event_id(number), document=self._board())
            for event in missed or ():
                yield self._text(event)
                number = event.number
            async with aclosing(self._news(number)) as news:
                async for text in news:
                    yield text
        finally:
            self._leave()

    async def _news(self, number: int) -> AsyncGenerator[str]:
        while not self._is_stopped:
            woken = self._woken
            pending = self._feed.after(number)
            if pending is None or len(pending) > self._settings.live_pending_events:
                yield _gap_text(missed=self._feed.last_number - number)
                return
            if pending:
                yield self._text(pending[0])
                number = pending[0].number
                continue
            try:
                await asyncio.wait_for(woken.wait(), self._settings.stream_heartbeat_s)
            except TimeoutError:
                yield HEARTBEAT

    def _text(self, event: FeedEvent) -> str:
        return event_text(name=event.name, event_id=self._feed.event_id(event.number), document=event.document)

    def _board(self) -> str:
        return live_board(list(self._nodes.values())).model_dump_json()

    def _join(self) -> None:
        self._listeners += 1
        self._has_listeners.set()

    def _leave(self) -> None:
        self._listeners -= 1
        if not self._listeners:
            self._has_listeners.clear()

    def _wake(self) -> None:
        self._woken.set()
        self._woken = asyncio.Event()


def _gap_text(*, missed: int | None) -> str:
    """Gives an event without id, so that the listener keeps the one that it has; `missed` null: not known how many."""
    return f"event: {GAP}\ndata: {json.dumps({'missed': missed})}\n\n"
