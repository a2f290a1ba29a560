"""The call log of ten years, three million calls: lists, searches, and every report over a month and over a year.

`HOTLINE_BENCH_YEARS` (10) years of `HOTLINE_BENCH_BASE_SCALE` (0.25) × 8 of the calls of 2017 each are loaded by
`tests.bench.loading`. The api is asked in this process, without the network.
"""

import os
import statistics
import time
from collections.abc import Iterator, Mapping

import httpx

from api.reports.keeper import refresh_all
from routing.plan import Plan
from routing.snapshot import to_document
from tests.bench import loading
from tests.bench.figures import Figure
from tests.bench.running_log import RunningLog, measured
from tests.unit.routing.plans import legal_aid_plan

YEARS = int(os.environ.get("HOTLINE_BENCH_YEARS", "10"))
BASE_SCALE = float(os.environ.get("HOTLINE_BENCH_BASE_SCALE", "0.25"))
LIMIT_REPORT_MS = 300.0
LIMIT_OTHER_MS = 100.0
LIMIT_REFRESH_MS = 100.0
LIMIT_LOAD_S = 900.0
ASKED = 40
MONTH = {"from": "2017-10-01", "to": "2017-11-01"}
YEAR = {"from": "2017-01-01", "to": "2018-01-01"}
_MOMENTS = {
    MONTH["from"]: "2017-09-30T21:00:00Z",
    MONTH["to"]: "2017-10-31T22:00:00Z",
    YEAR["from"]: "2016-12-31T22:00:00Z",
    YEAR["to"]: "2017-12-31T22:00:00Z",
}
"""The beginnings of those days in Kyiv."""
REPORTS: Mapping[str, Mapping[str, str]] = {
    "summary": {"period": "month", "by": "office"},
    "summary by day and region": {"period": "day", "by": "region"},
    "summary by outcome": {"period": "month", "by": "outcome"},
    "heat-map": {},
    "service-level": {"period": "month"},
    "distributions": {"by": "queue"},
    "abandoned": {},
    "menus": {},
    "topics": {},
    "operators": {},
    "repeat-callers": {},
}
"""Each begins with the end of its path."""


def measure() -> Iterator[Figure]:
    """Loads ten years, then asks."""
    yield from measured(_measured)


async def _measured(log: RunningLog) -> list[Figure]:
    plan = legal_aid_plan()
    begun = time.perf_counter()
    await _load(log, plan)
    loaded_s = time.perf_counter() - begun
    await log.vacuum()
    figures = [await _refresh_figure(log)]
    await log.vacuum()
    calls = await log.calls()
    figures.append(_load_figure(calls, loaded_s))
    async with log.client(log.console) as console:
        await _publish(console, plan)
        return figures + await _lists(console, calls) + await _reports(console, calls)


async def _load(log: RunningLog, plan: Plan) -> None:
    database = log.app.state.database
    await loading.load_base(database, log.app.state.vault, BASE_SCALE)
    await loading.load_copies(database, loading.copies_for(YEARS))
    await loading.load_desk(database, list(plan.topics))


def _load_figure(calls: int, seconds: float) -> Figure:
    return Figure(
        subject=f"{calls:,} calls loaded, a year of them folded from evidence",
        measured=f"{seconds:,.0f} s",
        beside=f"limit {LIMIT_LOAD_S:g} s",
        ratio=seconds / LIMIT_LOAD_S,
        goal="≤ 1",
    )


async def _refresh_figure(log: RunningLog) -> Figure:
    begun = time.perf_counter()
    days = await refresh_all(log.app.state.database)
    each_ms = (time.perf_counter() - begun) / max(days, 1) * 1e3
    return Figure(
        subject=f"figures by day made anew, {days:,} days",
        measured=f"{each_ms:.1f} ms a day",
        beside=f"limit {LIMIT_REFRESH_MS:g} ms",
        ratio=each_ms / LIMIT_REFRESH_MS,
        goal="≤ 1",
    )


async def _publish(client: httpx.AsyncClient, plan: Plan) -> None:
    body = {"document": to_document(plan), "author": "bench", "reason": "topics", "expected_current": None}
    (await client.post("/api/v1/plans", json=body)).raise_for_status()


async def _lists(client: httpx.AsyncClient, calls: int) -> list[Figure]:
    page = (await client.get("/api/v1/calls", params={"limit": 50})).json()
    one = next(call for call in page["calls"] if call["caller"]["pseudonym"])
    of = f"of {calls:,} calls"
    asked: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "list page": ("calls", {"limit": "50"}),
        "list page by wait": ("calls", {"limit": "50", "order": "-wait_s"}),
        "list page of one queue": ("calls", {"limit": "50", "queue": "sumy"}),
        "search by pseudonym": ("calls", {"pseudonym": one["caller"]["pseudonym"]}),
        "one call": (f"calls/{one['call_id']}", {}),
    }
    return [await _figure(client, f"{name} {of}", *how, LIMIT_OTHER_MS) for name, how in asked.items()]


async def _reports(client: httpx.AsyncClient, calls: int) -> list[Figure]:
    figures = []
    for name, params in REPORTS.items():
        for span, days in (("month", MONTH), ("year", YEAR)):
            path = f"reports/{name.split(' ')[0]}"
            asked = {key: _MOMENTS[day] for key, day in days.items()} if name == "topics" else days
            subject = f"report {name}, a {span} of {calls:,} calls"
            figures.append(await _figure(client, subject, path, {**params, **asked}, LIMIT_REPORT_MS))
    return figures


async def _figure(
    client: httpx.AsyncClient, subject: str, path: str, params: Mapping[str, str], limit_ms: float
) -> Figure:
    taken_ms = []
    for _ in range(ASKED):
        begun = time.perf_counter()
        answer = await client.get(f"/api/v1/{path}", params=params)
        taken_ms.append((time.perf_counter() - begun) * 1e3)
        answer.raise_for_status()
    steps = statistics.quantiles(taken_ms, n=20)
    p50_ms, p95_ms = steps[9], steps[18]
    return Figure(
        subject=subject,
        measured=f"p50 {p50_ms:.1f} ms, p95 {p95_ms:.1f} ms",
        beside=f"limit p95 {limit_ms:g} ms",
        ratio=p95_ms / limit_ms,
        goal="≤ 1",
    )
