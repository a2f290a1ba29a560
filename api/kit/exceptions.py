"""Errors that clients see: a status, a stable `error_id`, a sentence; never a stack."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, Field, JsonValue


class ErrorAnswer(BaseModel):
    """Body of every answer that is not a success."""

    error_id: str = Field(examples=["invalid_cursor"])
    """Stable: programs may compare it."""
    detail: str = Field(examples=["the cursor is not one that this api gave"])
    """For people; may change."""
    details: dict[str, JsonValue] | None = Field(default=None, examples=[{"current_version": "0123456789abcdef"}])
    """What programs may need beside it; left out when there is nothing."""


class ApiError(Exception):
    """Base of all errors that have an answer."""

    status: ClassVar[int] = 500
    error_id: ClassVar[str] = "internal_error"

    def __init__(self, detail: str, details: Mapping[str, JsonValue] | None = None) -> None:
        """Keeps the sentence for the client, and what programs may need beside it."""
        super().__init__(detail)
        self.detail = detail
        self.details = None if details is None else dict(details)
        self.retry_after_s: int | None = None


class UnauthorisedError(ApiError):
    """No token, or one that nobody has."""

    status = 401
    error_id = "unauthorised"


class ForbiddenError(ApiError):
    """The token lacks the scope."""

    status = 403
    error_id = "forbidden"


class NotFoundError(ApiError):
    """No such thing."""

    status = 404
    error_id = "not_found"


class BodyTooSlowError(ApiError):
    """The request did not arrive in time."""

    status = 408
    error_id = "body_too_slow"


class BodyTooLargeError(ApiError):
    """The request, or what it unpacks to, is larger than allowed."""

    status = 413
    error_id = "body_too_large"


class UnsupportedEncodingError(ApiError):
    """Content-Encoding is neither gzip nor absent."""

    status = 415
    error_id = "unsupported_encoding"


class InvalidRequestError(ApiError):
    """Parameters or body do not fit."""

    status = 422
    error_id = "invalid_request"


class InvalidCursorError(ApiError):
    """The cursor is not one that this api gave."""

    status = 422
    error_id = "invalid_cursor"


class MalformedEnvelopeError(ApiError):
    """A line of a batch of evidence is not an envelope."""

    status = 422
    error_id = "malformed_envelope"


class TooManyRequestsError(ApiError):
    """Too many requests at once: of this person or token, or from this address. `Retry-After` tells when to come."""

    status = 429
    error_id = "too_many_requests"

    def __init__(self, wait_s: int) -> None:
        """Keeps after how many seconds there is room again."""
        super().__init__(f"too many requests; try again in {wait_s} s")
        self.retry_after_s = wait_s


class DatabaseUnavailableError(ApiError):
    """The database does not answer; the same request may succeed later."""

    status = 503
    error_id = "database_unavailable"
