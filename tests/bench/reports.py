"""The call log under load: ingest of demo data, then lists, searches and every report over a month and over a year.

A real embedded PostgreSQL with its production settings; the api is asked in this process, without the network.
`HOTLINE_BENCH_LOAD_S` seconds are spent on loading (600), the year 2017 first, at `HOTLINE_BENCH_SCALE` (1). Then the
calls are copied by SQL, `HOTLINE_BENCH_COPIES` times (0), each copy a year earlier, to see how answers grow with the
log; the copies are of `calls` and the tables below it, without evidence.
"""

import asyncio
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.reports.keeper import refresh_all
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import ensure_secrets
from hotline import postgres
from hotline.demo_data import END, START, targets
from hotline.demo_sending import Progress, demo_batches, send, sumy_calendar
from migrations.run import upgrade
from tests.bench.figures import Figure

LOAD_S = float(os.environ.get("HOTLINE_BENCH_LOAD_S", "600"))
SCALE = float(os.environ.get("HOTLINE_BENCH_SCALE", "1"))
COPIES = int(os.environ.get("HOTLINE_BENCH_COPIES", "0"))
LIMIT_REPORT_MS = 300.0
LIMIT_OTHER_MS = 100.0
LINES_OF_500_CALLS_AN_HOUR_PER_S = 500 * 15 / 3_600
CATCH_UP = 20
ASKED = 40
READY_S = 60.0
MONTH = {"from": "2017-10-01", "to": "2017-11-01"}
YEAR = {"from": "2017-01-01", "to": "2018-01-01"}
NEW_YEARS = (date(2017, 1, 1), date(2018, 1, 1))
REPORTS: Mapping[str, Mapping[str, str]] = {
    "summary": {"period": "month", "by": "office"},
    "heat-map": {},
    "service-level": {"period": "month"},
    "distributions": {"by": "queue"},
    "abandoned": {},
    "menus": {},
    "operators": {},
    "repeat-callers": {},
}
_COPIED = {
    "calls": ("started_at", ("answered_at", "ended_at")),
    "queue_visits": ("entered_at", ("answered_at", "ended_at")),
    "menu_steps": ("occurred_at", ()),
}
"""Tables that are copied: the time that puts a row in the year 2017, and its other times."""


def measure() -> Iterator[Figure]:
    """Loads demo data for as long as is given, then asks."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    data = folder / "db"
    postgres.prepare(data)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(postgres.argv(data), stdout=log, stderr=log)
    try:
        yield from asyncio.run(_measured(data, folder))
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=READY_S)
        shutil.rmtree(folder)


async def _measured(data: Path, folder: Path) -> list[Figure]:
    await postgres.wait_ready(data)
    await postgres.create_database(data, "bench")
    url = postgres.database_url(data, "bench")
    await asyncio.to_thread(upgrade, url)
    secrets_file = folder / "secrets.json"
    secrets = ensure_secrets(secrets_file, [])
    values = {"database_url": url, "secrets_file": secrets_file, "database_deadline_s": 600}
    app = create_app(ApiSettings.model_validate(values))
    async with app.router.lifespan_context(app):
        async with _client(app, secrets.token_node.get_secret_value()) as node:
            progress = await _load(node)
        figures = [_ingest_figure(progress), await _refresh_figure(app)]
        await _copy(app)
        await _vacuum(app)
        async with _client(app, secrets.token_console.get_secret_value()) as console:
            figures += [figure async for figure in _asked(console, await _calls(app))]
            figures += await _centre(console, progress)
    return figures


@asynccontextmanager
async def _client(app: FastAPI, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://api", headers=headers
    ) as client:
        yield client


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
        subject=f"figures by hour made anew, {days:,} days",
        measured=f"{each_ms:.1f} ms a day",
        beside="limit 100 ms",
        ratio=each_ms / 100,
        goal="≤ 1",
    )


async def _copy(app: FastAPI) -> None:
    """Copies the year 2017 into the years before; whole rows, so that every index grows."""
    async with app.state.database.transaction() as connection:
        for number in range(1, COPIES + 1):
            for table, (key, others) in _COPIED.items():
                await connection.exec_driver_sql(_copy_statement(table, key, others, number))
    await refresh_all(app.state.database)


def _copy_statement(table: str, key: str, others: tuple[str, ...], number: int) -> str:
    times = ", ".join(f"'{name}', old.{name} - interval '{number} years'" for name in (key, *others))
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(old) || "
        f"jsonb_build_object('call_id', old.call_id || '-{number}', {times}))).* FROM {table} AS old "
        f"WHERE old.{key} >= '2016-12-31 22:00Z' AND old.{key} < '2017-12-31 22:00Z' AND old.call_id LIKE 'demo-data-%'"
    )


async def _vacuum(app: FastAPI) -> None:
    """What autovacuum does within minutes of a load."""
    async with app.state.database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.exec_driver_sql("VACUUM ANALYZE")


async def _calls(app: FastAPI) -> int:
    async with app.state.database.snapshot() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM calls"))).scalar_one())


async def _asked(client: httpx.AsyncClient, calls: int) -> AsyncIterator[Figure]:
    page = (await client.get("/api/v1/calls", params={"limit": 50})).json()
    one = next(call for call in page["calls"] if call["caller"]["pseudonym"])
    pseudonym = one["caller"]["pseudonym"]
    of = f"of {calls:,} calls"
    yield await _figure(client, f"list page {of}", "calls", {"limit": "50"}, LIMIT_OTHER_MS)
    yield await _figure(client, f"list page by wait {of}", "calls", {"order": "-wait_s"}, LIMIT_OTHER_MS)
    yield await _figure(client, f"search by pseudonym {of}", "calls", {"pseudonym": pseudonym}, LIMIT_OTHER_MS)
    yield await _figure(client, f"one call {of}", f"calls/{one['call_id']}", {}, LIMIT_OTHER_MS)
    for name, params in REPORTS.items():
        for span, days in (("month", MONTH), ("year", YEAR)):
            query = {**params, **days}
            yield await _figure(client, f"report {name}, a {span} {of}", f"reports/{name}", query, LIMIT_REPORT_MS)


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


async def _centre(client: httpx.AsyncClient, progress: Progress) -> list[Figure]:
    """Compares with the customer's figures what the reports tell, when everything was loaded."""
    if not progress.is_whole or COPIES:
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
