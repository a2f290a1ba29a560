"""Request bodies with bounds: on size as they arrive, on size unpacked, and on time."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError, UnsupportedEncodingError
from api.settings import ApiSettings

Body = TypeVar("Body", bound=BaseModel)

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""Source: zlib's manual, inflateInit2: 16 more means a gzip header."""


async def read_body(request: Request, *, limit_bytes: int, deadline_s: float) -> bytes:
    """Reads the whole body.

    Raises:
        BodyTooLargeError: It has more than `limit_bytes`.
        BodyTooSlowError: It did not arrive within `deadline_s`.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(deadline_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit_bytes:
                    raise BodyTooLargeError(f"a body may have at most {limit_bytes} bytes")
    except TimeoutError as error:
        raise BodyTooSlowError(f"the body did not arrive within {deadline_s:g} s") from error
    return bytes(body)


def unpack(body: bytes, encoding: str | None, *, limit_bytes: int) -> bytes:
    """Gives the body without its Content-Encoding; stops unpacking at the limit.

    Raises:
        UnsupportedEncodingError: `encoding` is neither gzip nor identity nor None.
        BodyTooLargeError: It unpacks to more than `limit_bytes`.
        InvalidRequestError: It is not gzip, or it is cut.
    """
    match (encoding or "identity").strip().lower():
        case "identity":
            plain = body
        case "gzip":
            plain = _gunzip(body, limit_bytes)
        case other:
            raise UnsupportedEncodingError(f"Content-Encoding {other[:40]!r}: use gzip or none")
    if len(plain) > limit_bytes:
        raise BodyTooLargeError(f"a body may unpack to at most {limit_bytes} bytes")
    return plain


def _gunzip(body: bytes, limit_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = unpacker.decompress(body, limit_bytes + 1)
    except zlib.error as error:
        raise InvalidRequestError("the body is not gzip") from error
    if len(plain) <= limit_bytes and (not unpacker.eof or unpacker.unused_data):
        raise InvalidRequestError("the gzip body is cut, or more follows after it")
    return plain


def json_body(model: type[Body], *, is_plan: bool = False) -> Callable[[Request], Awaitable[Body]]:
    """Gives the dependency that reads a JSON body as `model`, bounded in size and time.

    Args:
        model: What the body must be.
        is_plan: It may be as large as a plan.
    """

    async def read(request: Request) -> Body:
        settings: ApiSettings = request.app.state.settings
        limit_bytes = settings.plan_limit_bytes if is_plan else settings.document_limit_bytes
        body = await read_body(request, limit_bytes=limit_bytes, deadline_s=settings.body_deadline_s)
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            raise InvalidRequestError(_first_problem(error)) from None

    return read


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(map(str, first["loc"])) or "body"
    return f"{place}: {first['msg']}"[:300]


def json_body_document(model: type[BaseModel]) -> dict[str, object]:
    """Gives `openapi_extra` of a route whose body `json_body` reads."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": whole_schema(model)}}}}


def whole_schema(model: type[BaseModel]) -> object:
    """Gives the JSON Schema of a model with every definition in its place."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    return _inlined(schema, definitions)


def _inlined(part: object, definitions: Mapping[str, object]) -> object:
    """Puts definitions in the place of what refers to them: OpenAPI looks for `$defs` elsewhere than JSON Schema."""
    if isinstance(part, list):
        return [_inlined(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str):
        return _inlined(definitions[reference.rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in part.items()}
