"""`PUT /api/v1/nodes/{node}/live`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ValidationError

from api.evidence.schemas import NodeName
from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.body import read_body
from api.kit.database import DatabaseOf
from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError
from api.nodes import repository
from api.nodes.schemas import LiveReport
from api.settings import ApiSettings

router = APIRouter(prefix="/api/v1", tags=["nodes"])

_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": LiveReport.model_json_schema()}}}}


async def _report(request: Request) -> LiveReport:
    settings: ApiSettings = request.app.state.settings
    body = await read_body(request, limit_bytes=settings.document_limit_bytes, deadline_s=settings.body_deadline_s)
    try:
        return LiveReport.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "body"
        raise InvalidRequestError(f"{place}: {first['msg']}"[:300]) from None


@router.put(
    "/nodes/{node}/live",
    summary="Tell how a node is",
    status_code=204,
    dependencies=[Depends(requires(Scope.LIVE_WRITE))],
    responses=documented(BodyTooSlowError, BodyTooLargeError, InvalidRequestError),
    openapi_extra=_BODY,
)
async def put_live(
    node: Annotated[NodeName, Path()], report: Annotated[LiveReport, Depends(_report)], database: DatabaseOf
) -> None:
    """Keeps the report in place of the node's last one; /readyz reads it."""
    async with database.transaction() as connection:
        await repository.store_report(connection, node, report)
