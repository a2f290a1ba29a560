"""Serves the metrics on loopback from a thread, and watches how late the event loop wakes up.

Why a thread: an event loop that stands still is what the metrics must be able to tell.
"""

import asyncio
import contextlib
from collections.abc import Iterator

import structlog
from prometheus_client import CollectorRegistry, start_http_server

from ivr.metrics.timings import Timings

ADDRESS = "127.0.0.1"
LAG_EVERY_S = 0.5

_log = structlog.stdlib.get_logger("ivr.metrics")


class MetricsEndpoint:
    """One for a service. What fails here costs the metrics, never a call."""

    def __init__(self, timings: Timings, port: int | None) -> None:
        """`port`: where to serve on loopback; None: nowhere."""
        self._timings = timings
        self._port = port

    async def run(self) -> None:
        """Serves and watches until cancelled."""
        loop = asyncio.get_running_loop()
        with _served(self._timings.registry, self._port):
            while True:
                due_s = loop.time() + LAG_EVERY_S
                await asyncio.sleep(LAG_EVERY_S)
                self._timings.lag(loop.time() - due_s)


@contextlib.contextmanager
def _served(registry: CollectorRegistry, port: int | None) -> Iterator[None]:
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr=ADDRESS, registry=registry)
    except OSError as error:
        _log.error("metrics_not_served", port=port, problem=error.strerror or str(error))
        yield
        return
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
