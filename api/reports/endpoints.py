"""`GET /api/v1/reports/…`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidRequestError
from api.reports import service
from api.reports.errors import ReportTooLargeError
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
    summary="Calls by day, week, month or year, and by office, queue, service or language",
    responses=documented(InvalidRequestError, ReportTooLargeError),
)
async def get_summary(asked: Annotated[SummaryQuestion, Query()], database: DatabaseOf) -> Summary:
    """Gives one row a period and group, and the total."""
    async with database.snapshot() as connection:
        return await service.summary(connection, asked)


@router.get("/heat-map", summary="Calls by weekday and hour")
async def get_heat_map(asked: Annotated[GroupRange, Query()], database: DatabaseOf) -> HeatMap:
    """Gives 168 cells, Kyiv time."""
    async with database.snapshot() as connection:
        return await service.heat_map(connection, asked)


@router.get(
    "/service-level",
    summary="How many were answered in time",
    responses=documented(InvalidRequestError, ReportTooLargeError),
)
async def get_service_level(asked: Annotated[ServiceLevelQuestion, Query()], database: DatabaseOf) -> ServiceLevels:
    """Gives the service level by queue, with its threshold and formula."""
    async with database.snapshot() as connection:
        return await service.service_level(connection, asked)


@router.get("/distributions", summary="Percentiles of waiting and talk")
async def get_distributions(asked: Annotated[DistributionQuestion, Query()], database: DatabaseOf) -> Distributions:
    """Gives p50, p90, p95 and the longest, exact."""
    async with database.snapshot() as connection:
        return await service.distributions(connection, asked)


@router.get("/abandoned", summary="Abandoned calls by where the caller was")
async def get_abandoned(asked: Annotated[GroupRange, Query()], database: DatabaseOf) -> Abandoned:
    """Gives abandoned calls by outcome, short ones apart."""
    async with database.snapshot() as connection:
        return await service.abandoned(connection, asked)


@router.get("/menus", summary="What callers do in the menus")
async def get_menus(asked: Annotated[MenuQuestion, Query()], database: DatabaseOf) -> Menus:
    """Gives wrong keys, silence, zero-outs and drop-outs by menu."""
    async with database.snapshot() as connection:
        return await service.menus(connection, asked)


@router.get("/operators", summary="Operators' work")
async def get_operators(asked: Annotated[OperatorQuestion, Query()], database: DatabaseOf) -> Operators:
    """Gives handled calls, AHT, time logged in and paused, occupancy."""
    async with database.snapshot() as connection:
        return await service.operators(connection, asked)


@router.get("/repeat-callers", summary="Callers who came back")
async def get_repeat_callers(asked: Annotated[RepeatQuestion, Query()], database: DatabaseOf) -> RepeatCallers:
    """Gives how many calls were followed by another of the same number within a day."""
    async with database.snapshot() as connection:
        return await service.repeat_callers(connection, asked)
