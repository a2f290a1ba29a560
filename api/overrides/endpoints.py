"""`/api/v1/overrides`: set, list, clear."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import JsonValue

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.kit.answers import documented
from api.kit.auth import Principal, PrincipalOf, Scope, author_of, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import (
    BodyTooLargeError,
    BodyTooSlowError,
    InvalidCursorError,
    InvalidRequestError,
    NotFoundError,
)
from api.overrides import service
from api.overrides.errors import (
    DestinationInvalidError,
    OverrideOverError,
    UnknownTargetError,
    UntilInPastError,
    UntilTooFarError,
)
from api.overrides.schemas import ClearQuery, OverrideFilters, OverridePage, OverrideRequest, StoredOverride
from api.plans.errors import NoPlanError

router = APIRouter(prefix="/api/v1/overrides", tags=["overrides"])

_AUDITED = {"scope", "target", "action", "destination", "until", "reason", "author"}
_WRITES = [Depends(requires(Scope.OVERRIDES_WRITE))]
OverrideIdPath = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$", examples=["o1f0c5a7e9b2d"])]


@router.post(
    "",
    summary="Lay a switch over the plan",
    status_code=201,
    dependencies=_WRITES,
    responses=documented(
        BodyTooSlowError,
        BodyTooLargeError,
        InvalidRequestError,
        UnknownTargetError,
        DestinationInvalidError,
        UntilInPastError,
        UntilTooFarError,
        NoPlanError,
    ),
    openapi_extra=json_body_document(OverrideRequest),
)
async def post_override(
    request: Annotated[OverrideRequest, Depends(json_body(OverrideRequest))],
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> StoredOverride:
    """Sets an override; it ends by itself at `until`, and calls tell it among their reasons."""
    request = request.model_copy(update={"author": author_of(principal, request.author)})
    async with database.transaction() as connection:
        override = await service.set_override(connection, request)
        details = override.model_dump(mode="json", include=_AUDITED)
        await audit.record(connection, Action.OVERRIDE_SET, subject=override.id, details=details)
    return override


@router.get(
    "",
    summary="List overrides, newest first",
    dependencies=[Depends(requires(Scope.PLANS_READ))],
    responses=documented(InvalidRequestError, InvalidCursorError),
)
async def get_overrides(filters: Annotated[OverrideFilters, Query()], database: DatabaseOf) -> OverridePage:
    """Gives who switched what, why and until when; those that are over too unless `active` is given."""
    async with database.snapshot() as connection:
        return await service.page_of_overrides(connection, filters)


@router.delete(
    "/{override_id}",
    summary="End an override before its time",
    dependencies=_WRITES,
    responses=documented(NotFoundError, OverrideOverError, InvalidRequestError),
)
async def delete_override(
    override_id: OverrideIdPath,
    query: Annotated[ClearQuery, Query()],
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> StoredOverride:
    """Clears it; it stays in the list with who and when. A person who is logged in is the author, whatever is told."""
    author = _author_of(principal, query)
    async with database.transaction() as connection:
        override = await service.clear_override(connection, override_id, author)
        details: dict[str, JsonValue] = {"author": author}
        await audit.record(connection, Action.OVERRIDE_CLEARED, subject=override_id, details=details)
    return override


def _author_of(principal: Principal, query: ClearQuery) -> str:
    author = author_of(principal, query.author or "")
    if not author:
        raise InvalidRequestError("author: a machine tells who clears")
    return author
