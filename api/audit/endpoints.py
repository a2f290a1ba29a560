"""`GET /api/v1/audit`, `GET /api/v1/audit/verdict`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.audit import repository
from api.audit.chain import ChainRow
from api.audit.schemas import AuditFilters, AuditPage, AuditRow, AuditVerdict, VerifyQuery
from api.audit.trail import trail_of, verify
from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidCursorError, InvalidRequestError
from api.kit.pagination import Cursor, decode_cursor, encode_cursor, whole_number_of

router = APIRouter(prefix="/api/v1/audit", tags=["audit"], dependencies=[Depends(requires(Scope.AUDIT_READ))])


@router.get(
    "", summary="List who did what, newest first", responses=documented(InvalidRequestError, InvalidCursorError)
)
async def get_audit(filters: Annotated[AuditFilters, Query()], database: DatabaseOf) -> AuditPage:
    """Gives a page of the audit; `next_cursor` leads to the next one."""
    before_seq = whole_number_of(decode_cursor(filters.cursor)) if filters.cursor else None
    async with database.snapshot() as connection:
        rows = await repository.list_rows(connection, filters, before_seq)
    page = list(rows[: filters.limit])
    cursor = None
    if len(rows) > filters.limit:
        cursor = encode_cursor(Cursor(started_at=page[-1].at, call_id=str(page[-1].seq)))
    return AuditPage(rows=[_shown(row) for row in page], next_cursor=cursor)


@router.get("/verdict", summary="Tell whether the chain is whole", responses=documented(InvalidRequestError))
async def get_verdict(
    request: Request, expected: Annotated[VerifyQuery, Query()], database: DatabaseOf
) -> AuditVerdict:
    """Reads every row; tells rows that were altered, taken out or put in."""
    async with database.snapshot() as connection:
        return await verify(connection, trail_of(request).key, expected)


def _shown(row: ChainRow) -> AuditRow:
    fields = {name: getattr(row, name) for name in AuditRow.model_fields}
    return AuditRow.model_validate(fields | {"hash": row.hash.hex()})
