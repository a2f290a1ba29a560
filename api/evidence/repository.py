"""SQL of evidence: COPY into a staging table, then one statement that stores what is new."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.evidence.sorting import EvidenceRow, KeptNumber, QuarantineRow
from api.kit.copying import copy_rows

_STAGING_COLUMNS = (
    "node", "source", "generation", "position_bytes", "occurred_at", "linkedid", "uniqueid", "type", "payload",
)  # fmt: skip
_MAKE_STAGING = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS evidence_staging (node text, source text, generation text, "
    "position_bytes bigint, occurred_at timestamptz, linkedid text, uniqueid text, type text, payload text) "
    "ON COMMIT DELETE ROWS"
)
_STORE_STAGED = text(
    "INSERT INTO evidence (node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type, payload) "
    "SELECT node, source, generation, position_bytes, occurred_at, linkedid, uniqueid, type, payload::jsonb "
    "FROM evidence_staging ORDER BY node, source, generation, position_bytes "
    "ON CONFLICT (node, source, generation, position_bytes, occurred_at) DO NOTHING "
    "RETURNING node, source, linkedid, uniqueid, type, occurred_at, payload->>'agent' AS agent, "
    "ARRAY[payload->>'number', payload->>'ani', payload#>>'{extra,number}', payload#>>'{extra,ani}'] AS pseudonyms"
)
_STORE_QUARANTINED = text(
    "INSERT INTO quarantine (node, source, generation, position_bytes, reason, line_encrypted) "
    "VALUES (:node, :source, :generation, :position_bytes, :reason, :line_encrypted) "
    "ON CONFLICT (node, source, generation, position_bytes) DO NOTHING RETURNING 1"
)
_STORE_NUMBERS = text(
    "INSERT INTO caller_numbers (pseudonym, number_encrypted, number_masked) SELECT * FROM "
    "unnest(CAST(:pseudonyms AS text[]), CAST(:sealed AS bytea[]), CAST(:masked AS text[])) "
    "ON CONFLICT (pseudonym) DO NOTHING"
)
_LOCK_NODE = text("SELECT pg_advisory_xact_lock(hashtext('evidence'), hashtext(:node))")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRow:
    """What the projection needs to know of a row that was new."""

    node: str
    source: str
    linkedid: str | None
    uniqueid: str | None
    type: str
    occurred_at: datetime
    agent: str | None
    """Operator whom a line of queue_log is about."""
    pseudonyms: Sequence[str | None] = ()
    """Of the numbers in the line."""


async def lock_nodes(connection: AsyncConnection, nodes: Iterable[str]) -> None:
    """Lets one transaction at a time take evidence of a node, so that each sees the other's when it folds calls."""
    for node in nodes:
        await connection.execute(_LOCK_NODE, {"node": node})


async def store_evidence(connection: AsyncConnection, rows: Sequence[EvidenceRow]) -> list[StoredRow]:
    """Stores rows that are not here yet and gives them."""
    if not rows:
        return []
    await connection.execute(_MAKE_STAGING)
    await copy_rows(connection, "evidence_staging", _STAGING_COLUMNS, [_staged(row) for row in rows])
    stored = await connection.execute(_STORE_STAGED)
    return [
        StoredRow(
            node=node,
            source=source,
            linkedid=linkedid,
            uniqueid=uniqueid,
            type=type_,
            occurred_at=occurred_at,
            agent=agent,
            pseudonyms=pseudonyms,
        )
        for node, source, linkedid, uniqueid, type_, occurred_at, agent, pseudonyms in stored
    ]


def _staged(row: EvidenceRow) -> tuple[object, ...]:
    values = (row.node, row.source.value, row.generation, row.position_bytes, row.occurred_at)
    return (*values, row.linkedid, row.uniqueid, row.type, json.dumps(row.payload, ensure_ascii=False))


async def store_quarantine(connection: AsyncConnection, rows: Sequence[QuarantineRow]) -> int:
    """Stores rows that are not here yet and gives their number."""
    stored = 0
    for row in rows:
        values = {name: getattr(row, name) for name in row.__slots__}
        result = await connection.execute(_STORE_QUARANTINED, values | {"source": row.source.value})
        stored += len(result.all())
    return stored


async def store_numbers(connection: AsyncConnection, numbers: dict[str, KeptNumber]) -> None:
    """Stores numbers whose pseudonyms are not here yet."""
    if numbers:
        pseudonyms = sorted(numbers)
        kept = [numbers[pseudonym] for pseudonym in pseudonyms]
        values = {"sealed": [one.sealed for one in kept], "masked": [one.masked for one in kept]}
        await connection.execute(_STORE_NUMBERS, {"pseudonyms": pseudonyms, **values})
