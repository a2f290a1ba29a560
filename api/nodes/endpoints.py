"""`/api/v1/nodes`: what nodes tell of themselves, and the stream that tells them what to have in force."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from api.evidence.schemas import NodeName
from api.kit.answers import Responses, documented
from api.kit.auth import Scope, StillAllowed, requires, still_allowed
from api.kit.body import json_body, json_body_document
from api.kit.database import DatabaseOf
from api.kit.event_stream import MEDIA_TYPE, EventStream, StreamRules
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError
from api.nodes import repository
from api.nodes.schemas import LiveReport, NodeList, NodeNow
from api.nodes.watch import DesiredWatch
from api.settings import ApiSettings

router = APIRouter(prefix="/api/v1", tags=["nodes"])

NodePath = Annotated[NodeName, Path(examples=["node1"])]
_READS = [Depends(requires(Scope.PLANS_READ))]
_EVENT = (
    "event: desired\n"
    "id: 5d41402abc4b2a76\n"
    'data: {"plan_version": "0123456789abcdef", "overrides": [], "revision": "5d41402abc4b2a76"}\n\n'
    ": alive\n\n"
)
_STREAM = {
    "description": "Events `desired`: the whole state; `command`: something to be done now, once",
    "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EVENT}},
}

_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
_STREAM_ERRORS: Responses = {
    status: {"description": answer["description"], "content": _ERROR}
    for status, answer in documented(InvalidRequestError).items()
}
"""FastAPI would document them as events, like the stream itself."""


@router.put(
    "/nodes/{node}/live",
    summary="Tell how a node is",
    status_code=204,
    dependencies=[Depends(requires(Scope.LIVE_WRITE))],
    responses=documented(BodyTooSlowError, BodyTooLargeError, InvalidRequestError),
    openapi_extra=json_body_document(LiveReport),
)
async def put_live(
    node: NodePath, report: Annotated[LiveReport, Depends(json_body(LiveReport))], database: DatabaseOf
) -> None:
    """Keeps the report in place of the node's last one; /readyz reads it."""
    async with database.transaction() as connection:
        await repository.store_report(connection, node, report)


@router.get("/nodes", summary="List the nodes", dependencies=_READS, responses=documented())
async def get_nodes(request: Request, database: DatabaseOf) -> NodeList:
    """Gives every node that ever reported, with its last report and how old that is."""
    settings: ApiSettings = request.app.state.settings
    async with database.snapshot() as connection:
        states = await repository.node_states(connection)
    return NodeList(
        nodes=[
            NodeNow(
                node=state.node,
                age_s=round(state.age_s, 3),
                is_fresh=state.age_s <= settings.live_stale_s,
                report=state.report,
            )
            for state in states
        ]
    )


@router.get(
    "/nodes/{node}/stream",
    summary="Listen for the plan and the overrides to have in force",
    dependencies=_READS,
    status_code=200,
    response_class=EventStream,
    responses={200: _STREAM, **_STREAM_ERRORS},
)
async def get_stream(
    node: NodePath, request: Request, is_allowed: Annotated[StillAllowed, Depends(still_allowed(Scope.PLANS_READ))]
) -> EventStream:
    """Sends the desired state at once and whenever it changes (server-sent events); comments keep it alive.

    An event is the whole state, so that one that is missed costs nothing.
    """
    watch: DesiredWatch = request.app.state.watch
    settings: ApiSettings = request.app.state.settings
    first = await watch.refresh()
    return EventStream(watch.events(node, first), stream_rules(settings, is_allowed))


def stream_rules(settings: ApiSettings, is_allowed: StillAllowed) -> StreamRules:
    """Gives when a stream ends."""
    return StreamRules(
        send_deadline_s=settings.stream_send_deadline_s, recheck_s=settings.stream_recheck_s, is_allowed=is_allowed
    )
