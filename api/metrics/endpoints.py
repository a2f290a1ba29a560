"""`GET /metrics`: for Prometheus on this machine, or with a token that has `metrics:read`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from api.kit.answers import Responses, documented
from api.kit.auth import Credentials, Scope, SessionCookie, limit_strangers, requires
from api.kit.database import DatabaseOf
from api.ledger.upkeep import Upkeep
from api.metrics.families import families
from api.metrics.http_times import HttpTimes
from api.metrics.reading import Reading, read_metrics

router = APIRouter(tags=["health"])

_TEXT = {"text/plain": {"schema": {"type": "string"}, "example": "hotline_open_calls 3.0\n"}}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
_ANSWERS: Responses = {
    200: {"description": "Metrics, in Prometheus' text format", "content": _TEXT},
    **{status: {"description": answer["description"], "content": _ERROR} for status, answer in documented().items()},
}
_check_token = requires(Scope.METRICS_READ)


async def _let_in(request: Request, credentials: Credentials, session: SessionCookie) -> None:
    """Lets loopback in without a token. Behind a proxy the address is the one that the proxy tells."""
    if credentials is None and session is None and _is_loopback(request):
        limit_strangers(request)
    else:
        await _check_token(request, credentials, session)


def _is_loopback(request: Request) -> bool:
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


class _Now(Collector):
    """A reading as a collector."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        self._reading = reading
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Gives the reading's families."""
        yield from families(self._reading, self._now)


@router.get(
    "/metrics",
    summary="Tell Prometheus how the line is",
    dependencies=[Depends(_let_in)],
    response_class=Response,
    responses=_ANSWERS,
)
async def get_metrics(request: Request, database: DatabaseOf) -> Response:
    """Gives counts and states; nothing in it tells of a caller."""
    now = datetime.now(UTC)
    upkeep: Upkeep = request.app.state.upkeep
    times: HttpTimes = request.app.state.http_times
    async with database.snapshot() as connection:
        reading = await read_metrics(connection, request.app.state.settings, upkeep.ledger_so_far, now)
    text = generate_latest(_Now(reading, now)) + generate_latest(times.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
