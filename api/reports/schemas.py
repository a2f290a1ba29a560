"""What reports answer; the meaning of each figure is in `formulas` of the answer and in docs/figures.md."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from api.reports.formulas import FORMULAS
from api.reports.words import Measure

_SUMMARY = (
    "calls", "answered", "abandoned", "short_abandoned", "other_ended", "in_progress", "answered_share",
    "abandoned_share", "answered_of_base", "mean_wait_s", "mean_talk_s",
)  # fmt: skip
_SERVICE_LEVEL = (
    "offered", "answered_visits", "answered_within", "abandoned_visits", "abandoned_within", "short_abandoned_visits",
    "within_offered", "asterisk_sl", "asterisk_sl2",
)  # fmt: skip
REPORT_FIGURES: Mapping[str, tuple[str, ...]] = {
    "summary": _SUMMARY,
    "heat-map": ("calls", "answered", "abandoned", "days", "calls_per_day"),
    "service-level": _SERVICE_LEVEL,
    "distributions": ("measured", "percentiles"),
    "abandoned": ("abandoned", "short_abandoned", "share_of_abandoned"),
    "menus": ("reached", "matches", "wrong_keys", "silence", "zero_outs", "drop_outs"),
    "operators": ("handled", "aht_s", "logged_in_s", "paused_s", "occupancy"),
    "repeat-callers": ("callers_known", "came_back", "came_back_share"),
}
"""The figures of each report, by the end of its path."""


class FormulaText(BaseModel):
    """One figure's formula."""

    title: str = Field(examples=["calls answered by operators"])
    unit: str = Field(examples=["calls"])
    formula: str = Field(examples=["count of calls with answered_at"])
    choices: list[str]


class Report(BaseModel):
    """What every report tells beside its figures."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    """First day, Europe/Kyiv."""
    before: date = Field(alias="to")
    """First day that is out."""
    choices: dict[str, str] = Field(examples=[{"short_abandons": "out"}])
    """What was asked for, defaults in it."""
    demo_data: bool
    """Calls that `hotline demo-data` made are among those counted."""
    formulas: dict[str, FormulaText]


def formula_texts(report: str) -> dict[str, FormulaText]:
    """Gives the formulas of a report's figures."""
    known = {name: FORMULAS[name] for name in REPORT_FIGURES[report]}
    return {
        name: FormulaText(
            title=formula.title, unit=formula.unit, formula=formula.formula, choices=list(formula.choices)
        )
        for name, formula in known.items()
    }


class Counts(BaseModel):
    """Calls by how they ended."""

    calls: int = Field(examples=[156_287])
    answered: int
    abandoned: int
    short_abandoned: int
    other_ended: int
    in_progress: int


class SummaryRow(Counts):
    """The figures of one period and group."""

    period_begin: date
    """The first day of the period; that of a range that begins within it lies before the range."""
    group: dict[str, str | None] = Field(examples=[{"office": "sumy"}])
    answered_share: float | None
    abandoned_share: float | None
    answered_of_base: float | None = Field(examples=[0.1457])
    mean_wait_s: float | None
    mean_talk_s: float | None


class Summary(Report):
    """Calls by period and group."""

    rows: list[SummaryRow]
    total: SummaryRow
    base_calls: int | None
    """All calls of [base_from, base_to); None: no base was asked for."""


class HeatCell(BaseModel):
    """One hour of one weekday."""

    weekday: int = Field(ge=1, le=7)
    """1 is Monday."""
    hour: int = Field(ge=0, le=23)
    calls: int
    answered: int
    abandoned: int
    days: int
    calls_per_day: float | None


class HeatMap(Report):
    """Calls by hour and weekday; all 168 cells."""

    cells: list[HeatCell]


class ServiceLevelRow(BaseModel):
    """The service level of one queue in one period."""

    period_begin: date
    queue: str
    offered: int
    answered_visits: int
    answered_within: int
    abandoned_visits: int
    abandoned_within: int
    short_abandoned_visits: int
    service_level: float | None = Field(examples=[0.93])
    """By the formula that was asked for; None: its divisor is 0."""


class ServiceLevels(Report):
    """Service levels by period and queue."""

    threshold_s: int
    formula: str = Field(examples=["within_offered"])
    rows: list[ServiceLevelRow]


class Distribution(BaseModel):
    """One distribution; seconds."""

    measure: Measure
    group: str | None
    """None: all calls, or those that belong to no group."""
    measured: int
    p50_s: int | None
    p90_s: int | None
    p95_s: int | None
    longest_s: int | None


class Distributions(Report):
    """Waiting and talk."""

    rows: list[Distribution]


class AbandonedRow(BaseModel):
    """Calls abandoned in one way."""

    outcome: str = Field(examples=["abandoned_in_queue"])
    abandoned: int
    short_abandoned: int
    share_of_abandoned: float | None


class Abandoned(Report):
    """Abandoned calls by where the caller was."""

    rows: list[AbandonedRow]


class MenuRow(BaseModel):
    """What callers do in one menu."""

    menu: str | None
    """None: before any answer."""
    reached: int
    matches: int
    wrong_keys: int
    silence: int
    zero_outs: int
    drop_outs: int


class Menus(Report):
    """The funnel of the menus."""

    rows: list[MenuRow]


class OperatorRow(BaseModel):
    """One operator's work."""

    operator: str
    handled: int
    talk_s: int
    ring_s: int
    aht_s: float | None
    logged_in_s: int | None
    """None: no state of the operator is known."""
    paused_s: int | None
    paused_by_reason_s: dict[str, int]
    occupancy: float | None


class Operators(Report):
    """Operators' work."""

    rows: list[OperatorRow]


class RepeatCallers(Report):
    """Callers who came back."""

    calls_known: int
    """Calls of numbers that are known."""
    callers_known: int
    came_back: int
    came_back_share: float | None
