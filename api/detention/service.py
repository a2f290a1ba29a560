"""Reports of detentions: made, filled in, joined, followed; the endpoints own the transactions."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from api.detention import answers, export, repository
from api.detention.errors import (
    CannotJoinError,
    MomentInvalidError,
    NoFormError,
    NotJoinedError,
    NumbersUsedUpError,
    ReportJoinedError,
    RevisionConflictError,
    TooManyRowsError,
)
from api.detention.forms import FieldValue, changed_values, checked_values, moment_of
from api.detention.repository import Match, ReportRow
from api.detention.schemas import (
    ChangeKind,
    Filling,
    FormNow,
    History,
    JoinRequest,
    LawyerNews,
    NewReport,
    Origin,
    Period,
    Report,
    ReportFilters,
    ReportPage,
    Statistics,
)
from api.detention.sealing import Changes, match_key, open_values, seal_changes, seal_values
from api.kit.exceptions import InvalidCursorError, NotFoundError
from api.kit.numbers import NumberVault
from api.kit.pagination import Cursor, decode_cursor, encode_cursor
from api.plans.errors import NoPlanError
from api.plans.in_force import plan_in_force
from routing.forms import DetentionForm
from routing.plan import Plan
from routing.registration import API_SOURCE, LARGEST_COUNT, registration_number

CLOCK_SLACK = timedelta(minutes=5)
"""How far a person's clock may be ahead of ours."""
EXPORT_LIMIT = 50_000
_LONGEST_ID_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who writes, with what, and where."""

    connection: AsyncConnection
    vault: NumberVault
    author: str


def form_of(plan: Plan) -> DetentionForm:
    """Gives the plan's form.

    Raises:
        NoFormError: It has none.
    """
    if plan.detention is None:
        raise NoFormError(f"plan {plan.version} has no form for detention reports: publish one that has")
    return plan.detention


async def form_in_force(connection: AsyncConnection) -> FormNow:
    """Gives the form that reports are filled in by now.

    Raises:
        NoPlanError, NoFormError: There is none.
    """
    plan = await plan_in_force(connection)
    return answers.form_now(plan.version, form_of(plan))


async def make_report(desk: Desk, request: NewReport) -> Report:
    """Makes a report by hand, gives it a number, and joins it to another on the same detention if there is one.

    Raises:
        NoPlanError, NoFormError: There is no form.
        FieldsInvalidError: Values do not fit it.
        MomentInvalidError: It would be received in the future.
        NumbersUsedUpError: All numbers of the day are given.
    """
    plan = await plan_in_force(desk.connection)
    form = form_of(plan)
    values = checked_values(form, request.values)
    await repository.lock_reports(desk.connection)
    now = await repository.now(desk.connection)
    if request.received_at is not None and request.received_at > now + CLOCK_SLACK:
        raise MomentInvalidError("a report cannot be received in the future")
    report_id = await repository.add_report(
        desk.connection,
        origin=Origin.HAND,
        received_at=request.received_at or now,
        name_lawyer_s=form.name_lawyer_s,
        call_id=request.call_id,
    )
    await _write_values(desk, plan, await _found(desk, report_id), values, ChangeKind.CREATED)
    await _join_to_match(desk, form, report_id)
    return await read_report(desk.connection, desk.vault, report_id)


async def fill(desk: Desk, report_id: int, request: Filling) -> Report:
    """Writes what became known; a report without a number gets one, and joins another on the same detention.

    Raises:
        NotFoundError: There is no such report.
        ReportJoinedError, RevisionConflictError: It is not the one, or not as it was read.
        FieldsInvalidError: Values do not fit the form.
    """
    plan = await plan_in_force(desk.connection)
    form = form_of(plan)
    await repository.lock_reports(desk.connection)
    row = await _expected(desk, report_id, request.expected_revision)
    await _write_values(desk, plan, row, checked_values(form, request.values), ChangeKind.FILLED)
    await _join_to_match(desk, form, report_id)
    return await read_report(desk.connection, desk.vault, report_id)


async def _write_values(desk: Desk, plan: Plan, row: ReportRow, given: dict[str, FieldValue], kind: ChangeKind) -> None:
    form = form_of(plan)
    before = open_values(desk.vault, row.values_encrypted)
    changes = changed_values(before, given)
    values = {**before, **given}
    columns: dict[str, repository.Column] = {
        "values_encrypted": seal_values(desk.vault, values),
        "person_key": match_key(desk.vault, "person", values.get(form.person_field)),
        "place_key": match_key(desk.vault, "place", values.get(form.place_field)),
        "detained_at": moment_of(values.get(form.moment_field)),
        "plan_version": plan.version,
        "taken_by": row.taken_by or desk.author,
        "number": row.number or await _next_number(desk, plan),
    }
    await repository.change_report(desk.connection, row.id, columns)
    await _tell(desk, row.id, kind, changes)


async def _next_number(desk: Desk, plan: Plan) -> str:
    now = await repository.now(desk.connection)
    day = now.astimezone(ZoneInfo(plan.calendar.timezone)).date()
    count = await repository.next_count(desk.connection, API_SOURCE, day)
    if count > LARGEST_COUNT:
        raise NumbersUsedUpError(f"all {LARGEST_COUNT} registration numbers of {day} are given")
    return registration_number(API_SOURCE, day, count)


async def _join_to_match(desk: Desk, form: DetentionForm, report_id: int) -> None:
    """Joins the newer of two reports on the same detention to the older."""
    row = await _found(desk, report_id)
    if row.person_key is None or row.place_key is None:
        return
    match = Match(
        person_key=row.person_key,
        place_key=row.place_key,
        detained_at=row.detained_at,
        received_at=row.received_at,
        window_s=form.join_window_s,
    )
    other = await repository.find_match(desk.connection, report_id, match)
    if other is None:
        return
    older, newer = sorted((row, other), key=lambda each: (each.received_at, each.id))
    await _join(desk, newer, older)


async def join(desk: Desk, report_id: int, request: JoinRequest) -> Report:
    """Joins a report to another on the same detention, by hand.

    Raises:
        NotFoundError: One of them is not there.
        CannotJoinError: They are one and the same, or the other is itself joined.
        ReportJoinedError: It is joined already.
    """
    await repository.lock_reports(desk.connection)
    row, into = await _found(desk, report_id), await _found(desk, request.into)
    _check_not_joined(row)
    if row.id == into.id or into.joined_to is not None:
        raise CannotJoinError("a report joins another one that is itself joined to none")
    await _join(desk, row, into)
    return await read_report(desk.connection, desk.vault, into.id)


async def _join(desk: Desk, row: ReportRow, into: ReportRow) -> None:
    await repository.move_joined(desk.connection, row.id, into.id)
    await repository.change_report(desk.connection, row.id, {"joined_to": into.id})
    await repository.change_report(desk.connection, into.id, {})
    for report_id in (row.id, into.id):
        await _tell(desk, report_id, ChangeKind.JOINED, {"joined_to": (None, into.id), "report": (None, row.id)})


async def part(desk: Desk, report_id: int) -> Report:
    """Takes a report out of another again: they were on two people after all.

    Raises:
        NotFoundError: There is no such report.
        NotJoinedError: It is joined to none.
    """
    await repository.lock_reports(desk.connection)
    row = await _found(desk, report_id)
    if row.joined_to is None:
        raise NotJoinedError(f"report {report_id} is joined to none")
    await repository.change_report(desk.connection, row.id, {"joined_to": None})
    await repository.change_report(desk.connection, row.joined_to, {})
    for each in (row.id, row.joined_to):
        await _tell(desk, each, ChangeKind.PARTED, {"joined_to": (row.joined_to, None), "report": (row.id, None)})
    return await read_report(desk.connection, desk.vault, report_id)


async def set_lawyer(desk: Desk, report_id: int, request: LawyerNews) -> Report:
    """Writes which lawyer was named and when, and when the lawyer arrived.

    Raises:
        NotFoundError: There is no such report.
        ReportJoinedError, RevisionConflictError: It is not the one, or not as it was read.
        MomentInvalidError: The moments are the wrong way round, or in the future.
    """
    await repository.lock_reports(desk.connection)
    row = await _expected(desk, report_id, request.expected_revision)
    now = await repository.now(desk.connection)
    named_at = request.named_at or row.lawyer_named_at or now
    _check_moments(row.received_at, named_at, request.arrived_at, now)
    before = open_values(desk.vault, row.lawyer_encrypted)
    columns: dict[str, repository.Column] = {
        "lawyer_encrypted": seal_values(desk.vault, {"name": request.name}),
        "lawyer_named_at": named_at,
        "lawyer_arrived_at": request.arrived_at,
    }
    await repository.change_report(desk.connection, row.id, columns)
    told = {
        "lawyer": (before.get("name"), request.name),
        "named_at": (_iso(row.lawyer_named_at), _iso(named_at)),
        "arrived_at": (_iso(row.lawyer_arrived_at), _iso(request.arrived_at)),
    }
    await _tell(desk, row.id, ChangeKind.LAWYER, {name: pair for name, pair in told.items() if pair[0] != pair[1]})
    return await read_report(desk.connection, desk.vault, report_id)


def _check_moments(received_at: datetime, named_at: datetime, arrived_at: datetime | None, now: datetime) -> None:
    if named_at < received_at - CLOCK_SLACK:
        raise MomentInvalidError("a lawyer is named after the report is received")
    if arrived_at is not None and arrived_at < named_at:
        raise MomentInvalidError("a lawyer arrives after being named")
    if max(named_at, arrived_at or named_at) > now + CLOCK_SLACK:
        raise MomentInvalidError("neither moment lies in the future")


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


async def _tell(desk: Desk, report_id: int, kind: ChangeKind, changes: Changes) -> None:
    sealed = seal_changes(desk.vault, changes)
    await repository.add_change(desk.connection, report_id, kind=kind, author=desk.author, changes_encrypted=sealed)


async def _found(desk: Desk, report_id: int) -> ReportRow:
    row = await repository.find_report(desk.connection, report_id)
    if row is None:
        raise NotFoundError(f"there is no detention report {report_id}")
    return row


async def _expected(desk: Desk, report_id: int, revision: int) -> ReportRow:
    row = await _found(desk, report_id)
    _check_not_joined(row)
    if row.revision != revision:
        raise RevisionConflictError(f"the report has revision {row.revision} now", {"revision": row.revision})
    return row


def _check_not_joined(row: ReportRow) -> None:
    if row.joined_to is not None:
        told = f"report {row.id} is joined to {row.joined_to}: write into that one, or part them"
        raise ReportJoinedError(told, {"joined_to": row.joined_to})


async def read_report(connection: AsyncConnection, vault: NumberVault, report_id: int) -> Report:
    """Gives one report with those joined to it.

    Raises:
        NotFoundError: There is no such report.
    """
    row = await repository.find_report(connection, report_id)
    if row is None:
        raise NotFoundError(f"there is no detention report {report_id}")
    joined = await repository.joined_reports(connection, report_id)
    form = await _form_or_none(connection)
    return answers.report(row, joined, form, vault, await repository.now(connection))


async def history(connection: AsyncConnection, vault: NumberVault, report_id: int) -> History:
    """Gives every change of a report.

    Raises:
        NotFoundError: There is no such report.
    """
    if await repository.find_report(connection, report_id) is None:
        raise NotFoundError(f"there is no detention report {report_id}")
    rows = await repository.changes_of(connection, report_id)
    return History(report_id=report_id, changes=[answers.change(row, vault) for row in rows])


async def page_of_reports(connection: AsyncConnection, vault: NumberVault, filters: ReportFilters) -> ReportPage:
    """Gives one page.

    Raises:
        InvalidCursorError: The cursor is not one that this api gave.
    """
    after = decode_cursor(filters.cursor) if filters.cursor else None
    rows = await repository.list_reports(connection, filters, after, 0 if after is None else _report_id(after))
    now = await repository.now(connection)
    page = [answers.summary(row, vault, now) for row in rows[: filters.limit]]
    cursor = None
    if len(rows) > filters.limit:
        cursor = encode_cursor(Cursor(started_at=page[-1].received_at, call_id=str(page[-1].report_id)))
    return ReportPage(reports=page, next_cursor=cursor)


def _report_id(cursor: Cursor) -> int:
    text = cursor.call_id
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_ID_DIGITS:
        raise InvalidCursorError("the cursor is not one of detention reports")
    return int(text)


async def statistics(connection: AsyncConnection, period: Period) -> Statistics:
    """Gives the buckets of a time.

    Raises:
        TooManyRowsError: The time is too long.
    """
    return export.statistics(await _rows_of(connection, period))


async def csv_of_reports(connection: AsyncConnection, vault: NumberVault, period: Period) -> tuple[str, int]:
    """Gives the reports of a time as CSV, and how many they are.

    Raises:
        TooManyRowsError: The time is too long.
    """
    rows = await _rows_of(connection, period)
    now = await repository.now(connection)
    form = await _form_or_none(connection)

    def write() -> str:
        return export.csv_text(form, (answers.summary(row, vault, now) for row in rows))

    return await asyncio.to_thread(write), len(rows)


async def _rows_of(connection: AsyncConnection, period: Period) -> Sequence[ReportRow]:
    rows = await repository.reports_of_period(
        connection, period.received_from, period.received_before, EXPORT_LIMIT + 1
    )
    if len(rows) > EXPORT_LIMIT:
        raise TooManyRowsError(f"more than {EXPORT_LIMIT} reports: ask for a shorter time")
    return rows


async def _form_or_none(connection: AsyncConnection) -> DetentionForm | None:
    try:
        return (await plan_in_force(connection)).detention
    except NoPlanError:
        return None
