"""Reports: rows of the database made into figures by the formulas of `formulas`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.reports import repository
from api.reports.counted import COUNTS, SUMS
from api.reports.days import weekday_counts
from api.reports.errors import ReportTooLargeError
from api.reports.formulas import SHORT_ABANDON_S, share
from api.reports.parameters import (
    DistributionQuestion,
    GroupRange,
    MenuQuestion,
    OperatorQuestion,
    RepeatQuestion,
    ReportRange,
    ServiceLevelQuestion,
    SummaryQuestion,
)
from api.reports.repository import Row
from api.reports.rollups import Freshness, freshness
from api.reports.schemas import (
    Abandoned,
    AbandonedRow,
    Distribution,
    Distributions,
    HeatCell,
    HeatMap,
    MenuRow,
    Menus,
    OperatorRow,
    Operators,
    RepeatCallers,
    ServiceLevelRow,
    ServiceLevels,
    Summary,
    SummaryRow,
    formula_texts,
)
from api.reports.words import Measure, ServiceLevelFormula, ShortAbandons

LIMIT_ROWS = 20_000
HOURS = range(24)
WEEKDAYS = range(1, 8)


async def _frame(connection: AsyncConnection, name: str, asked: ReportRange) -> tuple[dict[str, Any], Freshness]:
    """Gives what every report tells beside its figures, and the freshness of its days."""
    fresh = await freshness(connection, asked.first, asked.before)
    choices = asked.model_dump(mode="json", exclude={"first", "before", "format"}, exclude_none=True)
    told = {key: ", ".join(value) if isinstance(value, list) else str(value) for key, value in choices.items()}
    frame = {
        "first": asked.first,
        "before": asked.before,
        "choices": told,
        "demo_data": await repository.has_demo_calls(connection, fresh),
        "formulas": formula_texts(name),
    }
    return frame, fresh


async def summary(connection: AsyncConnection, asked: SummaryQuestion) -> Summary:
    """Gives calls by period and group.

    Raises:
        ReportTooLargeError: The answer would have more than `LIMIT_ROWS` rows.
    """
    frame, fresh = await _frame(connection, "summary", asked)
    base = await _base_calls(connection, asked)
    by = list(dict.fromkeys(asked.by))
    rows = await repository.summary(connection, asked, fresh, asked.period, by)
    if len(rows) > LIMIT_ROWS:
        raise ReportTooLargeError(f"the answer would have {len(rows)} rows; ask for longer periods or fewer dimensions")
    return Summary(
        **frame,
        rows=[_summary_row(row, by, asked.short_abandons, base) for row in rows],
        total=_summary_row(_total(rows, asked.first), [], asked.short_abandons, base),
        base_calls=base,
    )


async def _base_calls(connection: AsyncConnection, asked: SummaryQuestion) -> int | None:
    if asked.base_first is None or asked.base_before is None:
        return None
    fresh = await freshness(connection, asked.base_first, asked.base_before)
    return await repository.total_calls(connection, fresh)


def _total(rows: Iterable[Row], first: date) -> Row:
    known = list(rows)
    return {"period_begin": first} | {name: sum(row[name] for row in known) for name in (*COUNTS, *SUMS)}


def _summary_row(row: Row, by: Sequence[str], short: ShortAbandons, base: int | None) -> SummaryRow:
    left_out = row["short_abandoned"] if short is ShortAbandons.OUT else 0
    ended = row["answered"] + row["abandoned"] + row["other_ended"] - left_out
    return SummaryRow(
        **{name: row[name] for name in COUNTS},
        period_begin=row["period_begin"],
        group={name: row[name] for name in by},
        answered_share=share(row["answered"], ended),
        abandoned_share=share(row["abandoned"] - left_out, ended),
        answered_of_base=None if base is None else share(row["answered"], base),
        mean_wait_s=share(float(row["answered_wait_s"]), row["answered"]),
        mean_talk_s=share(float(row["talk_s"]), row["answered"]),
    )


async def heat_map(connection: AsyncConnection, asked: GroupRange) -> HeatMap:
    """Gives calls by weekday and hour."""
    frame, fresh = await _frame(connection, "heat-map", asked)
    found = {(row["weekday"], row["hour"]): row for row in await repository.heat_map(connection, asked, fresh)}
    days = weekday_counts(asked.first, asked.before)
    cells = [_heat_cell(day, hour, found.get((day, hour)), days[day]) for day in WEEKDAYS for hour in HOURS]
    return HeatMap(**frame, cells=cells)


def _heat_cell(weekday: int, hour: int, row: Row | None, days: int) -> HeatCell:
    counts = {name: 0 if row is None else row[name] for name in ("calls", "answered", "abandoned")}
    per_day = share(counts["calls"], days)
    return HeatCell(weekday=weekday, hour=hour, days=days, calls_per_day=per_day, **counts)


async def service_level(connection: AsyncConnection, asked: ServiceLevelQuestion) -> ServiceLevels:
    """Gives service levels by period and queue."""
    frame, fresh = await _frame(connection, "service-level", asked)
    rows = await repository.service_levels(connection, asked, fresh, SHORT_ABANDON_S)
    if len(rows) > LIMIT_ROWS:
        raise ReportTooLargeError(f"the answer would have {len(rows)} rows; ask for longer periods or one queue")
    levels = [
        ServiceLevelRow(**row, service_level=service_level_of(row, asked.formula, asked.short_abandons)) for row in rows
    ]
    return ServiceLevels(**frame, threshold_s=asked.threshold_s, formula=asked.formula, rows=levels)


def service_level_of(
    counts: Mapping[str, int], formula: ServiceLevelFormula, short: ShortAbandons = ShortAbandons.OUT
) -> float | None:
    """Gives the service level, 0 to 1; None when its divisor is 0.

    Source: queues_data_provider and __queues_show() in apps/app_queue.c of Asterisk 22 (sl, sl2).
    """
    match formula:
        case ServiceLevelFormula.WITHIN_OFFERED:
            left_out = counts["short_abandoned_visits"] if short is ShortAbandons.OUT else 0
            return share(counts["answered_within"], counts["offered"] - left_out)
        case ServiceLevelFormula.ASTERISK_SL:
            return share(counts["answered_within"], counts["answered_visits"])
        case ServiceLevelFormula.ASTERISK_SL2:
            within = counts["answered_within"] + counts["abandoned_within"]
            return share(within, counts["answered_visits"] + counts["abandoned_visits"])


async def distributions(connection: AsyncConnection, asked: DistributionQuestion) -> Distributions:
    """Gives percentiles of waiting and talk."""
    frame, fresh = await _frame(connection, "distributions", asked)
    rows = [
        Distribution(measure=measure, **row)
        for measure in Measure
        for row in await repository.distribution(connection, asked, fresh, measure, asked.by)
    ]
    return Distributions(**frame, rows=rows)


async def abandoned(connection: AsyncConnection, asked: GroupRange) -> Abandoned:
    """Gives abandoned calls by where the caller was."""
    frame, fresh = await _frame(connection, "abandoned", asked)
    rows = await repository.abandoned(connection, asked, fresh)
    whole = sum(row["abandoned"] for row in rows)
    shown = [AbandonedRow(**row, share_of_abandoned=share(row["abandoned"], whole)) for row in rows]
    return Abandoned(**frame, rows=shown)


async def menus(connection: AsyncConnection, asked: MenuQuestion) -> Menus:
    """Gives the funnel of the menus."""
    frame, fresh = await _frame(connection, "menus", asked)
    return Menus(**frame, rows=[MenuRow(**row) for row in await repository.menus(connection, asked, fresh)])


async def operators(connection: AsyncConnection, asked: OperatorQuestion) -> Operators:
    """Gives operators' work."""
    frame, fresh = await _frame(connection, "operators", asked)
    work = {row["operator"]: row for row in await repository.handled(connection, asked, fresh)}
    known: dict[str, list[Row]] = {}
    for row in await repository.states(connection, asked, asked.operator):
        known.setdefault(row["operator"], []).append(row)
    return Operators(
        **frame, rows=[_operator_row(name, work.get(name), known.get(name)) for name in sorted({*work, *known})]
    )


def _operator_row(operator: str, work: Row | None, states: Sequence[Row] | None) -> OperatorRow:
    handled, talk_s, ring_s = (0 if work is None else int(work[name]) for name in ("handled", "talk_s", "ring_s"))
    pauses = [row for row in states or () if row["state"] == "paused"]
    paused_s = sum(row["seconds"] for row in pauses)
    logged_in_s = None if states is None else sum(row["seconds"] for row in states)
    return OperatorRow(
        operator=operator,
        handled=handled,
        talk_s=talk_s,
        ring_s=ring_s,
        aht_s=share(talk_s, handled),
        logged_in_s=logged_in_s,
        paused_s=None if states is None else paused_s,
        paused_by_reason_s={row["reason"] or "none": row["seconds"] for row in pauses},
        occupancy=None if logged_in_s is None else share(talk_s + ring_s, logged_in_s - paused_s),
    )


async def repeat_callers(connection: AsyncConnection, asked: RepeatQuestion) -> RepeatCallers:
    """Gives callers who came back."""
    frame, _ = await _frame(connection, "repeat-callers", asked)
    row = await repository.repeats(connection, asked, asked.within_h)
    return RepeatCallers(**frame, **row, came_back_share=share(row["came_back"], row["calls_known"]))
