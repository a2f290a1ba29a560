"""`/api/v1/detention-reports`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import JsonValue

from api.audit.actions import Action
from api.audit.trail import AuditOf, AuditTrail
from api.detention import service
from api.detention.errors import (
    CannotJoinError,
    FieldsInvalidError,
    MomentInvalidError,
    NoFormError,
    NotJoinedError,
    NumbersUsedUpError,
    ReportJoinedError,
    RevisionConflictError,
    TooManyRowsError,
)
from api.detention.schemas import (
    Filling,
    FormNow,
    History,
    JoinRequest,
    LawyerNews,
    NewReport,
    Period,
    Report,
    ReportFilters,
    ReportId,
    ReportPage,
    Statistics,
)
from api.detention.service import Desk
from api.kit.answers import Responses, documented
from api.kit.auth import PrincipalOf, Scope, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import Database, DatabaseOf
from api.kit.exceptions import (
    BodyTooLargeError,
    BodyTooSlowError,
    InvalidCursorError,
    InvalidRequestError,
    NotFoundError,
)
from api.kit.numbers import NumberVault
from api.plans.errors import NoPlanError

router = APIRouter(prefix="/api/v1/detention-reports", tags=["detention reports"])

_READS = [Depends(requires(Scope.DETENTION_READ))]
_WRITES = [Depends(requires(Scope.DETENTION_WRITE))]
_BODY_ERRORS = (BodyTooSlowError, BodyTooLargeError, InvalidRequestError)
_FORM_ERRORS = (NoPlanError, NoFormError, FieldsInvalidError)
_CHANGE_ERRORS = (NotFoundError, ReportJoinedError, RevisionConflictError)
CSV_TYPE = "text/csv; charset=utf-8"

ReportIdPath = Annotated[ReportId, Path(examples=[42])]


def _vault(request: Request) -> NumberVault:
    vault = request.app.state.vault
    assert isinstance(vault, NumberVault)  # noqa: S101  create_app puts it there
    return vault


VaultOf = Annotated[NumberVault, Depends(_vault)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingDesk:
    """Writes in the name of who asks, and leaves a row in the audit for each change."""

    database: Database
    vault: NumberVault
    author: str
    audit: AuditTrail

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Desk]:
        """Gives the desk in a transaction that commits at the end of the block."""
        async with self.database.transaction() as connection:
            yield Desk(connection=connection, vault=self.vault, author=self.author)

    async def note(self, desk: Desk, report_id: int, **details: JsonValue) -> None:
        """Adds the row of a change; it holds names of fields, never what stands in them."""
        subject = f"detention report {report_id}"
        await self.audit.record(desk.connection, Action.RECORD_CHANGED, subject=subject, details=details)


def _writing_desk(database: DatabaseOf, vault: VaultOf, principal: PrincipalOf, audit: AuditOf) -> WritingDesk:
    return WritingDesk(database=database, vault=vault, author=principal.name, audit=audit)


WritingDeskOf = Annotated[WritingDesk, Depends(_writing_desk)]


@router.post(
    "",
    summary="Make a report by hand",
    status_code=201,
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, *_FORM_ERRORS, MomentInvalidError, NumbersUsedUpError),
    openapi_extra=json_body_document(NewReport),
)
async def post_report(
    body: Annotated[NewReport, Depends(json_body(NewReport))],
    writing: WritingDeskOf,
) -> Report:
    """Takes a report, whatever is known so far, and gives it a registration number with a check digit.

    One on the same person, place and time as another is joined to it: `joined_to` names it.
    """
    async with writing.open() as desk:
        report = await service.make_report(desk, body)
        await writing.note(desk, report.report_id, fields=[*sorted(body.values)])
    return report


@router.get(
    "",
    summary="List reports, newest first",
    dependencies=_READS,
    responses=documented(InvalidRequestError, InvalidCursorError),
)
async def get_reports(filters: Annotated[ReportFilters, Query()], database: DatabaseOf, vault: VaultOf) -> ReportPage:
    """Gives a page of reports with their countdowns."""
    async with database.snapshot() as connection:
        return await service.page_of_reports(connection, vault, filters)


@router.get(
    "/form",
    summary="Give the form that reports are filled in by",
    dependencies=_READS,
    responses=documented(NoPlanError, NoFormError),
)
async def get_form(database: DatabaseOf) -> FormNow:
    """Gives the fields of the plan in force."""
    async with database.snapshot() as connection:
        return await service.form_in_force(connection)


@router.get(
    "/statistics",
    summary="Tell how long things took",
    dependencies=_READS,
    responses=documented(InvalidRequestError, TooManyRowsError),
)
async def get_statistics(period: Annotated[Period, Query()], database: DatabaseOf) -> Statistics:
    """Counts reports by how long a lawyer took to be named, and by how late the detention was reported."""
    async with database.snapshot() as connection:
        return await service.statistics(connection, period)


_CSV: Responses = {
    200: {"description": "A table", "content": {"text/csv": {"schema": {"type": "string"}, "example": "report_id,…"}}}
}


@router.get(
    "/export",
    summary="Give reports as CSV",
    dependencies=_READS,
    response_class=Response,
    responses={**documented(InvalidRequestError, TooManyRowsError), **_CSV},
)
async def get_export(
    period: Annotated[Period, Query()], database: DatabaseOf, vault: VaultOf, audit: AuditOf
) -> Response:
    """Gives the reports of a time; leaves a row in the audit."""
    async with database.transaction() as connection:
        text, count = await service.csv_of_reports(connection, vault, period)
        told: dict[str, JsonValue] = {
            "from": period.received_from.isoformat(),
            "to": period.received_before.isoformat(),
            "rows": count,
        }
        await audit.record(connection, Action.DETENTION_EXPORTED, subject="detention-reports", details=told)
    headers = {"Content-Disposition": 'attachment; filename="detention-reports.csv"', "Cache-Control": "no-store"}
    return Response(text, media_type=CSV_TYPE, headers=headers)


@router.get(
    "/{report_id}",
    summary="Give one report",
    dependencies=_READS,
    responses=documented(NotFoundError, InvalidRequestError),
)
async def get_report(report_id: ReportIdPath, database: DatabaseOf, vault: VaultOf) -> Report:
    """Gives a report, what is missing in it, and the reports that are joined to it."""
    async with database.snapshot() as connection:
        return await service.read_report(connection, vault, report_id)


@router.get(
    "/{report_id}/history",
    summary="Tell every change of a report",
    dependencies=_READS,
    responses=documented(NotFoundError, InvalidRequestError),
)
async def get_history(report_id: ReportIdPath, database: DatabaseOf, vault: VaultOf) -> History:
    """Gives who changed which field when, from what to what."""
    async with database.snapshot() as connection:
        return await service.history(connection, vault, report_id)


@router.patch(
    "/{report_id}",
    summary="Write what became known",
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, *_FORM_ERRORS, *_CHANGE_ERRORS, NumbersUsedUpError),
    openapi_extra=json_body_document(Filling),
)
async def patch_report(
    report_id: ReportIdPath,
    body: Annotated[Filling, Depends(json_body(Filling))],
    writing: WritingDeskOf,
) -> Report:
    """Fills in fields of the form; of two people who write at once one gets 409."""
    async with writing.open() as desk:
        report = await service.fill(desk, report_id, body)
        await writing.note(desk, report_id, fields=[*sorted(body.values)])
    return report


@router.put(
    "/{report_id}/lawyer",
    summary="Tell which lawyer was named, and when the lawyer arrived",
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, *_CHANGE_ERRORS, MomentInvalidError),
    openapi_extra=json_body_document(LawyerNews),
)
async def put_lawyer(
    report_id: ReportIdPath,
    body: Annotated[LawyerNews, Depends(json_body(LawyerNews))],
    writing: WritingDeskOf,
) -> Report:
    """Ends the countdown; sent again, it tells the arrival or mends what was told."""
    async with writing.open() as desk:
        report = await service.set_lawyer(desk, report_id, body)
        await writing.note(desk, report_id, fields="lawyer")
    return report


@router.put(
    "/{report_id}/join",
    summary="Join a report to another on the same detention",
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, NotFoundError, CannotJoinError, ReportJoinedError),
    openapi_extra=json_body_document(JoinRequest),
)
async def put_join(
    report_id: ReportIdPath,
    body: Annotated[JoinRequest, Depends(json_body(JoinRequest))],
    writing: WritingDeskOf,
) -> Report:
    """Gives the report that it is joined to; neither loses anything, and they can be parted again."""
    async with writing.open() as desk:
        report = await service.join(desk, report_id, body)
        await writing.note(desk, report_id, into=body.into)
    return report


@router.delete(
    "/{report_id}/join",
    summary="Part a report from the one that it is joined to",
    dependencies=_WRITES,
    responses=documented(NotFoundError, NotJoinedError, InvalidRequestError),
)
async def delete_join(report_id: ReportIdPath, writing: WritingDeskOf) -> Report:
    """They were on two people after all."""
    async with writing.open() as desk:
        report = await service.part(desk, report_id)
        await writing.note(desk, report_id, into=None)
    return report
