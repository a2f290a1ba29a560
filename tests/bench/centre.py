"""The centre's demo data through the real ingest: its speed, and the customer's figures out of the reports.

`HOTLINE_BENCH_LOAD_S` seconds are spent on sending (600), the year 2017 first, at `HOTLINE_BENCH_SCALE` (0.1). The
figures are compared when all of it was sent in that time.
"""

import os
import time
from collections.abc import Iterator, Mapping
from datetime import date

import httpx
from fastapi import FastAPI

from api.reports.keeper import refresh_all
from hotline.demo_data import END, START, targets
from hotline.demo_sending import Progress, demo_batches, send, sumy_calendar
from tests.bench.figures import Figure
from tests.bench.running_log import RunningLog, measured

LOAD_S = float(os.environ.get("HOTLINE_BENCH_LOAD_S", "600"))
SCALE = float(os.environ.get("HOTLINE_BENCH_SCALE", "0.1"))
LINES_OF_500_CALLS_AN_HOUR_PER_S = 500 * 15 / 3_600
CATCH_UP = 20
LIMIT_REFRESH_MS = 100.0
YEAR = {"from": "2017-01-01", "to": "2018-01-01"}
NEW_YEARS = (date(2017, 1, 1), date(2018, 1, 1))


def measure() -> Iterator[Figure]:
    """Sends demo data for as long as is given, then asks for the figures of the centre."""
    yield from measured(_measured)


async def _measured(log: RunningLog) -> list[Figure]:
    async with log.client(log.node) as node:
        progress = await _load(node)
    figures = [_ingest_figure(progress), await _refresh_figure(log.app)]
    async with log.client(log.console) as console:
        return figures + await _centre(console, progress)


async def _load(client: httpx.AsyncClient) -> Progress:
    """Sends 2017 first, then the rest from the start on, while there is time."""
    whole = Progress()
    for first, before in (NEW_YEARS, (START, NEW_YEARS[0]), (NEW_YEARS[1], END)):
        left_s = max(0.0, LOAD_S - whole.seconds)
        part = await send(client, demo_batches(SCALE, sumy_calendar(), first, before), stop_after_s=left_s)
        whole.calls += part.calls
        whole.lines += part.lines
        whole.seconds += part.seconds
        whole.is_whole = whole.is_whole and part.is_whole
    return whole


def _ingest_figure(progress: Progress) -> Figure:
    goal = CATCH_UP * LINES_OF_500_CALLS_AN_HOUR_PER_S
    return Figure(
        subject=f"ingest, {progress.calls:,} calls in {progress.lines:,} lines within {progress.seconds:.0f} s",
        measured=f"{progress.lines_per_s:,.0f} lines/s",
        beside=f"{CATCH_UP} × 500 calls an hour: {goal:,.0f} lines/s",
        ratio=progress.lines_per_s / goal,
        goal="≥ 1",
    )


async def _refresh_figure(app: FastAPI) -> Figure:
    begun = time.perf_counter()
    days = await refresh_all(app.state.database)
    each_ms = (time.perf_counter() - begun) / max(days, 1) * 1e3
    return Figure(
        subject=f"figures by day made anew, {days:,} days",
        measured=f"{each_ms:.1f} ms a day",
        beside=f"limit {LIMIT_REFRESH_MS:g} ms",
        ratio=each_ms / LIMIT_REFRESH_MS,
        goal="≤ 1",
    )


async def _centre(client: httpx.AsyncClient, progress: Progress) -> list[Figure]:
    """Compares with the customer's figures what the reports tell, when everything was loaded."""
    if not progress.is_whole:
        return []
    ever = await _total(client, {"from": str(START), "to": str(END)})
    year = await _total(client, YEAR)
    sumy = await _total(client, {"from": "2017-07-01", "to": "2018-01-01", "office": "sumy", "service": "consultation"})
    figures = targets(SCALE)
    told = (
        ("answered in all", ever["answered"], figures.answered_ever),
        ("calls in 2017", year["calls"], figures.calls_2017),
        ("consultations by Sumy in 2017", sumy["answered"], figures.sumy_consultations_2017),
    )
    return [
        Figure(subject=f"report: {name}", measured=f"{found:,}", beside=f"{due:,}", ratio=found / due, goal="= 1")
        for name, found, due in told
    ]


async def _total(client: httpx.AsyncClient, params: Mapping[str, str]) -> dict[str, int]:
    answer = await client.get("/api/v1/reports/summary", params=params)
    total: dict[str, int] = answer.raise_for_status().json()["total"]
    return total
