"""`POST /api/v1/evidence`."""

import asyncio
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request

from api.evidence import service
from api.evidence.schemas import EvidenceLine, IngestAnswer
from api.evidence.sorting import Batch, read_envelopes, sort_batch
from api.kit.answers import documented
from api.kit.auth import Scope, requires
from api.kit.body import read_body, unpack, whole_schema
from api.kit.database import DatabaseOf
from api.kit.exceptions import (
    BodyTooLargeError,
    BodyTooSlowError,
    MalformedEnvelopeError,
    UnsupportedEncodingError,
)
from api.kit.numbers import NumberVault
from api.settings import ApiSettings

log = structlog.get_logger()

router = APIRouter(prefix="/api/v1", tags=["evidence"])

_BODY = {
    "requestBody": {
        "required": True,
        "description": "One JSON object a line; Content-Encoding may be gzip.",
        "content": {"application/x-ndjson": {"schema": whole_schema(EvidenceLine)}},
    }
}


async def _sorted_batch(request: Request) -> Batch:
    settings: ApiSettings = request.app.state.settings
    body = await read_body(request, limit_bytes=settings.batch_limit_bytes, deadline_s=settings.body_deadline_s)
    encoding = request.headers.get("content-encoding")
    vault: NumberVault = request.app.state.vault  # after the body, which may take long: its key may change meanwhile

    def sort() -> Batch:
        plain = unpack(body, encoding, limit_bytes=settings.batch_unpacked_limit_bytes)
        return sort_batch(read_envelopes(plain, limit_lines=settings.batch_limit_lines), vault)

    return await asyncio.to_thread(sort)


@router.post(
    "/evidence",
    summary="Store raw lines of CEL and queue_log",
    dependencies=[Depends(requires(Scope.EVIDENCE_WRITE))],
    responses=documented(BodyTooSlowError, BodyTooLargeError, UnsupportedEncodingError, MalformedEnvelopeError),
    openapi_extra=_BODY,
)
async def post_evidence(batch: Annotated[Batch, Depends(_sorted_batch)], database: DatabaseOf) -> IngestAnswer:
    """Stores each line once, however often and in whatever order it is sent.

    Lines that cannot be read are kept apart, encrypted, and counted; they do not stop the batch.
    """
    async with database.transaction() as connection:
        answer = await service.ingest(connection, batch)
    if answer.quarantined:
        log.warning("evidence_quarantined", lines=answer.quarantined, nodes=batch.nodes)
    return answer
