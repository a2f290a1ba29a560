"""The FastAGI server under each event loop that the service can be set to."""

import asyncio

import pytest

from asterisk_conf.names import AgiRoute
from ivr.__main__ import loop_factory_of
from ivr.agi.health_client import ask_health
from ivr.agi.server import AgiServer, ServerLimits
from ivr.agi.session import AgiSession

DEADLINE_S = 10.0


async def _is_ready(session: AgiSession) -> None:
    await session.no_operation("ready")


async def _serve_once() -> AgiServer:
    server = AgiServer({AgiRoute.HEALTH.value: _is_ready}, ServerLimits())
    port = await server.start("127.0.0.1", 0)
    await asyncio.to_thread(ask_health, "127.0.0.1", port, DEADLINE_S)
    await server.drain()
    return server


@pytest.mark.parametrize("name", ["asyncio", "uvloop"])
def test_a_session_is_served_and_nothing_is_left_after_the_drain(name: str) -> None:
    with asyncio.Runner(loop_factory=loop_factory_of(name)) as runner:
        server = runner.run(_serve_once())
    assert (server.completed, server.faults, server.connections) == (1, 0, 0)


@pytest.mark.parametrize("name", ["asyncio", "uvloop"])
def test_the_loop_is_the_one_that_was_chosen(name: str) -> None:
    with asyncio.Runner(loop_factory=loop_factory_of(name)) as runner:
        assert type(runner.get_loop()).__module__.partition(".")[0] == name
