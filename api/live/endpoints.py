"""`/api/v1/live`: the board now, and the stream of its changes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request

from api.kit.answers import Responses, documented
from api.kit.auth import Scope, StillAllowed, requires, still_allowed
from api.kit.event_stream import MEDIA_TYPE, EventStream
from api.kit.exceptions import InvalidRequestError
from api.live.board import live_board
from api.live.schemas import LiveBoard
from api.live.watch import LiveWatch
from api.nodes.endpoints import stream_rules
from api.settings import ApiSettings

router = APIRouter(prefix="/api/v1/live", tags=["live"], dependencies=[Depends(requires(Scope.LIVE_READ))])

EVENT_ID_LIMIT_CHARS = 100
_EVENTS = (
    'event: board\nid: 1f0c5a7e-12\ndata: {"nodes": [], "queues": [], "operators": {}}\n\n'
    'event: node\nid: 1f0c5a7e-13\ndata: {"node": "node1", "is_fresh": true}\n\n'
    'event: gap\ndata: {"missed": 90}\n\n'
    ": alive\n\n"
)
_STREAM = {
    "description": "Events `board`, `node`, `gone`, `gap`",
    "content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EVENTS}},
}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
_STREAM_ERRORS: Responses = {
    status: {"description": answer["description"], "content": _ERROR}
    for status, answer in documented(InvalidRequestError).items()
}
"""FastAPI would document them as events, like the stream itself."""


def _watch(request: Request) -> LiveWatch:
    watch = request.app.state.live
    assert isinstance(watch, LiveWatch)  # noqa: S101  create_app puts it there
    return watch


LiveWatchOf = Annotated[LiveWatch, Depends(_watch)]


@router.get("", summary="Tell who waits and who answers now", responses=documented())
async def get_live(watch: LiveWatchOf) -> LiveBoard:
    """Gives every node's board, and queues and operators over all nodes that are to be believed."""
    return live_board(await watch.refresh())


@router.get(
    "/stream",
    summary="Listen for changes of the board",
    status_code=200,
    response_class=EventStream,
    responses={200: _STREAM, **_STREAM_ERRORS},
)
async def get_live_stream(
    request: Request,
    watch: LiveWatchOf,
    is_allowed: Annotated[StillAllowed, Depends(still_allowed(Scope.LIVE_READ))],
    last_event_id: Annotated[
        str | None, Header(max_length=EVENT_ID_LIMIT_CHARS, description="The last event that was heard.")
    ] = None,
) -> EventStream:
    """Sends the whole board, then each node that changes (server-sent events); comments keep it alive.

    With `Last-Event-ID` it goes on after that event; when that is no longer kept, `gap` and the whole board come. Who
    reads too slowly gets `gap` and the end of the stream, and can come again with the id that it had.
    """
    settings: ApiSettings = request.app.state.settings
    await watch.refresh()
    return EventStream(watch.events(last_event_id), stream_rules(settings, is_allowed))
