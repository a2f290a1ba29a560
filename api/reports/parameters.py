"""Questions for reports: query parameters, checked. Pure."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.kit.words import Word
from api.reports.words import Dimension, Period, ReportFormat, ServiceLevelFormula, ShortAbandons

LONGEST_DAYS = 5_500
"""About 15 years."""
LARGEST_THRESHOLD_S = 3_600


def _in_range(day: date) -> date:
    if not date(2000, 1, 1) <= day < date(2100, 1, 1):
        raise ValueError("must lie in 2000-2100")
    return day


Day = Annotated[date, AfterValidator(_in_range)]
"""A day of Europe/Kyiv."""


class ReportRange(BaseModel):
    """A half-open range of Kyiv days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: Day = Field(alias="from", description="First day, Europe/Kyiv.", examples=["2017-01-01"])
    before: Day = Field(alias="to", description="First day that is out.", examples=["2018-01-01"])
    format: ReportFormat = Field(default=ReportFormat.JSON, description="Files have the rows; XLSX the formulas too.")

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if not 0 < (self.before - self.first).days <= LONGEST_DAYS:
            raise ValueError(f"`to` must be after `from`, by at most {LONGEST_DAYS} days")
        return self


class GroupRange(ReportRange):
    """A range and filters on calls."""

    office: Word | None = None
    queue: Word | None = None
    service: Word | None = None
    language: Word | None = None
    region: Word | None = Field(default=None, description="ISO 3166-2.", examples=["UA-59"])


FILTERS = ("office", "queue", "service", "language", "region")
"""The columns by which calls are filtered."""


class SummaryQuestion(GroupRange):
    """What the summary should tell."""

    period: Period = Period.ALL
    by: list[Dimension] = Field(default=[], max_length=len(Dimension), description="Repeat it to split by several.")
    short_abandons: ShortAbandons = ShortAbandons.OUT
    base_first: Day | None = Field(default=None, alias="base_from", description="First day of `answered_of_base`.")
    base_before: Day | None = Field(default=None, alias="base_to")

    @model_validator(mode="after")
    def _has_a_base_or_none(self) -> Self:
        first, before = self.base_first, self.base_before
        if (first is None) != (before is None):
            raise ValueError("`base_from` and `base_to` go together")
        if first is not None and before is not None and not 0 < (before - first).days <= LONGEST_DAYS:
            raise ValueError(f"`base_to` must be after `base_from`, by at most {LONGEST_DAYS} days")
        return self


class ServiceLevelQuestion(ReportRange):
    """What the service level is to be of."""

    queue: Word | None = None
    period: Period = Period.ALL
    threshold_s: int = Field(default=20, ge=0, le=LARGEST_THRESHOLD_S)
    formula: ServiceLevelFormula = ServiceLevelFormula.WITHIN_OFFERED
    short_abandons: ShortAbandons = ShortAbandons.OUT


class DistributionQuestion(GroupRange):
    """What the distributions are to be of."""

    by: Dimension | None = None


class MenuQuestion(ReportRange):
    """Which key leads to an operator."""

    operator_key: Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")] = "0"


class OperatorQuestion(ReportRange):
    """Whose work."""

    operator: Word | None = None
    queue: Word | None = None


class RepeatQuestion(GroupRange):
    """How soon a caller must come back to count."""

    within_h: int = Field(default=24, ge=1, le=24 * 31)
