"""The FastAGI servers under measurement, each as a process: `python -m tests.bench.agi_servers NAME`.

`ours`, `panoramisk`, and `bare`, which parses nothing and so is as fast as plain asyncio can be here. All send the same
ten commands, on one core. The first line printed is the port.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Protocol

import uvloop
from panoramisk import fast_agi

from asterisk_conf.names import LEASE_S, UserEvent, Variable
from ivr.agi.server import BACKLOG, BUFFER_BYTES, AgiServer, ServerLimits
from ivr.agi.session import AgiSession

ROUTE = "entry"
SOUND_LONGEST_S = 60.0
KEY_TIMEOUT_S = 6.0
SESSIONS_LIMIT = 12_000
_DIGITS = '"0123456789*#"'
COMMANDS = (
    f'SET VARIABLE "TIMEOUT(absolute)" "{LEASE_S}"',
    f'STREAM FILE "hotline/greeting" {_DIGITS}',
    f'STREAM FILE "hotline/menu-main" {_DIGITS}',
    'WAIT FOR DIGIT "6000"',
    'EXEC "CELGenUserEvent" "HOTLINE_MENU,menu=main;outcome=match;key=1;language=uk;attempt=1"',
    'SET VARIABLE "HOTLINE_SERVICE" "consultation"',
    'SET VARIABLE "HOTLINE_QUEUE" "sumy"',
    'SET VARIABLE "HOTLINE_PRIORITY" "10"',
    'SET VARIABLE "HOTLINE_REASONS" "hours:of:consultation"',
    'SET VARIABLE "HOTLINE_OUTCOME" "queue"',
)


class _Request(Protocol):
    """What panoramisk gives to a route."""

    def send_command(self, command: str) -> Awaitable[dict[str, object]]:
        """Sends one command and waits for its reply."""


async def our_menu(session: AgiSession) -> None:
    """Runs the session with our server."""
    await session.renew_lease(LEASE_S)
    await session.stream("hotline/greeting", SOUND_LONGEST_S)
    await session.stream("hotline/menu-main", SOUND_LONGEST_S)
    await session.wait_for_key(KEY_TIMEOUT_S)
    await session.log_event(UserEvent.MENU, "menu=main;outcome=match;key=1;language=uk;attempt=1")
    await session.set_variable(Variable.SERVICE, "consultation")
    await session.set_variable(Variable.QUEUE, "sumy")
    await session.set_variable(Variable.PRIORITY, "10")
    await session.set_variable(Variable.REASONS, "hours:of:consultation")
    await session.set_variable(Variable.OUTCOME, "queue")


async def their_menu(request: _Request) -> None:
    """Runs the same session with panoramisk's server."""
    for command in COMMANDS:
        await request.send_command(command)


class _Bare(asyncio.BufferedProtocol):
    """Sends a command for whatever comes."""

    def __init__(self, buffer: bytearray) -> None:
        self._buffer = buffer
        self._left = iter([f"{command}\n".encode() for command in COMMANDS])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        del sizehint
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        del nbytes
        command = next(self._left, None)
        if command is None:
            self._transport.close()
        else:
            self._transport.write(command)


async def _serve_ours() -> int:
    return await AgiServer({ROUTE: our_menu}, ServerLimits(sessions=SESSIONS_LIMIT)).start("127.0.0.1", 0)


async def _serve_theirs() -> int:
    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application.add_route(ROUTE, their_menu)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0, backlog=BACKLOG)
    _kept.append(server)
    address: tuple[str, int] = server.sockets[0].getsockname()
    return address[1]


async def _serve_bare() -> int:
    buffer = bytearray(BUFFER_BYTES)
    server = await asyncio.get_running_loop().create_server(lambda: _Bare(buffer), "127.0.0.1", 0, backlog=BACKLOG)
    _kept.append(server)
    address: tuple[str, int] = server.sockets[0].getsockname()
    return address[1]


_kept: list[asyncio.Server] = []
SERVERS: dict[str, Callable[[], Awaitable[int]]] = {
    "ours": _serve_ours,
    "ours-uvloop": _serve_ours,
    "panoramisk": _serve_theirs,
    "bare": _serve_bare,
}


async def _serve(name: str) -> None:
    print(await SERVERS[name](), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    logging.disable(logging.CRITICAL)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if sys.argv[1].endswith("uvloop") else None) as runner:
        runner.run(_serve(sys.argv[1]))
