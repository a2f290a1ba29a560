"""`/api/v1/plans`: publish, roll back, read, rehearse."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import JsonValue

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.kit.answers import documented
from api.kit.auth import PrincipalOf, Scope, author_of, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import (
    BodyTooLargeError,
    BodyTooSlowError,
    InvalidCursorError,
    InvalidRequestError,
    NotFoundError,
)
from api.kit.words import VersionText
from api.plans import service
from api.plans.checks import checked_plan
from api.plans.errors import (
    NoPlanError,
    NothingToRollBackError,
    PlanConflictError,
    PlanInvalidError,
    PlanNotProvenError,
    PlanUnchangedError,
    UnknownDidError,
)
from api.plans.schemas import (
    PageQuery,
    PlanSubmission,
    Publication,
    PublicationPage,
    RollbackRequest,
    SimulationAnswer,
    SimulationRequest,
    StoredPlan,
)

router = APIRouter(prefix="/api/v1/plans", tags=["plans"])

_READS = [Depends(requires(Scope.PLANS_READ))]
_WRITES = [Depends(requires(Scope.PLANS_WRITE))]
_BODY_ERRORS = (BodyTooSlowError, BodyTooLargeError, InvalidRequestError)


@router.post(
    "",
    summary="Publish a plan",
    status_code=201,
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, PlanInvalidError, PlanNotProvenError, PlanConflictError, PlanUnchangedError),
    openapi_extra=json_body_document(PlanSubmission),
)
async def post_plan(
    submission: Annotated[PlanSubmission, Depends(json_body(PlanSubmission, is_plan=True))],
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> Publication:
    """Proves the plan and puts it in force: nodes take it for the calls that come then.

    Of two people who publish at once one wins, the other gets 409 with who and when.
    """
    submission = submission.model_copy(update={"author": author_of(principal, submission.author)})
    plan = await asyncio.to_thread(checked_plan, submission.document, service.now())
    async with database.transaction() as connection:
        publication = await service.publish(connection, submission, plan)
        await audit.record(connection, Action.PLAN_PUBLISHED, subject=publication.version, details=_told(publication))
    return publication


@router.post(
    "/rollback",
    summary="Go back to the plan before",
    status_code=201,
    dependencies=_WRITES,
    responses=documented(*_BODY_ERRORS, PlanConflictError, NothingToRollBackError),
    openapi_extra=json_body_document(RollbackRequest),
)
async def post_rollback(
    request: Annotated[RollbackRequest, Depends(json_body(RollbackRequest))],
    principal: PrincipalOf,
    audit: AuditOf,
    database: DatabaseOf,
) -> Publication:
    """Puts the version before the current one in force; a second time goes forward again."""
    request = request.model_copy(update={"author": author_of(principal, request.author)})
    async with database.transaction() as connection:
        publication = await service.roll_back(connection, request)
        await audit.record(connection, Action.PLAN_ROLLED_BACK, subject=publication.version, details=_told(publication))
    return publication


def _told(publication: Publication) -> dict[str, JsonValue]:
    """Gives what the audit keeps beside who asked."""
    return {
        "author": publication.author,
        "reason": publication.reason,
        "previous_version": publication.previous_version,
    }


@router.get(
    "",
    summary="List publications, newest first",
    dependencies=_READS,
    responses=documented(InvalidRequestError, InvalidCursorError),
)
async def get_plans(query: Annotated[PageQuery, Query()], database: DatabaseOf) -> PublicationPage:
    """Gives who put which version in force when and why."""
    async with database.snapshot() as connection:
        return await service.page_of_publications(connection, query)


@router.get("/current", summary="Tell which plan is in force", dependencies=_READS, responses=documented(NoPlanError))
async def get_current(database: DatabaseOf) -> Publication:
    """Gives the newest publication."""
    async with database.snapshot() as connection:
        return await service.current(connection)


@router.get(
    "/{version}",
    summary="Give one version of the plan, whole",
    dependencies=_READS,
    responses=documented(NotFoundError, InvalidRequestError),
)
async def get_plan(
    version: Annotated[VersionText, Path(examples=["0123456789abcdef"])], database: DatabaseOf
) -> StoredPlan:
    """Gives the snapshot."""
    async with database.snapshot() as connection:
        return await service.plan_of(connection, version)


@router.post(
    "/simulate",
    summary="Tell where a call would go, and why",
    dependencies=_READS,
    responses=documented(*_BODY_ERRORS, UnknownDidError, NotFoundError, NoPlanError),
    openapi_extra=json_body_document(SimulationRequest),
)
async def post_simulate(
    request: Annotated[SimulationRequest, Depends(json_body(SimulationRequest))], database: DatabaseOf
) -> SimulationAnswer:
    """Rehearses one call with the overrides that are in force; changes nothing."""
    async with database.snapshot() as connection:
        return await service.rehearse(connection, request)
