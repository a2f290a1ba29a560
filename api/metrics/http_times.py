"""How long answers take, by route: a middleware and its histogram.

Routes by their pattern, so that nobody who asks makes new series; what leads nowhere is one.
"""

import time
from typing import Any

from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOWHERE = "none"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class HttpTimes:
    """The histogram of one app, in a registry of its own."""

    def __init__(self) -> None:
        """Counts nothing yet."""
        self.registry = CollectorRegistry()
        self._histogram = Histogram(
            "hotline_http_request_duration_seconds",
            "From a request's head to its answer's head",
            labelnames=("method", "route", "status"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, duration_s: float) -> None:
        """Counts one answer."""
        known = method if method in METHODS else NOWHERE
        self._histogram.labels(method=known, route=route, status=str(status)).observe(duration_s)


class HttpTimesMiddleware:
    """Measures each request until its answer begins; a stream's length is not counted."""

    def __init__(self, app: ASGIApp, times: HttpTimes) -> None:
        self._app = app
        self._times = times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun_s = time.monotonic()

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._times.observe(scope["method"], _route(scope), message["status"], time.monotonic() - begun_s)
            await send(message)

        await self._app(scope, receive, measured)


def _route(scope: dict[str, Any] | Scope) -> str:
    return str(getattr(scope.get("route"), "path", NOWHERE))
