"""`GET /api/v1/calls`, `GET /api/v1/calls/{call_id}`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.calls import service
from api.calls.filters import CallFilters
from api.calls.schemas import CallJourney, CallPage
from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidRequestError, NotFoundError

router = APIRouter(prefix="/api/v1", tags=["calls"], dependencies=[Depends(requires(Scope.CALLS_READ))])

CallIdPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,150}$", examples=["node1-1795510790.7"])]


@router.get("/calls", summary="List calls, newest first", responses=documented(InvalidRequestError))
async def get_calls(filters: Annotated[CallFilters, Query()], database: DatabaseOf) -> CallPage:
    """Gives a page of calls; `next_cursor` leads to the next one."""
    async with database.snapshot() as connection:
        return await service.page_of_calls(connection, filters)


@router.get(
    "/calls/{call_id}",
    summary="Tell the whole journey of one call",
    responses=documented(NotFoundError, InvalidRequestError),
)
async def get_call(call_id: CallIdPath, database: DatabaseOf) -> CallJourney:
    """Gives menus, decisions with their reasons, queues, channels and the timeline of a call."""
    async with database.snapshot() as connection:
        return await service.journey_of_call(connection, call_id)
