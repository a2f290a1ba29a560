"""`GET /api/v1/reports/…`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidRequestError
from api.reports import service
from api.reports.errors import ReportTooLargeError
from api.reports.files import FILE_ANSWERS, answer
from api.reports.parameters import (
    DistributionQuestion,
    GroupRange,
    MenuQuestion,
    OperatorQuestion,
    RepeatQuestion,
    ServiceLevelQuestion,
    SummaryQuestion,
)
from api.reports.schemas import (
    Abandoned,
    Distributions,
    HeatMap,
    Menus,
    Operators,
    RepeatCallers,
    ServiceLevels,
    Summary,
)

router = APIRouter(
    prefix="/api/v1/reports",
    tags=["reports"],
    dependencies=[Depends(requires(Scope.REPORTS_READ))],
    responses=documented(InvalidRequestError),
)


@router.get(
    "/summary",
    response_model=Summary,
    summary="Calls by day, week, month or year, and by office, queue, service, language, region or outcome",
    responses={**documented(InvalidRequestError, ReportTooLargeError), **FILE_ANSWERS},
)
async def get_summary(asked: Annotated[SummaryQuestion, Query()], database: DatabaseOf) -> Summary | Response:
    """Gives one row a period and group, and the total."""
    async with database.snapshot() as connection:
        report = await service.summary(connection, asked)
    return answer(report, "summary", asked.format)


@router.get("/heat-map", response_model=HeatMap, responses=FILE_ANSWERS, summary="Calls by weekday and hour")
async def get_heat_map(asked: Annotated[GroupRange, Query()], database: DatabaseOf) -> HeatMap | Response:
    """Gives 168 cells, Kyiv time."""
    async with database.snapshot() as connection:
        report = await service.heat_map(connection, asked)
    return answer(report, "heat-map", asked.format)


@router.get(
    "/service-level",
    response_model=ServiceLevels,
    summary="How many were answered in time",
    responses={**documented(InvalidRequestError, ReportTooLargeError), **FILE_ANSWERS},
)
async def get_service_level(
    asked: Annotated[ServiceLevelQuestion, Query()], database: DatabaseOf
) -> ServiceLevels | Response:
    """Gives the service level by queue, with its threshold and formula."""
    async with database.snapshot() as connection:
        report = await service.service_level(connection, asked)
    return answer(report, "service-level", asked.format)


@router.get(
    "/distributions", response_model=Distributions, responses=FILE_ANSWERS, summary="Percentiles of waiting and talk"
)
async def get_distributions(
    asked: Annotated[DistributionQuestion, Query()], database: DatabaseOf
) -> Distributions | Response:
    """Gives p50, p90, p95 and the longest, exact."""
    async with database.snapshot() as connection:
        report = await service.distributions(connection, asked)
    return answer(report, "distributions", asked.format)


@router.get(
    "/abandoned", response_model=Abandoned, responses=FILE_ANSWERS, summary="Abandoned calls by where the caller was"
)
async def get_abandoned(asked: Annotated[GroupRange, Query()], database: DatabaseOf) -> Abandoned | Response:
    """Gives abandoned calls by outcome, short ones apart."""
    async with database.snapshot() as connection:
        report = await service.abandoned(connection, asked)
    return answer(report, "abandoned", asked.format)


@router.get("/menus", response_model=Menus, responses=FILE_ANSWERS, summary="What callers do in the menus")
async def get_menus(asked: Annotated[MenuQuestion, Query()], database: DatabaseOf) -> Menus | Response:
    """Gives wrong keys, silence, zero-outs and drop-outs by menu."""
    async with database.snapshot() as connection:
        report = await service.menus(connection, asked)
    return answer(report, "menus", asked.format)


@router.get("/operators", response_model=Operators, responses=FILE_ANSWERS, summary="Operators' work")
async def get_operators(asked: Annotated[OperatorQuestion, Query()], database: DatabaseOf) -> Operators | Response:
    """Gives handled calls, AHT, time logged in and paused, occupancy."""
    async with database.snapshot() as connection:
        report = await service.operators(connection, asked)
    return answer(report, "operators", asked.format)


@router.get("/repeat-callers", response_model=RepeatCallers, responses=FILE_ANSWERS, summary="Callers who came back")
async def get_repeat_callers(
    asked: Annotated[RepeatQuestion, Query()], database: DatabaseOf
) -> RepeatCallers | Response:
    """Gives how many calls were followed by another of the same number within a day."""
    async with database.snapshot() as connection:
        report = await service.repeat_callers(connection, asked)
    return answer(report, "repeat-callers", asked.format)
