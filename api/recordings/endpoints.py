"""`/api/v1/recordings`: list those of a call, and listen."""

import asyncio
import os
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, JsonValue
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from api.audit.actions import Action
from api.audit.trail import AuditOf
from api.kit.answers import Responses, documented
from api.kit.auth import Scope, requires
from api.kit.database import DatabaseOf
from api.kit.exceptions import InvalidRequestError, NotFoundError
from api.recordings.errors import RangeInvalidError
from api.recordings.files import NAME_PATTERN, OpenRecording, find_recordings, open_recording, read_part
from api.recordings.ranges import ByteRange, UnsatisfiableRange, read_range
from api.settings import ApiSettings

router = APIRouter(
    prefix="/api/v1/recordings", tags=["recordings"], dependencies=[Depends(requires(Scope.RECORDINGS_READ))]
)

AUDIO_TYPE = "audio/wav"
CallIdQuery = Annotated[str, Query(pattern=r"^[A-Za-z0-9._-]{1,150}$", examples=["node1-1795510790.7"])]
NamePath = Annotated[str, Path(pattern=NAME_PATTERN, examples=["node1-1795510790.7.wav"])]


class Recording(BaseModel):
    """One recording of a call."""

    name: str = Field(examples=["node1-1795510790.7.wav"])
    size_bytes: int = Field(examples=[480_044])
    made_at: datetime


class RecordingList(BaseModel):
    """The recordings of a call; empty when it was not recorded, or they are deleted."""

    call_id: str = Field(examples=["node1-1795510790.7"])
    recordings: list[Recording]


@router.get("", summary="List the recordings of a call", responses=documented(InvalidRequestError))
async def get_recordings(call_id: CallIdQuery, request: Request) -> RecordingList:
    """Gives their names; listening is `GET /api/v1/recordings/{name}`."""
    settings: ApiSettings = request.app.state.settings
    found = await asyncio.to_thread(find_recordings, settings.recordings_folder, call_id)
    rows = [Recording(name=each.name, size_bytes=each.size_bytes, made_at=each.made_at) for each in found]
    return RecordingList(call_id=call_id, recordings=rows)


_SOUND = {AUDIO_TYPE: {"schema": {"type": "string", "format": "binary"}}}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}}}
_ANSWERS: Responses = {
    200: {"description": "The whole recording", "content": _SOUND},
    206: {"description": "The part that was asked for", "content": _SOUND},
    **{
        status: {"description": answer["description"], "content": _ERROR}
        for status, answer in documented(NotFoundError, InvalidRequestError, RangeInvalidError).items()
    },
}
"""FastAPI would document errors as sound, like the recording itself."""


@router.get(
    "/{name}",
    summary="Listen to a recording",
    status_code=200,
    response_class=StreamingResponse,
    responses=_ANSWERS,
)
async def get_recording(
    name: NamePath,
    request: Request,
    database: DatabaseOf,
    audit: AuditOf,
    range_: Annotated[str | None, Header(alias="Range", max_length=200, examples=["bytes=0-65535"])] = None,
) -> StreamingResponse:
    """Gives the sound, or one range of its bytes; the row in the audit is there before the first byte is sent."""
    settings: ApiSettings = request.app.state.settings
    recording = await asyncio.to_thread(open_recording, settings.recordings_folder, name)
    if recording is None:
        raise NotFoundError(f"there is no recording {name}")
    try:
        part = _part_of(recording, range_)
        async with database.transaction() as connection:
            heard = part or _whole(recording)
            details: dict[str, JsonValue] = {"from_byte": heard.start, "to_byte": heard.end}
            await audit.record(connection, Action.RECORDING_HEARD, subject=f"recording {name}", details=details)
    except BaseException:
        os.close(recording.descriptor)
        raise
    return SoundAnswer(recording, part)


class SoundAnswer(StreamingResponse):
    """Sends a recording, or a part of it, and closes it even when the listener leaves before the first byte."""

    media_type = AUDIO_TYPE

    def __init__(self, recording: OpenRecording, part: ByteRange | None) -> None:
        """`part` None sends everything."""
        sent = part or _whole(recording)
        headers = {
            "Accept-Ranges": "bytes",
            "Cache-Control": "no-store",
            "Content-Length": str(sent.length_bytes),
            "Content-Disposition": "inline",
        }
        if part is not None:
            headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{recording.size_bytes}"
        super().__init__(read_part(recording, sent), 200 if part is None else 206, headers)
        self._recording = recording

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Sends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            os.close(self._recording.descriptor)


def _whole(recording: OpenRecording) -> ByteRange:
    return ByteRange(start=0, end=recording.size_bytes)


def _part_of(recording: OpenRecording, header: str | None) -> ByteRange | None:
    try:
        return read_range(header, recording.size_bytes)
    except UnsatisfiableRange as error:
        told: dict[str, JsonValue] = {"size_bytes": recording.size_bytes}
        raise RangeInvalidError(f"the recording has {recording.size_bytes} bytes", told) from error
