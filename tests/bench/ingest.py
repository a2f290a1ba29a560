"""Evidence per second into the call log, beside a bare COPY of the same rows in the same run; and catching up.

The api runs in this process, without a network between; PostgreSQL is a real one with its usual durability.
"""

import asyncio
import gzip
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import asyncpg
import httpx

from api.app import create_app
from api.evidence.schemas import EvidenceLine
from api.evidence.sorting import sort_batch
from api.kit.numbers import vault_of
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import ensure_secrets
from hotline import postgres
from migrations.run import upgrade
from tests.bench.figures import Figure
from tests.contract.api.scenarios.many import many_calls
from tests.contract.api.scenarios.tables import Line, batch

CALLS = 3_000
BATCH_LINES = 500
CALLS_AN_HOUR = 500
HOUR_S = 3_600
DATABASE = "bench"
_PLAIN = (
    "CREATE TABLE bare (node text, source text, generation text, position_bytes bigint, occurred_at timestamptz, "
    "linkedid text, uniqueid text, type text, payload text)"
)


def measure() -> Iterator[Figure]:
    """Measures the api's ingest and COPY, one after the other."""
    lines = list(chain.from_iterable(many_calls(CALLS)))
    with _database() as (folder, data):
        upgrade(postgres.database_url(data, DATABASE))
        ingest_s = asyncio.run(_ingest(folder, data, lines))
        copy_s = asyncio.run(_copy(folder, data, lines))
    yield Figure(
        subject=f"evidence into the log ({len(lines):,} rows, {CALLS:,} calls folded)",
        measured=f"{len(lines) / ingest_s:,.0f} rows/s",
        beside=f"bare COPY of the same rows: {len(lines) / copy_s:,.0f} rows/s",
        ratio=copy_s / ingest_s,
        goal="shown",
    )
    yield Figure(
        subject=f"catching up after an outage, at {CALLS_AN_HOUR} calls an hour",
        measured=f"{CALLS / ingest_s:,.0f} calls/s",
        beside=f"{CALLS_AN_HOUR / HOUR_S:.2f} calls/s come in",
        ratio=CALLS / ingest_s / (CALLS_AN_HOUR / HOUR_S),
        goal="≥ 20",
    )


@contextmanager
def _database() -> Iterator[tuple[Path, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    data = folder / "db"
    postgres.prepare(data)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(postgres.argv(data), stdout=log, stderr=log)
    try:
        asyncio.run(_made(data))
        yield folder, data
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=30)
        shutil.rmtree(folder)


async def _made(data: Path) -> None:
    async with asyncio.timeout(60):
        await postgres.wait_ready(data)
        await postgres.create_database(data, DATABASE)


def _batches(lines: list[Line]) -> Iterator[bytes]:
    for start in range(0, len(lines), BATCH_LINES):
        yield gzip.compress(batch(lines[start : start + BATCH_LINES]), compresslevel=1)


async def _ingest(folder: Path, data: Path, lines: list[Line]) -> float:
    """Posts everything; gives how long it took, in seconds."""
    secrets_file = folder / "secrets.json"
    secrets = ensure_secrets(secrets_file, [])
    url = postgres.database_url(data, DATABASE)
    app = create_app(ApiSettings.model_validate({"database_url": url, "secrets_file": secrets_file}))
    headers = {"Authorization": f"Bearer {secrets.token_node.get_secret_value()}", "Content-Encoding": "gzip"}
    bodies = list(_batches(lines))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers, timeout=60) as client,
    ):
        began_s = time.perf_counter()
        for body in bodies:
            (await client.post("/api/v1/evidence", content=body)).raise_for_status()
        return time.perf_counter() - began_s


async def _copy(folder: Path, data: Path, lines: list[Line]) -> float:
    """Copies the same rows, parsed before, into a table without an index; gives how long it took, in seconds."""
    vault = vault_of(ensure_secrets(folder / "secrets.json", []))
    rows = sort_batch((EvidenceLine.model_validate_json(line.envelope()) for line in lines), vault).evidence
    records = [
        (
            row.node,
            row.source.value,
            row.generation,
            row.position_bytes,
            row.occurred_at,
            row.linkedid,
            row.uniqueid,
            row.type,
            str(row.payload),
        )
        for row in rows
    ]
    connection = await asyncpg.connect(host=str(data), user=postgres.SUPERUSER, database=DATABASE)
    await connection.execute(_PLAIN)
    began_s = time.perf_counter()
    for start in range(0, len(records), BATCH_LINES):
        await connection.copy_records_to_table("bare", records=records[start : start + BATCH_LINES])
    took_s = time.perf_counter() - began_s
    await connection.close()
    return took_s
