"""`GET /api/v1/calls`, its export, the search by number, `GET /api/v1/calls/{call_id}`."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.calls import repository, service
from api.calls.errors import ExportTooLargeError
from api.calls.export import CSV_TYPE, XLSX_TYPE, export_calls
from api.calls.filters import CallExport, CallFilters
from api.calls.recorded import with_links
from api.calls.schemas import CallJourney, CallPage, NumberFound, NumberSearch
from api.kit.answers import Responses, documented
from api.kit.auth import PrincipalOf, Scope, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import (
    BodyTooLargeError,
    BodyTooSlowError,
    InvalidCursorError,
    InvalidRequestError,
    NotFoundError,
)
from api.kit.numbers import NumberVault
from api.settings import ApiSettings

router = APIRouter(prefix="/api/v1", tags=["calls"], dependencies=[Depends(requires(Scope.CALLS_READ))])

CallIdPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,150}$", examples=["node1-1795510790.7"])]
_FILE = {"type": "string", "format": "binary"}
_EXPORT_ANSWER: Responses = {
    200: {
        "description": "The file; it is streamed. A connection that breaks in it means that it is not whole.",
        "content": {CSV_TYPE.partition(";")[0]: {"schema": _FILE}, XLSX_TYPE: {"schema": _FILE}},
    }
}


@router.get("/calls", summary="List calls, newest first", responses=documented(InvalidRequestError, InvalidCursorError))
async def get_calls(filters: Annotated[CallFilters, Query()], principal: PrincipalOf, database: DatabaseOf) -> CallPage:
    """Gives a page of calls; `next_cursor` leads to the next one, with the same filters and order."""
    async with database.snapshot() as connection:
        return await service.page_of_calls(connection, filters.seen_by(principal.taken_part))


@router.get(
    "/calls/export",
    summary="Get all calls of a selection as CSV or XLSX",
    dependencies=[Depends(requires(Scope.CALLS_EXPORT))],
    response_class=StreamingResponse,
    responses={**documented(InvalidRequestError, ExportTooLargeError), **_EXPORT_ANSWER},
)
async def get_calls_export(
    wanted: Annotated[CallExport, Query()], request: Request, audit: AuditOf, database: DatabaseOf
) -> StreamingResponse:
    """Gives the selection as one file; no text in it is taken for a formula. Numbers are masked."""
    settings: ApiSettings = request.app.state.settings
    answer = await export_calls(database, wanted, limit_rows=settings.export_limit_rows)
    details = wanted.model_dump(mode="json", exclude_none=True, by_alias=True)
    async with database.transaction() as connection:
        await audit.record(connection, Action.CALLS_EXPORTED, subject="calls", details=details)
    return answer


@router.post(
    "/calls/search-number",
    summary="Tell the pseudonym of a number",
    dependencies=[Depends(requires(Scope.NUMBERS_READ))],
    responses=documented(BodyTooSlowError, BodyTooLargeError, InvalidRequestError),
    openapi_extra=json_body_document(NumberSearch),
)
async def post_search_number(
    wanted: Annotated[NumberSearch, Depends(json_body(NumberSearch))], request: Request, database: DatabaseOf
) -> NumberFound:
    """Gives the pseudonym to filter calls by; every form of the same number has the same one."""
    vault: NumberVault = request.app.state.vault
    pseudonym = vault.pseudonym(wanted.number)
    async with database.snapshot() as connection:
        return NumberFound(pseudonym=pseudonym, calls=await repository.count_of_number(connection, pseudonym))


@router.get(
    "/calls/{call_id}",
    summary="Tell the whole journey of one call",
    responses=documented(NotFoundError, InvalidRequestError),
)
async def get_call(call_id: CallIdPath, request: Request, principal: PrincipalOf, database: DatabaseOf) -> CallJourney:
    """Gives menus, decisions with their reasons, queues, recordings, channels and the timeline of a call."""
    settings: ApiSettings = request.app.state.settings
    async with database.snapshot() as connection:
        journey = await service.journey_of_call(connection, call_id, principal.taken_part)
    linked = await asyncio.to_thread(with_links, journey.recordings, settings.recordings_folder)
    return journey.model_copy(update={"recordings": linked})
