"""Request bodies with bounds: on size as they arrive, on size unpacked, and on time."""

import asyncio
import zlib

from fastapi import Request

from api.kit.exceptions import BodyTooLargeError, BodyTooSlowError, InvalidRequestError, UnsupportedEncodingError

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
