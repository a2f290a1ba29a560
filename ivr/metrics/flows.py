"""Times each flow from its session's begin to its decision, and counts how sessions end."""

import asyncio
from collections.abc import Mapping

from asterisk_conf.names import AgiRoute
from ivr.agi.errors import CallerHungUp
from ivr.agi.server import Flow
from ivr.agi.session import AgiSession
from ivr.metrics.timings import Timings

_NO_CALLS = frozenset({AgiRoute.HEALTH.value, AgiRoute.OVERRIDE.value})
"""Routes on which no caller is decided about."""


def timed(routes: Mapping[str, Flow], timings: Timings) -> dict[str, Flow]:
    """Gives the same flows, those of calls timed; what they raise goes on."""
    return {route: flow if route in _NO_CALLS else _timed(route, flow, timings) for route, flow in routes.items()}


def _timed(route: str, flow: Flow, timings: Timings) -> Flow:
    async def run(session: AgiSession) -> None:
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        try:
            await flow(session)
        except CallerHungUp:
            timings.ended("caller_gone")
            raise
        except BaseException:
            timings.ended("undecided")
            raise
        timings.decision(route, loop.time() - begun_s)
        timings.ended("decided")

    return run
