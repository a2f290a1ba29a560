"""How reports are shown to people: one table each, and what its figures mean."""

from collections.abc import Callable, Iterable, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.reports.schemas import (
    Abandoned,
    Distributions,
    HeatMap,
    Menus,
    Operators,
    RepeatCallers,
    Report,
    ServiceLevels,
    Summary,
    SummaryRow,
)

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NONE = "–"


def report_view(report: Report, *, with_formulas: bool) -> RenderableType:
    """Gives a report as tables; `with_formulas`: the meaning of each figure below."""
    parts: list[RenderableType] = [Text(_heading(report), style="bold"), _TABLES[type(report)](report)]
    if with_formulas:
        parts.append(_formulas(report))
    return Group(*parts)


def _heading(report: Report) -> str:
    asked = ", ".join(f"{name}={value}" for name, value in report.choices.items())
    demo = "; DEMO DATA is in it" if report.demo_data else ""
    return f"{report.first} to {report.before} (not included), Kyiv days; {asked or 'everything'}{demo}"


def _formulas(report: Report) -> Table:
    table = _table("figure", "formula", "choices")
    for name, formula in report.formulas.items():
        table.add_row(name, formula.formula, "; ".join(formula.choices))
    return table


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="bold")


def _filled(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    table = _table(*columns)
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(value: object) -> str:
    if value is None:
        return NONE
    return f"{value:,}" if isinstance(value, int) else str(value)


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{share * 100:.1f} %"


def _mean(seconds: float | None) -> str:
    return NONE if seconds is None else f"{seconds:.0f} s"


def _summary(report: Summary) -> Table:
    columns = (
        "period", "group", "calls", "answered", "abandoned", "short", "other", "going on", "answered %", "abandoned %",
        "of base", "mean wait", "mean talk",
    )  # fmt: skip
    rows = [_summary_cells(str(row.period_begin), row) for row in report.rows]
    return _filled(columns, [*rows, _summary_cells("total", report.total)])


def _summary_cells(period: str, row: SummaryRow) -> list[object]:
    group = ", ".join(value or NONE for value in row.group.values())
    counts = (row.calls, row.answered, row.abandoned, row.short_abandoned, row.other_ended, row.in_progress)
    shares = (_percent(each) for each in (row.answered_share, row.abandoned_share, row.answered_of_base))
    return [period, group, *counts, *shares, _mean(row.mean_wait_s), _mean(row.mean_talk_s)]


def _heat_map(report: HeatMap) -> Table:
    by_hour: dict[int, list[object]] = {}
    for cell in report.cells:
        by_hour.setdefault(cell.hour, []).append(NONE if cell.calls_per_day is None else f"{cell.calls_per_day:.1f}")
    return _filled(("calls a day at", *WEEKDAYS), [(f"{hour:02}:00", *means) for hour, means in by_hour.items()])


def _service_levels(report: ServiceLevels) -> Table:
    columns = ("period", "queue", "offered", "answered", "in time", "abandoned", f"{report.formula}")
    rows = [
        (row.period_begin, row.queue, row.offered, row.answered_visits, row.answered_within, row.abandoned_visits,
         f"{_percent(row.service_level)} in {report.threshold_s} s")
        for row in report.rows
    ]  # fmt: skip
    return _filled(columns, rows)


def _distributions(report: Distributions) -> Table:
    columns = ("measure", "group", "calls", "p50 s", "p90 s", "p95 s", "longest s")
    rows = [
        (row.measure, row.group, row.measured, row.p50_s, row.p90_s, row.p95_s, row.longest_s) for row in report.rows
    ]
    return _filled(columns, rows)


def _abandoned(report: Abandoned) -> Table:
    rows = [(row.outcome, row.abandoned, row.short_abandoned, _percent(row.share_of_abandoned)) for row in report.rows]
    return _filled(("outcome", "calls", "short", "share"), rows)


def _menus(report: Menus) -> Table:
    columns = ("menu", "reached", "matches", "wrong keys", "silence", "zero-outs", "drop-outs")
    rows = [
        (
            row.menu or "(before any)",
            row.reached,
            row.matches,
            row.wrong_keys,
            row.silence,
            row.zero_outs,
            row.drop_outs,
        )
        for row in report.rows
    ]
    return _filled(columns, rows)


def _operators(report: Operators) -> Table:
    columns = ("operator", "handled", "AHT", "logged in s", "paused s", "occupancy")
    rows = [
        (row.operator, row.handled, _mean(row.aht_s), row.logged_in_s, row.paused_s, _percent(row.occupancy))
        for row in report.rows
    ]
    return _filled(columns, rows)


def _repeat_callers(report: RepeatCallers) -> Table:
    row = (report.calls_known, report.callers_known, report.came_back, _percent(report.came_back_share))
    return _filled(("calls of known numbers", "callers", "came back", "share"), [row])


_TABLES: Mapping[type[Report], Callable[..., Table]] = {
    Summary: _summary,
    HeatMap: _heat_map,
    ServiceLevels: _service_levels,
    Distributions: _distributions,
    Abandoned: _abandoned,
    Menus: _menus,
    Operators: _operators,
    RepeatCallers: _repeat_callers,
}
