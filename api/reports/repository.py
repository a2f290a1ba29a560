# ruff: noqa: S608  names of columns and conditions come from closed sets, what is asked for goes in as parameters
"""SQL of the reports; reads only. Names of columns in statements come from closed sets, values are parameters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.reports.cells import CELLS, COUNTS, IS_ABANDONED, IS_SHORT, SUMS, Freshness
from api.reports.days import begin_of
from api.reports.formulas import SHORT_ABANDON_S
from api.reports.parameters import GroupRange, MenuQuestion, ReportRange
from api.reports.words import Dimension, Measure, Period

Row = dict[str, Any]
"""A row as the driver gives it; pydantic checks its values in `service`."""

_MEASURED = {
    Measure.WAITING_ANSWERED: ("wait_s", "answered_at IS NOT NULL"),
    Measure.WAITING_ABANDONED: ("wait_s", IS_ABANDONED),
    Measure.TALK: ("talk_s", "answered_at IS NOT NULL"),
}
_IN_RANGE = "started_at >= :begins_at AND started_at < :ends_at"
_ABANDONED_VISIT = "(answered_at IS NULL AND ending IN ('abandoned', 'abandoned_ringing', 'lost'))"

_VISIT_COUNTS = (
    "offered", "answered_visits", "answered_within", "abandoned_visits", "abandoned_within", "short_abandoned_visits",
)  # fmt: skip
_VISIT_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in _VISIT_COUNTS)
_KYIV_HOUR = "(utc_hour AT TIME ZONE 'Europe/Kyiv')"
"""Visits are counted by hour first: turning each one's moment into local time cost more than the rest. Kyiv's clock
differs from UTC by whole hours."""


async def _rows(connection: AsyncConnection, statement: str, parameters: dict[str, Any]) -> list[Row]:
    result = await connection.execute(text(statement), parameters)
    return [{str(name): value for name, value in row.items()} for row in result.mappings()]


def _moments(asked: ReportRange) -> dict[str, datetime]:
    return {"begins_at": begin_of(asked.first), "ends_at": begin_of(asked.before)}


def _filters(asked: GroupRange) -> tuple[str, dict[str, str]]:
    """Gives ` AND office = :office…` of what is asked for, and the values."""
    given = {each.value: value for each in Dimension if (value := getattr(asked, each.value)) is not None}
    return "".join(f" AND {name} = :{name}" for name in given), given


def _period(period: Period, day: str) -> str:
    return "CAST(:first AS date)" if period is Period.ALL else f"date_trunc('{period}', {day}::timestamp)::date"


async def summary(
    connection: AsyncConnection, asked: GroupRange, fresh: Freshness, period: Period, by: Sequence[Dimension]
) -> list[Row]:
    """Gives sums by period and group, in their order."""
    where, values = _filters(asked)
    keys = [f"{_period(period, 'day')} AS period_begin", *by]
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in (*COUNTS, *SUMS))
    statement = (
        f"{CELLS} SELECT {', '.join(keys)}, {sums} FROM cells WHERE true{where} GROUP BY {places} ORDER BY {places}"
    )
    return await _rows(connection, statement, fresh.parameters() | values)


async def total_calls(connection: AsyncConnection, fresh: Freshness) -> Row:
    """Gives `calls` and `demo_calls` of whole days, whatever filters say; zeros when there are none."""
    sums = "coalesce(sum(calls), 0)::bigint AS calls, coalesce(sum(demo_calls), 0)::bigint AS demo_calls"
    return (await _rows(connection, f"{CELLS} SELECT {sums} FROM cells", fresh.parameters()))[0]


async def heat_map(connection: AsyncConnection, asked: GroupRange, fresh: Freshness) -> list[Row]:
    """Gives sums by weekday (1 Monday to 7 Sunday) and hour."""
    where, values = _filters(asked)
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in ("calls", "answered", "abandoned"))
    statement = (
        f"{CELLS} SELECT extract(isodow FROM day)::integer AS weekday, hour, {sums} "
        f"FROM cells WHERE true{where} GROUP BY 1, 2"
    )
    return await _rows(connection, statement, fresh.parameters() | values)


async def service_levels(
    connection: AsyncConnection, asked: ReportRange, period: Period, queue: str | None, threshold_s: int
) -> list[Row]:
    """Gives counts of visits by period and queue."""
    where = "" if queue is None else " AND queue = :queue"
    parameters: dict[str, Any] = {**_moments(asked), "threshold_s": threshold_s}
    parameters |= {"queue": queue} if queue is not None else {}
    if period is Period.ALL:
        parameters["first"] = asked.first
    statement = (
        f"SELECT {_period(period, _KYIV_HOUR)} AS period_begin, queue, {_VISIT_SUMS} FROM ("
        "SELECT date_bin('1 hour', entered_at, '2000-01-01 00:00Z') AS utc_hour, queue, "
        "count(*) AS offered, count(answered_at) AS answered_visits, "
        "count(*) FILTER (WHERE answered_at IS NOT NULL AND wait_s <= :threshold_s) AS answered_within, "
        f"count(*) FILTER (WHERE {_ABANDONED_VISIT}) AS abandoned_visits, "
        f"count(*) FILTER (WHERE {_ABANDONED_VISIT} AND wait_s <= :threshold_s) AS abandoned_within, "
        f"count(*) FILTER (WHERE {_ABANDONED_VISIT} AND wait_s < {SHORT_ABANDON_S}) AS short_abandoned_visits "
        "FROM queue_visits WHERE entered_at >= :begins_at AND entered_at < :ends_at "
        f"AND ending NOT IN ('waiting', 'refused_empty', 'refused_full', 'refused_unknown'){where} "
        "GROUP BY 1, 2) AS hours GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return await _rows(connection, statement, parameters)


async def distribution(
    connection: AsyncConnection, asked: GroupRange, measure: Measure, by: Dimension | None
) -> list[Row]:
    """Gives exact percentiles of one measure, by group."""
    column, condition = _MEASURED[measure]
    where, values = _filters(asked)
    group = "CAST(NULL AS text)" if by is None else by.value
    statement = (
        f'SELECT {group} AS "group", count(*) AS measured, max({column}) AS longest_s, '
        f"percentile_disc(ARRAY[0.5, 0.9, 0.95]) WITHIN GROUP (ORDER BY {column}) AS percentiles "
        f"FROM calls WHERE {_IN_RANGE} AND {condition} AND {column} IS NOT NULL{where} GROUP BY 1 ORDER BY 1"
    )
    return await _rows(connection, statement, {**_moments(asked), **values})


async def abandoned(connection: AsyncConnection, asked: GroupRange) -> list[Row]:
    """Gives abandoned calls by outcome."""
    where, values = _filters(asked)
    statement = (
        f"SELECT outcome, count(*) AS abandoned, count(*) FILTER (WHERE {IS_SHORT}) AS short_abandoned "
        f"FROM calls WHERE {_IN_RANGE} AND {IS_ABANDONED}{where} GROUP BY 1 ORDER BY 1"
    )
    return await _rows(connection, statement, {**_moments(asked), **values})


async def menu_answers(connection: AsyncConnection, asked: MenuQuestion) -> list[Row]:
    """Gives answers by menu."""
    statement = (
        "SELECT menu, count(*) AS reached, sum(matches)::bigint AS matches, sum(wrong_keys)::bigint AS wrong_keys, "
        "sum(silence)::bigint AS silence, sum(zero_outs)::bigint AS zero_outs FROM ("
        "SELECT menu, count(*) FILTER (WHERE outcome = 'match') AS matches, "
        "count(*) FILTER (WHERE outcome = 'no_match') AS wrong_keys, "
        "count(*) FILTER (WHERE outcome = 'no_input') AS silence, "
        "count(*) FILTER (WHERE key = :operator_key) AS zero_outs "
        "FROM menu_steps WHERE occurred_at >= :begins_at AND occurred_at < :ends_at GROUP BY menu, call_id"
        ") AS by_call GROUP BY 1 ORDER BY 1"
    )
    return await _rows(connection, statement, {**_moments(asked), "operator_key": asked.operator_key})


async def drop_outs(connection: AsyncConnection, asked: ReportRange) -> dict[str | None, int]:
    """Gives calls left in a menu, by the menu of their last answer; None: before any answer."""
    statement = (
        "SELECT last.menu, count(*) AS calls FROM calls LEFT JOIN LATERAL "
        "(SELECT menu FROM menu_steps WHERE menu_steps.call_id = calls.call_id ORDER BY step_no DESC LIMIT 1) AS last "
        f"ON true WHERE {_IN_RANGE} AND outcome = 'abandoned_in_menu' GROUP BY 1"
    )
    return {row["menu"]: row["calls"] for row in await _rows(connection, statement, _moments(asked))}


async def handled(
    connection: AsyncConnection, asked: ReportRange, operator: str | None, queue: str | None
) -> list[Row]:
    """Gives answered visits by operator."""
    given = {name: value for name, value in (("operator", operator), ("queue", queue)) if value is not None}
    where = "".join(f" AND {name} = :{name}" for name in given)
    statement = (
        "SELECT operator, count(*) AS handled, coalesce(sum(talk_s), 0)::bigint AS talk_s, "
        "coalesce(sum(ring_s), 0)::bigint AS ring_s FROM queue_visits "
        "WHERE entered_at >= :begins_at AND entered_at < :ends_at AND answered_at IS NOT NULL "
        f"AND operator IS NOT NULL{where} GROUP BY 1 ORDER BY 1"
    )
    return await _rows(connection, statement, {**_moments(asked), **given})


async def states(connection: AsyncConnection, asked: ReportRange, operator: str | None) -> list[Row]:
    """Gives the seconds that operators spent in each state within the range, pauses by reason."""
    where = "" if operator is None else " AND operator = :operator"
    statement = (
        "SELECT operator, state, reason, sum(extract(epoch FROM "
        "least(coalesce(ended_at, now()), :ends_at) - greatest(started_at, :begins_at)))::bigint AS seconds "
        "FROM operator_states WHERE started_at < :ends_at AND coalesce(ended_at, now()) > :begins_at "
        f"AND state IN ('available', 'paused'){where} GROUP BY 1, 2, 3"
    )
    values = {"operator": operator} if operator is not None else {}
    return await _rows(connection, statement, {**_moments(asked), **values})


async def repeats(connection: AsyncConnection, asked: GroupRange, within_h: int) -> Row:
    """Gives calls of known numbers, how many numbers, and how many calls were followed by another in time."""
    where, values = _filters(asked)
    statement = (
        "WITH known AS (SELECT number_pseudonym, started_at, office, queue, service, language, "
        'lead(started_at) OVER (PARTITION BY number_pseudonym COLLATE "C" ORDER BY started_at) AS next_at FROM calls '
        "WHERE started_at >= :begins_at AND started_at < "
        "CAST(:ends_at AS timestamptz) + make_interval(hours => :within_h) "
        "AND number_pseudonym IS NOT NULL) "
        "SELECT count(*) AS calls_known, count(DISTINCT number_pseudonym) AS callers_known, "
        "count(*) FILTER (WHERE next_at - started_at <= make_interval(hours => :within_h)) AS came_back "
        f"FROM known WHERE started_at < :ends_at{where}"
    )
    return (await _rows(connection, statement, {**_moments(asked), **values, "within_h": within_h}))[0]
