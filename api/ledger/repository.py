"""SQL of the ledger: what each witness says of a stretch of time; reads, but for the nightly result."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.ledger.counts import Sample
from api.ledger.schemas import Ledger, NightlyRun
from api.ledger.tables import ledger_days
from api.ledger.words import BegunKind
from api.schema import call_aliases, calls
from asterisk_conf.names import Context, UserEvent

_CALL_RECORDS = text(
    "SELECT node, linkedid AS call_id, min(occurred_at) AS started_at, "
    "max((payload->>'end')::timestamp AT TIME ZONE 'UTC') AS ended_at, bool_or(payload ? 'answer') AS answered "
    "FROM evidence WHERE source = 'cdr' AND occurred_at >= :since AND occurred_at < :before "
    "AND uniqueid = linkedid AND payload->>'channel' LIKE :trunks GROUP BY node, linkedid"
)
_BEGUN = text(
    "SELECT node, linkedid AS call_id, min(occurred_at) AS started_at, "
    "bool_or(type = :entry OR payload->>'context' = :from_trunk) AS is_call, "
    "bool_or(payload->>'context' = :centre_check) AS is_check FROM evidence "
    "WHERE source = 'cel' AND occurred_at >= :since AND occurred_at < :before AND linkedid IS NOT NULL "
    "AND (type = :entry OR (type = 'CHAN_START' AND ("
    "uniqueid = linkedid AND payload->>'context' IN (:from_trunk, :from_operators) OR "
    "payload->>'context' = :centre_check AND payload->>'channame' LIKE 'Local/%;2'))) GROUP BY node, linkedid"
)
"""A test call is a Local channel, of which only the second half runs a dialplan. (Run on 22.10.1.)"""
_SAMPLES = text(
    "SELECT node, occurred_at AS at, payload->>'asked_at' AS asked_at, payload->>'boot' AS boot, "
    "(payload->>'processed')::int AS processed FROM evidence "
    "WHERE source = 'witness' AND occurred_at >= :since AND occurred_at < :before"
)
_TRUNKS = r"PJSIP/trunk-%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One call of the log."""

    call_id: str
    node: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One call of Asterisk's own call records."""

    call_id: str
    node: str
    started_at: datetime
    ended_at: datetime
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """One linkedid that CEL saw begin."""

    call_id: str
    node: str
    started_at: datetime
    kind: BegunKind


async def logged_calls(connection: AsyncConnection, since: datetime, before: datetime) -> list[Logged]:
    """Gives the calls of the log that began in [since, before)."""
    statement = select(calls.c.call_id, calls.c.node, calls.c.started_at, calls.c.ended_at, calls.c.outcome).where(
        calls.c.started_at >= since, calls.c.started_at < before
    )
    return [Logged(**row) for row in (await connection.execute(statement)).mappings()]


async def known_call_ids(connection: AsyncConnection, call_ids: Iterable[str]) -> set[str]:
    """Gives those of `call_ids` that are calls of the log, or were merged into one."""
    wanted = sorted(call_ids)
    found = await connection.execute(select(calls.c.call_id).where(calls.c.call_id == func.any(wanted)))
    merged = await connection.execute(select(call_aliases.c.alias).where(call_aliases.c.alias == func.any(wanted)))
    return set(found.scalars()) | set(merged.scalars())


async def call_records(connection: AsyncConnection, since: datetime, before: datetime) -> list[Recorded]:
    """Gives the calls from trunks that Asterisk's own call records have."""
    values = {"since": since, "before": before, "trunks": _TRUNKS}
    return [Recorded(**row) for row in (await connection.execute(_CALL_RECORDS, values)).mappings()]


async def begun_linkedids(connection: AsyncConnection, since: datetime, before: datetime) -> list[Begun]:
    """Gives what CEL saw begin."""
    values = {
        "since": since,
        "before": before,
        "entry": UserEvent.ENTRY.value,
        "from_trunk": Context.FROM_TRUNK.value,
        "from_operators": Context.FROM_OPERATORS.value,
        "centre_check": Context.CENTRE_CHECK.value,
    }
    rows = (await connection.execute(_BEGUN, values)).mappings()
    return [
        Begun(node=row["node"], call_id=row["call_id"], started_at=row["started_at"], kind=_kind(row)) for row in rows
    ]


def _kind(row: RowMapping) -> BegunKind:
    if row["is_call"]:
        return BegunKind.CALL
    return BegunKind.CHECK if row["is_check"] else BegunKind.CODE


async def samples(connection: AsyncConnection, since: datetime, before: datetime) -> dict[str, list[Sample]]:
    """Gives what Asterisk answered, by node."""
    found: dict[str, list[Sample]] = {}
    for row in (await connection.execute(_SAMPLES, {"since": since, "before": before})).mappings():
        fields = dict(row)
        node = str(fields.pop("node"))
        fields["asked_at"] = datetime.fromisoformat(str(fields["asked_at"]))
        found.setdefault(node, []).append(Sample(**fields))
    return found


async def nightly_run(connection: AsyncConnection, day: date) -> NightlyRun | None:
    """Gives what the night found of a day."""
    statement = select(ledger_days.c.made_at, ledger_days.c.differences).where(ledger_days.c.day == day)
    row = (await connection.execute(statement)).mappings().first()
    return None if row is None else NightlyRun(**row)


async def keep(connection: AsyncConnection, ledger: Ledger) -> None:
    """Keeps what the night found of a day; a second run takes the place of the first."""
    values = {"differences": len(ledger.differences), "report": ledger.model_dump(mode="json"), "made_at": func.now()}
    statement = insert(ledger_days).values(day=ledger.day, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["day"], set_=values))
