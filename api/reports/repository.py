# ruff: noqa: S608  names of columns and conditions come from closed sets, what is asked for goes in as parameters
"""SQL of the reports; reads only. Names of columns in statements come from closed sets, values are parameters."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.reports.counted import COUNTS, DAYS, HOURS, MENUS, SUMS, VISITS
from api.reports.days import begin_of
from api.reports.parameters import (
    FILTERS,
    GroupRange,
    MenuQuestion,
    OperatorQuestion,
    ReportRange,
    ServiceLevelQuestion,
)
from api.reports.rollups import Freshness
from api.reports.words import Dimension, Measure, Period

Row = dict[str, Any]
"""A row as the driver gives it; pydantic checks its values in `service`."""

_VALUES = {
    Measure.WAITING_ANSWERED: "answered_waits_s",
    Measure.WAITING_ABANDONED: "abandoned_waits_s",
    Measure.TALK: "talks_s",
}


_ROOM_TO_SORT = text("SELECT set_config('work_mem', '64MB', true)")
"""Until the end of the transaction: a year of numbers is sorted in memory, not on disk."""


async def _rows(connection: AsyncConnection, statement: str, parameters: dict[str, Any]) -> list[Row]:
    result = await connection.execute(text(statement), parameters)
    return [{str(name): value for name, value in row.items()} for row in result.mappings()]


def _moments(asked: ReportRange) -> dict[str, datetime]:
    return {"begins_at": begin_of(asked.first), "ends_at": begin_of(asked.before)}


def _filters(asked: GroupRange) -> tuple[str, dict[str, str]]:
    """Gives ` AND office = :office…` of what is asked for, and the values."""
    given = {name: value for name in FILTERS if (value := getattr(asked, name)) is not None}
    return "".join(f" AND {name} = :{name}" for name in given), given


def _period(period: Period) -> str:
    return "CAST(:period_begin AS date)" if period is Period.ALL else f"date_trunc('{period}', day::timestamp)::date"


def _first(asked: ReportRange, period: Period) -> dict[str, date]:
    """Gives the parameter of `_period`."""
    return {"period_begin": asked.first} if period is Period.ALL else {}


def _sums(*names: str) -> str:
    return ", ".join(f"sum({name})::bigint AS {name}" for name in names)


async def summary(
    connection: AsyncConnection, asked: GroupRange, fresh: Freshness, period: Period, by: Sequence[Dimension]
) -> list[Row]:
    """Gives sums by period and group, in their order."""
    where, values = _filters(asked)
    keys = [f"{_period(period)} AS period_begin", *by]
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    statement = (
        f"{DAYS.rows(fresh)} SELECT {', '.join(keys)}, {_sums(*COUNTS, *SUMS)} FROM kept WHERE true{where} "
        f"GROUP BY {places} ORDER BY {places}"
    )
    return await _rows(connection, statement, fresh.parameters() | _first(asked, period) | values)


async def total_calls(connection: AsyncConnection, fresh: Freshness) -> int:
    """Gives all calls of whole days, whatever filters say."""
    statement = f"{DAYS.rows(fresh)} SELECT coalesce(sum(calls), 0)::bigint AS calls FROM kept"
    return int((await _rows(connection, statement, fresh.parameters()))[0]["calls"])


async def has_demo_calls(connection: AsyncConnection, fresh: Freshness) -> bool:
    """Tells whether demo data is among the calls of whole days."""
    statement = f"{DAYS.rows(fresh)} SELECT EXISTS (SELECT 1 FROM kept WHERE demo_calls > 0) AS found"
    return bool((await _rows(connection, statement, fresh.parameters()))[0]["found"])


async def heat_map(connection: AsyncConnection, asked: GroupRange, fresh: Freshness) -> list[Row]:
    """Gives sums by weekday (1 Monday to 7 Sunday) and hour."""
    where, values = _filters(asked)
    statement = (
        f"{HOURS.rows(fresh)} SELECT extract(isodow FROM day)::integer AS weekday, hour, "
        f"{_sums('calls', 'answered', 'abandoned')} FROM kept WHERE true{where} GROUP BY 1, 2"
    )
    return await _rows(connection, statement, fresh.parameters() | values)


async def service_levels(
    connection: AsyncConnection, asked: ServiceLevelQuestion, fresh: Freshness, short_s: int
) -> list[Row]:
    """Gives counts of visits by period and queue; abandoned ones are short below `short_s`."""
    where = "" if asked.queue is None else " AND queue = :queue"
    statement = (
        f"{VISITS.rows(fresh)} SELECT {_period(asked.period)} AS period_begin, queue, "
        f"{_sums('offered', 'answered_visits', 'abandoned_visits')}, "
        f"{_within('answered_waits_s', 'threshold_s')} AS answered_within, "
        f"{_within('abandoned_waits_s', 'threshold_s')} AS abandoned_within, "
        f"{_within('abandoned_waits_s', 'longest_short_s')} AS short_abandoned_visits "
        f"FROM kept WHERE true{where} GROUP BY 1, 2 HAVING sum(offered) > 0 ORDER BY 1, 2"
    )
    given: dict[str, Any] = {"threshold_s": asked.threshold_s, "longest_short_s": short_s - 1}
    given |= {"queue": asked.queue} if asked.queue is not None else {}
    return await _rows(connection, statement, fresh.parameters() | _first(asked, asked.period) | given)


def _within(column: str, most: str) -> str:
    """Gives the SQL of how many values are at most `:most`.

    Source: width_bucket(operand, thresholds), https://www.postgresql.org/docs/18/functions-math.html
    """
    return f"coalesce(sum(width_bucket(CAST(:{most} AS integer), {column})), 0)::bigint"


async def distribution(
    connection: AsyncConnection, asked: GroupRange, fresh: Freshness, measure: Measure, by: Dimension | None
) -> list[Row]:
    """Gives exact percentiles of one measure, by group."""
    where, values = _filters(asked)
    group = "CAST(NULL AS text)" if by is None else by.value
    statement = (
        f'{DAYS.rows(fresh)}, counted AS (SELECT {group} AS "group", value, count(*) AS calls FROM kept, '
        f"unnest({_VALUES[measure]}) AS value WHERE true{where} GROUP BY 1, 2), "
        'ranked AS (SELECT "group", value, sum(calls) OVER (PARTITION BY "group" ORDER BY value) AS up_to, '
        'sum(calls) OVER (PARTITION BY "group") AS measured FROM counted) '
        'SELECT "group", max(measured)::bigint AS measured, max(value) AS longest_s, '
        "min(value) FILTER (WHERE up_to * 2 >= measured) AS p50_s, "
        "min(value) FILTER (WHERE up_to * 10 >= measured * 9) AS p90_s, "
        "min(value) FILTER (WHERE up_to * 20 >= measured * 19) AS p95_s "
        "FROM ranked GROUP BY 1 ORDER BY 1"
    )
    return await _rows(connection, statement, fresh.parameters() | values)


async def abandoned(connection: AsyncConnection, asked: GroupRange, fresh: Freshness) -> list[Row]:
    """Gives abandoned calls by outcome."""
    where, values = _filters(asked)
    statement = (
        f"{DAYS.rows(fresh)} SELECT outcome, {_sums('abandoned', 'short_abandoned')} FROM kept "
        f"WHERE abandoned > 0{where} GROUP BY 1 ORDER BY 1"
    )
    return await _rows(connection, statement, fresh.parameters() | values)


async def menus(connection: AsyncConnection, asked: MenuQuestion, fresh: Freshness) -> list[Row]:
    """Gives answers and drop-outs by menu; menu None: before any answer."""
    statement = (
        f"{MENUS.rows(fresh)} SELECT menu, sum(first_answers)::bigint AS reached, "
        "coalesce(sum(answers) FILTER (WHERE outcome = 'match'), 0)::bigint AS matches, "
        "coalesce(sum(answers) FILTER (WHERE outcome = 'no_match'), 0)::bigint AS wrong_keys, "
        "coalesce(sum(answers) FILTER (WHERE outcome = 'no_input'), 0)::bigint AS silence, "
        "coalesce(sum(answers) FILTER (WHERE key = :operator_key), 0)::bigint AS zero_outs, "
        "sum(drop_outs)::bigint AS drop_outs FROM kept GROUP BY 1 ORDER BY 1 NULLS LAST"
    )
    return await _rows(connection, statement, fresh.parameters() | {"operator_key": asked.operator_key})


async def handled(connection: AsyncConnection, asked: OperatorQuestion, fresh: Freshness) -> list[Row]:
    """Gives answered visits by operator."""
    given = {name: value for name in ("operator", "queue") if (value := getattr(asked, name)) is not None}
    where = "".join(f" AND {name} = :{name}" for name in given)
    statement = (
        f"{VISITS.rows(fresh)} SELECT operator, {_sums('handled', 'talk_s', 'ring_s')} FROM kept "
        f"WHERE handled > 0 AND operator IS NOT NULL{where} GROUP BY 1 ORDER BY 1"
    )
    return await _rows(connection, statement, fresh.parameters() | given)


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
    """Gives calls of known numbers, how many numbers, and how many calls were followed by another in time.

    Why 64 bits of a pseudonym's hash: sorting whole pseudonyms of a year took more than twice as long.
    """
    where, values = _filters(asked)
    await connection.execute(_ROOM_TO_SORT)
    statement = (
        "WITH numbered AS (SELECT hashtextextended(number_pseudonym, 0) AS caller, started_at, "
        f"{', '.join(FILTERS)} FROM calls WHERE started_at >= :begins_at AND started_at < "
        "CAST(:ends_at AS timestamptz) + make_interval(hours => :within_h) AND number_pseudonym IS NOT NULL), "
        "known AS (SELECT *, lead(started_at) OVER (PARTITION BY caller ORDER BY started_at) AS next_at FROM numbered) "
        "SELECT count(*) AS calls_known, count(DISTINCT caller) AS callers_known, "
        "count(*) FILTER (WHERE next_at - started_at <= make_interval(hours => :within_h)) AS came_back "
        f"FROM known WHERE started_at < :ends_at{where}"
    )
    return (await _rows(connection, statement, {**_moments(asked), **values, "within_h": within_h}))[0]
