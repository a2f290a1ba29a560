"""Fills a log with years of calls within minutes: one year is folded by the log's own code, the others are its copies.

The year 2017 of the demo data is written as evidence, parsed and folded as the ingest does it, and goes in by COPY. Its
copies stand at other times under other names, so that every index grows as it would; they are of `calls` and the
tables below it, without evidence. Triggers and foreign keys rest meanwhile; days are marked for the reports at the end.
Made up here, because demo data has none: regions, topics, states of operators.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain

import asyncpg
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from api import schema
from api.evidence.months import LOCK, Month, make_partitions
from api.evidence.sorting import EvidenceRow, read_envelopes, sort_batch
from api.kit.database import Database
from api.kit.numbers import NumberVault
from api.projection.events import Event
from api.projection.families import families_of
from api.projection.fold import fold_call
from api.projection.rows import CallRecord
from hotline.demo_evidence import BATCH_LINES
from hotline.demo_sending import demo_batches, sumy_calendar

BASE = (date(2017, 1, 1), date(2018, 1, 1))
BASE_SCALE = 0.25
"""Of the 156,287 calls of 2017: so many are folded."""
COPIES_A_YEAR = 8
"""Twice the calls of 2017, as the later counts of the line are (672-882 a day): ten years are three million calls."""
_SECONDS_A_YEAR = 31_557_600
_HIGH_NUMBER = 1_000_000
"""No channel of one day has a number as high: copies' names differ by it."""
_REGIONS = "ARRAY['UA-05', 'UA-18', 'UA-26', 'UA-46', 'UA-51', 'UA-59', 'UA-63', 'UA-77']"
_CHILDREN: Mapping[str, tuple[str, ...]] = {
    "queue_visits": ("entered_at", "answered_at", "ended_at"),
    "menu_steps": ("occurred_at",),
    "call_decisions": ("occurred_at",),
    "call_legs": ("started_at", "answered_at", "ended_at"),
}
"""Tables below `calls`, with their times."""
_SECONDARY_INDEXES = (
    "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index "
    f"WHERE indrelid::regclass::text = ANY(ARRAY['calls', {', '.join(map(repr, _CHILDREN))}]) AND NOT indisunique"
)
_STATES = (
    "INSERT INTO operator_states (node, operator, started_at, ended_at, state, reason, queues) "
    "SELECT 'demo-data', name, at, at + interval '3 hours', "
    "CASE extract(hour FROM at)::integer WHEN 12 THEN 'paused' ELSE 'available' END, NULL, '[]' "
    "FROM (SELECT DISTINCT operator AS name FROM queue_visits WHERE operator IS NOT NULL) AS operators, "
    "(SELECT min(started_at) AS first, max(started_at) AS last FROM calls) AS log, "
    "generate_series(date_trunc('day', first), last, interval '3 hours') AS at "
    "WHERE extract(hour FROM at) BETWEEN 6 AND 17"
)
_MARKS = (
    "INSERT INTO report_stale_days (day, marked_by) "
    "SELECT DISTINCT (started_at AT TIME ZONE 'Europe/Kyiv')::date, 0 FROM calls"
)
_EVIDENCE = ("node", "source", "generation", "position_bytes", "occurred_at", "linkedid", "uniqueid", "type", "payload")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One copy of the base year."""

    years_back: int
    variant: int
    """Place within its year; 0 with 0 years back would be the base itself."""

    @property
    def number(self) -> int:
        """Gives what is added to the number of a call's channel."""
        return (self.years_back * COPIES_A_YEAR + self.variant) * _HIGH_NUMBER


def copies_for(years: int) -> list[Copy]:
    """Gives the copies that fill so many years, the base's last."""
    wanted = [Copy(years_back=back, variant=variant) for back in range(years) for variant in range(COPIES_A_YEAR)]
    return wanted[1:]


async def load_base(database: Database, vault: NumberVault, scale: float = BASE_SCALE) -> int:
    """Folds the base year and copies it in; gives the number of calls."""
    async with database.transaction() as connection:
        months = [Month(BASE[0].year, number) for number in range(1, 13)]
        await connection.execute(LOCK)
        await make_partitions(connection, [Month(BASE[0].year - 1, 12), *months, Month(BASE[1].year, 1)])
    calls = 0
    for batch in demo_batches(scale, sumy_calendar(), *BASE):
        rows = sort_batch(read_envelopes(batch.body, limit_lines=BATCH_LINES), vault)
        async with database.transaction() as connection:
            driver = await _without_triggers(connection)
            await driver.copy_records_to_table("evidence", columns=_EVIDENCE, records=map(_evidence, rows.evidence))
            records = list(_folded(rows.evidence))
            await _copy_in(driver, records)
        calls += len(records)
    return calls


def _evidence(row: EvidenceRow) -> tuple[object, ...]:
    values = asdict(row) | {"payload": json.dumps(row.payload)}
    return tuple(values[name] for name in _EVIDENCE)


def _folded(rows: Iterable[EvidenceRow]) -> Iterator[CallRecord]:
    """Folds calls; a batch of demo data holds whole ones."""
    for family in families_of(Event(**asdict(row)) for row in rows):
        record = fold_call(family.call_id, family.events, [])
        if record is not None:
            yield record


async def _copy_in(driver: asyncpg.Connection, records: Sequence[CallRecord]) -> None:
    await _copy_rows(driver, schema.calls, (asdict(record.call) for record in records))
    await _copy_rows(driver, schema.call_legs, _numbered(records, "legs", "leg_no"))
    await _copy_rows(driver, schema.menu_steps, _numbered(records, "menu_steps", "step_no"))
    await _copy_rows(driver, schema.queue_visits, _numbered(records, "visits", "visit_no"))
    decisions = _numbered(records, "decisions", "decision_no")
    await _copy_rows(
        driver, schema.call_decisions, ({**row, "reasons": json.dumps(row["reasons"])} for row in decisions)
    )


def _numbered(records: Sequence[CallRecord], children: str, number: str) -> Iterator[dict[str, object]]:
    for record in records:
        for place, row in enumerate(getattr(record, children), start=1):
            yield {"call_id": record.call.call_id, number: place, **asdict(row)}


async def _copy_rows(driver: asyncpg.Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    source = iter(rows)
    first = next(source, None)
    if first is None:
        return
    columns = list(first)
    records = (tuple(row[name] for name in columns) for row in chain([first], source))
    await driver.copy_records_to_table(table.name, columns=columns, records=records)


async def _without_triggers(connection: AsyncConnection) -> asyncpg.Connection:
    """Gives the driver's connection; triggers and foreign keys are back at the end of the transaction."""
    await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, asyncpg.Connection)
    return driver


async def load_copies(database: Database, copies: Iterable[Copy]) -> None:
    """Copies the base year; secondary indexes are made anew at the end, as whoever loads in bulk does it."""
    async with database.transaction() as connection:
        await _without_triggers(connection)
        await connection.exec_driver_sql(f"UPDATE calls SET region = {_region()} WHERE service = 'centres'")
        indexes = await _dropped_indexes(connection)
        for table in ("calls", *_CHILDREN):
            await connection.exec_driver_sql(f"CREATE TEMPORARY TABLE base_{table} AS SELECT * FROM {table}")
        for copy in copies:
            await connection.exec_driver_sql(_calls_statement(copy))
            for table, times in _CHILDREN.items():
                await connection.exec_driver_sql(_children_statement(copy, table, times))
        for definition in indexes:
            await connection.exec_driver_sql(definition)


async def _dropped_indexes(connection: AsyncConnection) -> list[str]:
    """Drops the indexes that no constraint needs; gives the statements that make them anew."""
    found = await connection.exec_driver_sql(_SECONDARY_INDEXES)
    definitions = {str(row["name"]): str(row["definition"]) for row in found.mappings()}
    for name in definitions:
        await connection.exec_driver_sql(f"DROP INDEX {name}")
    return list(definitions.values())


def _region() -> str:
    return f"({_REGIONS})[1 + abs(hashtext(call_id)) % 8]"


def _call_id(copy: Copy) -> str:
    """Gives the SQL of a copy's name: earlier as its calls are, so that indexes grow in their order."""
    return (
        f"'demo-data-' || (split_part(substr(call_id, 11), '.', 1)::bigint - {copy.years_back * _SECONDS_A_YEAR}) "
        f"|| '.' || (split_part(call_id, '.', 2)::bigint + {copy.number})"
    )


def _moved(copy: Copy, time: str) -> str:
    return f"{time} - interval '{copy.years_back} years' + interval '{copy.variant * 7} minutes'"


def _calls_statement(copy: Copy) -> str:
    changed = {name: _moved(copy, name) for name in ("started_at", "answered_at", "ended_at")}
    changed["call_id"] = _call_id(copy)
    rotated = copy.variant * 64 // COPIES_A_YEAR
    if rotated:
        changed["number_pseudonym"] = (
            f"substr(number_pseudonym, {rotated + 1}) || substr(number_pseudonym, 1, {rotated})"
        )
    return _copy_statement("calls", changed)


def _children_statement(copy: Copy, table: str, times: Sequence[str]) -> str:
    return _copy_statement(table, {name: _moved(copy, name) for name in times} | {"call_id": _call_id(copy)})


def _copy_statement(table: str, changed: Mapping[str, str]) -> str:
    columns = [column.name for column in schema.metadata.tables[table].columns]
    values = ", ".join(changed.get(name, name) for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM base_{table} ORDER BY call_id"


async def load_desk(database: Database, topics: Sequence[str]) -> None:
    """Gives seven of ten answered calls a topic, and every operator four states a day; marks every day."""
    async with database.transaction() as connection:
        await _without_triggers(connection)
        await connection.exec_driver_sql(_topics_statement(topics))
        await connection.exec_driver_sql(_STATES)
        await connection.exec_driver_sql(_MARKS)


def _topics_statement(topics: Sequence[str]) -> str:
    names = ", ".join(f"'{topic}'" for topic in topics)
    return (
        "INSERT INTO call_topics (call_id, topic, author, plan_version) "
        f"SELECT call_id, (ARRAY[{names}])[1 + abs(hashtext(call_id)) % {len(topics)}], 'bench', '0123456789abcdef' "
        "FROM calls WHERE answered_at IS NOT NULL AND abs(hashtext(call_id)) % 10 < 7 ORDER BY started_at"
    )
