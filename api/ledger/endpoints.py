"""`GET /api/v1/ledger`, `POST /api/v1/rebuild`."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.evidence.records import EARLIEST, LATEST
from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError
from api.ledger import service
from api.ledger.schemas import Ledger, RebuildProgress, RebuildRequest
from api.settings import ApiSettings

router = APIRouter(prefix="/api/v1", tags=["ledger"])

DayQuery = Annotated[
    date | None, Query(ge=EARLIEST.date(), lt=LATEST.date(), description="A day of Europe/Kyiv; left out: today.")
]


@router.get(
    "/ledger",
    summary="Compare the witnesses of a day with the call log",
    dependencies=[Depends(requires(Scope.AUDIT_READ))],
    responses=documented(InvalidRequestError),
)
async def get_ledger(request: Request, database: DatabaseOf, day: DayQuery = None) -> Ledger:
    """Gives what Asterisk counted and recorded beside the calls of the log, and every difference. Normal: none."""
    settings: ApiSettings = request.app.state.settings
    now = datetime.now(UTC)
    async with database.snapshot() as connection:
        return await service.ledger_of(
            connection, day or service.day_of(now), now - timedelta(seconds=settings.ledger_settle_s)
        )


@router.post(
    "/rebuild",
    summary="Fold calls anew from their evidence, one step",
    dependencies=[Depends(requires(Scope.EVIDENCE_REBUILD))],
    responses=documented(BodyTooSlowError, BodyTooLargeError, InvalidRequestError),
    openapi_extra=json_body_document(RebuildRequest),
)
async def post_rebuild(
    asked: Annotated[RebuildRequest, Depends(json_body(RebuildRequest))], database: DatabaseOf
) -> RebuildProgress:
    """Takes the next hour that has evidence; ask again with `next_since` until it is null. May be repeated."""
    async with database.transaction() as connection:
        return await service.rebuild_step(connection, asked.since, goes_on=asked.goes_on)
