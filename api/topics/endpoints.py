"""What calls were about: `/api/v1/calls/{call_id}/topics`, `/api/v1/topics`, `/api/v1/reports/topics`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.calls.endpoints import CallIdPath
from api.kit.answers import documented
from api.kit.auth import PrincipalOf, Scope, requires
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError, NotFoundError
from api.plans.errors import NoPlanError
from api.topics import service
from api.topics.errors import UnknownRegionError, UnknownTopicError
from api.topics.schemas import CallTopics, ShareQuery, TopicRequest, TopicShares, TopicTree

router = APIRouter(prefix="/api/v1", tags=["topics"])


@router.put(
    "/calls/{call_id}/topics",
    summary="Say what a call was about",
    dependencies=[Depends(requires(Scope.TOPICS_WRITE))],
    responses=documented(
        BodyTooSlowError,
        BodyTooLargeError,
        InvalidRequestError,
        NotFoundError,
        NoPlanError,
        UnknownTopicError,
        UnknownRegionError,
    ),
    openapi_extra=json_body_document(TopicRequest),
)
async def put_topics(
    call_id: CallIdPath,
    body: Annotated[TopicRequest, Depends(json_body(TopicRequest))],
    request: Request,
    database: DatabaseOf,
    audit: AuditOf,
) -> CallTopics:
    """Classifies a call, during it or afterwards, again as often as needed: what was said before is kept."""
    async with database.transaction() as connection:
        answer = await service.classify(connection, request.app.state.vault, call_id, body, audit.principal)
        details = {"topic": body.topic, "region": body.region}
        await audit.record(connection, Action.RECORD_CHANGED, subject=f"call {call_id} topics", details=details)
    return answer


@router.get(
    "/calls/{call_id}/topics",
    summary="Tell what a call was about, and who said so",
    dependencies=[Depends(requires(Scope.CALLS_READ))],
    responses=documented(InvalidRequestError, NotFoundError),
)
async def get_call_topics(
    call_id: CallIdPath, request: Request, database: DatabaseOf, principal: PrincipalOf
) -> CallTopics:
    """Gives the last word and those before it."""
    async with database.snapshot() as connection:
        return await service.topics_of_call(connection, request.app.state.vault, call_id, principal)


@router.get(
    "/topics",
    summary="List the topics that calls can be about",
    dependencies=[Depends(requires(Scope.PLANS_READ))],
    responses=documented(NoPlanError),
)
async def get_tree(database: DatabaseOf) -> TopicTree:
    """Gives the tree of the plan in force."""
    async with database.snapshot() as connection:
        return await service.tree(connection)


@router.get(
    "/reports/topics",
    tags=["reports"],
    summary="Tell what calls were about",
    dependencies=[Depends(requires(Scope.REPORTS_READ))],
    responses=documented(InvalidRequestError, NoPlanError),
)
async def get_shares(query: Annotated[ShareQuery, Query()], database: DatabaseOf) -> TopicShares:
    """Gives each topic's share of the answered calls that are classified; the formula stands beside the numbers."""
    async with database.snapshot() as connection:
        return await service.shares(connection, query)
