"""SQL of detention reports. Values come and go sealed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention.schemas import ChangeKind, Origin, ReportFilters, ReportState
from api.detention.tables import detention_changes, detention_counters, detention_reports
from api.kit.pagination import Cursor
from api.schema import calls
from asterisk_conf.names import UserEvent

Column = str | int | bytes | datetime | None
"""What stands in a column of a report."""

_reports = detention_reports.c
_OF_CALL = ("operator", "answered_at", "call_ended_at")
"""What a row has from its call."""
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('detention'), 0)")
_ADD_FROM_CALLS = text(
    "WITH told AS ("
    " SELECT d.call_id, d.occurred_at, d.plan_version FROM call_decisions d"
    " JOIN calls c ON c.call_id = d.call_id"
    " LEFT JOIN plan_versions p ON p.version = coalesce(d.plan_version, c.plan_version)"
    " WHERE d.call_id = ANY(CAST(:call_ids AS text[]))"
    " AND d.service = coalesce(p.document->'line'->>'detention_service', :service)"
    " UNION ALL"
    " SELECT linkedid, occurred_at, NULL FROM evidence"
    " WHERE linkedid = ANY(CAST(:call_ids AS text[])) AND type = :given"
    "), asked AS ("
    " SELECT t.call_id, min(t.occurred_at) AS received_at,"
    " coalesce((min(p.document->'detention'->>'name_lawyer_s'))::integer, :name_lawyer_s) AS name_lawyer_s"
    " FROM told t JOIN calls c ON c.call_id = t.call_id"
    " LEFT JOIN plan_versions p ON p.version = coalesce(t.plan_version, c.plan_version)"
    " GROUP BY t.call_id"
    "), made AS ("
    " INSERT INTO detention_reports (origin, call_id, received_at, name_lawyer_s)"
    " SELECT 'call', call_id, received_at, name_lawyer_s FROM asked"
    " ON CONFLICT (call_id) WHERE origin = 'call' DO NOTHING RETURNING id"
    "), changed AS ("
    " INSERT INTO detention_changes (report_id, author, kind) SELECT id, :author, 'created' FROM made"
    ") SELECT count(*) FROM made"
)
_NUMBERS_GIVEN = text(
    "SELECT DISTINCT ON (linkedid) linkedid, payload->'extra'->>'number' FROM evidence"
    " WHERE linkedid = ANY(CAST(:call_ids AS text[])) AND type = :given ORDER BY linkedid, occurred_at"
)
_SET_NUMBERS = text(
    "WITH given AS ("
    " SELECT DISTINCT ON (number) call_id, number"
    " FROM unnest(CAST(:call_ids AS text[]), CAST(:numbers AS text[])) AS each (call_id, number)"
    " ORDER BY number, call_id"
    ") UPDATE detention_reports r SET number = given.number, revision = r.revision + 1 FROM given"
    " WHERE r.call_id = given.call_id AND r.origin = 'call' AND r.number IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM detention_reports other WHERE other.number = given.number)"
)

_MERGES = text(
    "SELECT alias, call_id FROM call_aliases WHERE alias = ANY(CAST(:linkedids AS text[])) "
    "OR call_id = ANY(CAST(:linkedids AS text[]))"
)
_MOVE_REPORTS = text(
    "UPDATE detention_reports SET call_id = :call_id WHERE call_id = :alias AND (origin <> 'call' "
    "OR NOT EXISTS (SELECT 1 FROM detention_reports o WHERE o.call_id = :call_id AND o.origin = 'call'))"
)
_JOIN_REPORTS = text(
    "UPDATE detention_reports SET joined_to = (SELECT coalesce(o.joined_to, o.id) FROM detention_reports o "
    "WHERE o.call_id = :call_id AND o.origin = 'call'), revision = revision + 1 "
    "WHERE call_id = :alias AND origin = 'call' AND joined_to IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM detention_reports j WHERE j.joined_to = detention_reports.id)"
)
_MOVE_TOPICS = text("UPDATE call_topics SET call_id = :call_id WHERE call_id = :alias")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One report as it stands in the database, with the operator of its call."""

    id: int
    number: str | None
    origin: str
    call_id: str | None
    received_at: datetime
    taken_by: str | None
    values_encrypted: bytes | None
    person_key: str | None
    place_key: str | None
    detained_at: datetime | None
    name_lawyer_s: int
    lawyer_encrypted: bytes | None
    lawyer_named_at: datetime | None
    lawyer_arrived_at: datetime | None
    joined_to: int | None
    revision: int
    operator: str | None
    answered_at: datetime | None
    """When an operator answered its call; None: nobody yet, or it did not come by this line."""
    call_ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change; old and new values are sealed."""

    changed_at: datetime
    author: str
    kind: str
    changes_encrypted: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What makes two reports one."""

    person_key: str
    place_key: str
    detained_at: datetime | None
    received_at: datetime
    window_s: int


async def now(connection: AsyncConnection) -> datetime:
    """Gives the moment by the database's clock."""
    moment: datetime = (await connection.execute(select(func.now()))).scalar_one()
    return moment


async def lock_reports(connection: AsyncConnection) -> None:
    """Lets one transaction at a time write reports, so that of two on the same person one sees the other."""
    await connection.execute(_LOCK)


async def add_from_calls(
    connection: AsyncConnection, call_ids: Iterable[str], *, service: str, name_lawyer_s: int, author: str
) -> int:
    """Makes the report of each call that asked for the detention service and has none yet; gives their number.

    `service` and `name_lawyer_s` count where the call's plan was never published here.
    """
    fields = {
        "call_ids": sorted(call_ids),
        "service": service,
        "name_lawyer_s": name_lawyer_s,
        "author": author,
        "given": UserEvent.DETENTION.value,
    }
    count: int = (await connection.execute(_ADD_FROM_CALLS, fields)).scalar_one()
    return count


async def merges_of(connection: AsyncConnection, linkedids: Iterable[str]) -> dict[str, str]:
    """Gives, by merged linkedid, the call that survived, where either is among `linkedids`."""
    rows = await connection.execute(_MERGES, {"linkedids": sorted(linkedids)})
    return {row.alias: row.call_id for row in rows}


async def move_to_survivor(connection: AsyncConnection, alias: str, call_id: str) -> None:
    """Ties what belongs to a merged call to the survivor; of two reports of the line, one is joined to the other."""
    for statement in (_MOVE_REPORTS, _JOIN_REPORTS, _MOVE_TOPICS):
        used = {"alias": alias} | ({"call_id": call_id} if ":call_id" in statement.text else {})
        await connection.execute(statement, used)


async def numbers_given(connection: AsyncConnection, call_ids: Iterable[str]) -> dict[str, str]:
    """Gives the registration numbers that nodes gave, as the evidence of these calls tells them; the first of each."""
    fields = {"call_ids": sorted(call_ids), "given": UserEvent.DETENTION.value}
    return {call_id: number for call_id, number in await connection.execute(_NUMBERS_GIVEN, fields) if number}


async def set_numbers(connection: AsyncConnection, numbers: Mapping[str, str]) -> int:
    """Gives reports of calls that have no number yet the one of their evidence, unless another report has it.

    Returns:
        How many reports have got their number.
    """
    fields = {"call_ids": list(numbers), "numbers": list(numbers.values())}
    return (await connection.execute(_SET_NUMBERS, fields)).rowcount


async def next_count(connection: AsyncConnection, source: int, day: date) -> int:
    """Gives the next count of a day's registration numbers."""
    statement = postgresql_insert(detention_counters).values(source=source, day=day, last_count=1)
    grown = statement.on_conflict_do_update(
        index_elements=["source", "day"], set_={"last_count": detention_counters.c.last_count + 1}
    )
    count: int = (await connection.execute(grown.returning(detention_counters.c.last_count))).scalar_one()
    return count


async def add_report(
    connection: AsyncConnection, *, origin: Origin, received_at: datetime, name_lawyer_s: int, call_id: str | None
) -> int:
    """Adds an empty report and gives its id."""
    values = {
        "origin": origin.value,
        "received_at": received_at,
        "name_lawyer_s": name_lawyer_s,
        "call_id": call_id,
    }
    statement = insert(detention_reports).values(**values).returning(_reports.id)
    report_id: int = (await connection.execute(statement)).scalar_one()
    return report_id


async def change_report(connection: AsyncConnection, report_id: int, columns: Mapping[str, Column]) -> None:
    """Writes columns of a report; its revision grows."""
    statement = update(detention_reports).where(_reports.id == report_id)
    await connection.execute(statement.values({**columns, "revision": _reports.revision + 1}))


async def move_joined(connection: AsyncConnection, report_id: int, into: int) -> None:
    """Joins everything that was joined to one report to another."""
    await connection.execute(update(detention_reports).where(_reports.joined_to == report_id).values(joined_to=into))


async def add_change(
    connection: AsyncConnection, report_id: int, *, kind: ChangeKind, author: str, changes_encrypted: bytes | None
) -> None:
    """Adds a row to a report's history."""
    values = {
        "report_id": report_id,
        "kind": kind.value,
        "author": author,
        "changes_encrypted": changes_encrypted,
        "changed_at": func.clock_timestamp(),
    }
    await connection.execute(insert(detention_changes).values(**values))


async def find_report(connection: AsyncConnection, report_id: int) -> ReportRow | None:
    """Gives one report; None: there is none such."""
    found = await _rows(connection, _reports.id == report_id)
    return found[0] if found else None


async def joined_reports(connection: AsyncConnection, report_id: int) -> Sequence[ReportRow]:
    """Gives the reports that are joined to one, oldest first."""
    return list(reversed(await _rows(connection, _reports.joined_to == report_id)))


async def list_reports(
    connection: AsyncConnection, filters: ReportFilters, after: Cursor | None, after_id: int
) -> Sequence[ReportRow]:
    """Gives reports, newest first, one more than a page holds when there are more."""
    conditions: list[ColumnElement[bool]] = []
    if filters.received_from is not None:
        conditions.append(_reports.received_at >= filters.received_from)
    if filters.received_before is not None:
        conditions.append(_reports.received_at < filters.received_before)
    if filters.state is not None:
        conditions.append(_STATES[filters.state])
    if filters.call_id is not None:
        conditions.append(_reports.call_id == filters.call_id)
    if after is not None:
        conditions.append(tuple_(_reports.received_at, _reports.id) < (after.started_at, after_id))
    return await _rows(connection, *conditions, limit=filters.limit + 1)


async def reports_of_period(
    connection: AsyncConnection, received_from: datetime, received_before: datetime, limit: int
) -> Sequence[ReportRow]:
    """Gives the reports of a time, newest first, at most `limit`."""
    conditions = (_reports.received_at >= received_from, _reports.received_at < received_before)
    return await _rows(connection, *conditions, limit=limit)


async def find_match(connection: AsyncConnection, report_id: int, match: Match) -> ReportRow | None:
    """Gives the oldest other report on the same detention that is itself joined to none."""
    known = func.coalesce(_reports.detained_at, _reports.received_at)
    wanted = match.detained_at or match.received_at
    distance_s = func.abs(func.extract("epoch", known - wanted))
    found = await _rows(
        connection,
        _reports.id != report_id,
        _reports.joined_to.is_(None),
        _reports.person_key == match.person_key,
        _reports.place_key == match.place_key,
        distance_s <= match.window_s,
    )
    return found[-1] if found else None


async def changes_of(connection: AsyncConnection, report_id: int) -> Sequence[ChangeRow]:
    """Gives every change of a report, oldest first."""
    columns = [detention_changes.c[name] for name in ChangeRow.__slots__]
    statement = select(*columns).where(detention_changes.c.report_id == report_id).order_by(detention_changes.c.id)
    return [ChangeRow(**row) for row in (await connection.execute(statement)).mappings()]


_UNJOINED = _reports.joined_to.is_(None)
_STATES: dict[ReportState, ColumnElement[bool]] = {
    ReportState.WAITING: and_(_UNJOINED, _reports.lawyer_named_at.is_(None)),
    ReportState.NAMED: and_(_UNJOINED, _reports.lawyer_named_at.isnot(None), _reports.lawyer_arrived_at.is_(None)),
    ReportState.ARRIVED: and_(_UNJOINED, _reports.lawyer_arrived_at.isnot(None)),
    ReportState.JOINED: _reports.joined_to.isnot(None),
}


async def _rows(
    connection: AsyncConnection, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[ReportRow]:
    columns = [_reports[name] for name in ReportRow.__slots__ if name not in _OF_CALL]
    statement = (
        select(*columns, calls.c.operator, calls.c.answered_at, calls.c.ended_at.label("call_ended_at"))
        .select_from(detention_reports.outerjoin(calls, calls.c.call_id == _reports.call_id))
        .where(*conditions)
        .order_by(_reports.received_at.desc(), _reports.id.desc())
    )
    if limit is not None:
        statement = statement.limit(limit)
    return [ReportRow(**row) for row in (await connection.execute(statement)).mappings()]
