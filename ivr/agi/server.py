"""Listens for Asterisk, reads the headers of each connection and runs the flow of its route.

One task a session, none a command. A connection that is refused for any reason (no route, too many sessions, garbage)
is closed at once: the dialplan then sees no outcome and takes the next rung of its ladder.

Why `BufferedProtocol` with one buffer for all: the selector loop fills the buffer and hands it over within one step,
and its plain `recv(256 KiB)` costs three system calls of memory for every line (cpython#85451).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import structlog

from ivr.agi.errors import AgiError, CallerHungUp, CommandOverdue, CommandRefused, ProtocolError
from ivr.agi.protocol import AgiEvent, AgiReader, HeadersRead
from ivr.agi.session import AgiSession, Deadlines

Flow = Callable[[AgiSession], Awaitable[None]]

BACKLOG = 4096
"""A burst of calls waits here instead of failing; the kernel may hold it down to net.core.somaxconn."""
BUFFER_BYTES = 16_384
SWEEP_S = 0.25
"""How often deadlines are looked at; one is kept no later than this."""

_log = structlog.stdlib.get_logger("ivr.agi")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLimits:
    """What the server lets in."""

    sessions: int = 2_000
    drain_s: float = 10.0
    deadlines: Deadlines = field(default_factory=Deadlines)


ACCEPT_TURNS = 3
"""Turns of the loop after which a connection that was just accepted has its transport.

Source: BaseSelectorEventLoop._accept_connection() in asyncio/selector_events.py.
"""


async def _close_listener(server: asyncio.Server) -> None:
    """Stops accepting, then closes the server.

    Why in this order: a connection that was accepted, and whose transport is made when the server is closed already,
    fails an assertion in Server._attach() and its socket stays open (CPython 3.11; tests/contract/ivr/test_service.py).
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(ACCEPT_TURNS):
        await asyncio.sleep(0)
    server.close()


def _log_of(session: AgiSession) -> structlog.stdlib.BoundLogger:
    return _log.bind(call_id=session.call_id, route=session.script)


class AgiServer:
    """The FastAGI server; `routes` maps a script name to its flow."""

    def __init__(self, routes: Mapping[str, Flow], limits: ServerLimits) -> None:
        self._routes = dict(routes)
        self._limits = limits
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._connections: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self.refused = 0
        """Connections closed because there were too many."""
        self.faults = 0
        """Sessions that ended by an exception, and connections that spoke no AGI."""
        self.completed = 0
        """Flows that came to their end."""

    @property
    def sessions(self) -> int:
        """Flows that run now."""
        return len(self._tasks)

    @property
    def connections(self) -> int:
        """Open connections, those without complete headers included."""
        return len(self._connections)

    async def start(self, host: str, port: int) -> int:
        """Begins to listen; gives the port (0 chooses a free one).

        Raises:
            OSError: The address cannot be used.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), host, port, backlog=BACKLOG)
        self._sweep()
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        return address[1]

    def _sweep(self) -> None:
        """Ends what is overdue, then comes again after `SWEEP_S`."""
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        for connection in tuple(self._connections):
            connection.check_deadline(now_s)
        self._sweeper = loop.call_later(SWEEP_S, self._sweep)

    async def drain(self) -> None:
        """Stops accepting, lets open flows finish for `drain_s`, cancels the rest and closes every connection."""
        if self._server is not None:
            await _close_listener(self._server)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._limits.drain_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for connection in tuple(self._connections):
            connection.abort()
        if self._sweeper is not None:
            self._sweeper.cancel()

    def admit(self, connection: "_Connection") -> bool:
        """Takes a connection in, unless there are too many."""
        if len(self._connections) >= self._limits.sessions:
            self.refused += 1
            return False
        self._connections.add(connection)
        return True

    def forget(self, connection: "_Connection") -> None:
        """Forgets a closed connection."""
        self._connections.discard(connection)

    def begin(self, transport: asyncio.Transport, headers: dict[str, str]) -> AgiSession:
        """Starts the flow that the headers ask for.

        Raises:
            ProtocolError: There is no such route.
        """
        session = AgiSession(transport, headers, self._limits.deadlines)
        flow = self._routes.get(session.script)
        if flow is None:
            raise ProtocolError("no such script")
        task = asyncio.create_task(self._run(session, flow, transport), name=f"agi-{session.call_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return session

    async def _run(self, session: AgiSession, flow: Flow, transport: asyncio.Transport) -> None:
        structlog.contextvars.bind_contextvars(call_id=session.call_id, route=session.script)
        try:
            await flow(session)
            self.completed += 1
        except CallerHungUp:
            _log_of(session).info("channel_gone")
        except asyncio.CancelledError:
            _log_of(session).warning("flow_cancelled", then="next rung of the ladder")
            raise
        except (CommandOverdue, CommandRefused, ProtocolError) as error:
            self.faults += 1
            _log_of(session).error("asterisk_did_not_do_as_told", problem=str(error), then="next rung of the ladder")
        except Exception:
            self.faults += 1
            _log_of(session).exception("flow_failed", then="next rung of the ladder")
        finally:
            transport.close()

    def note_fault(self, error: AgiError, connection: str) -> None:
        """Notes a connection that spoke no AGI; what it sent is not logged."""
        self.faults += 1
        _log.warning("not_agi", problem=str(error), connection=connection)

    @property
    def buffer(self) -> memoryview:
        """What all connections read into, one after the other."""
        return self._buffer

    @property
    def header_s(self) -> float:
        """How long the headers may take."""
        return self._limits.deadlines.header_s


class _Connection(asyncio.BufferedProtocol):
    """One connection: bytes to events, events to its session."""

    __slots__ = ("_headers_due_at_s", "_reader", "_server", "_session", "_transport")

    def __init__(self, server: AgiServer) -> None:
        self._server = server
        self._reader = AgiReader()
        self._session: AgiSession | None = None
        self._transport: asyncio.Transport | None = None
        self._headers_due_at_s = asyncio.get_running_loop().time() + server.header_s

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the connection in, or closes it when there are too many."""
        self._transport = cast("asyncio.Transport", transport)  # what a stream server gives; uvloop's is none by name
        if not self._server.admit(self):
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Gives the server's one buffer; `sizehint` is asyncio's."""
        del sizehint
        return self._server.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Reads what came; garbage closes the connection."""
        try:
            for event in self._reader.feed(bytes(self._server.buffer[:nbytes])):
                self._receive(event)
        except AgiError as error:
            self._fault(error)

    def _receive(self, event: AgiEvent) -> None:
        if self._session is not None:
            self._session.receive(event)
        elif isinstance(event, HeadersRead) and self._transport is not None:
            self._session = self._server.begin(self._transport, event.headers)

    def check_deadline(self, now_s: float) -> None:
        """Ends what is overdue: the headers, or the session's command. `now_s` is the loop's time."""
        if self._session is not None:
            self._session.check_deadline(now_s)
        elif now_s > self._headers_due_at_s:
            self._fault(ProtocolError("the headers took too long"))

    def _fault(self, error: AgiError) -> None:
        self._server.note_fault(error, self._session.call_id if self._session else "without headers")
        self.abort()

    def eof_received(self) -> bool:
        """Says that the connection closes when the peer's side does."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the session that its channel is gone."""
        if self._session is not None:
            self._session.hang_up()
        self._server.forget(self)

    def abort(self) -> None:
        """Closes the connection without waiting."""
        if self._transport is not None:
            self._transport.abort()
