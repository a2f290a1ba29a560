"""Turns exceptions into answers, and documents them."""

from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from api.kit.exceptions import (
    ApiError,
    DatabaseUnavailableError,
    ErrorAnswer,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    TooManyRequestsError,
    UnauthorisedError,
)

log = structlog.get_logger()

Responses = dict[int | str, dict[str, Any]]
"""FastAPI's own type for `responses`."""

_UNAVAILABLE_STATES = ("08", "53", "55P03", "57")
"""SQLSTATE classes: connection, resources, lock not available, operator intervention.

Source: https://www.postgresql.org/docs/18/errcodes-appendix.html
"""
_HTTP_ERROR_IDS = {404: NotFoundError.error_id, 405: "method_not_allowed"}


DATABASE_ERRORS = (
    DBAPIError,
    PoolTimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""What a statement may raise. Why InternalClientError: asyncpg gives it when the server ends the connection in the very
moment in which a COPY begins (asyncpg 0.32, tests/contract/api/test_ingest.py)."""


def documented(*errors: type[ApiError]) -> Responses:
    """Gives `responses` of a route for OpenAPI; those of the door and of the database always belong to it."""
    shown: Responses = {}
    kinds: tuple[type[ApiError], ...] = (
        UnauthorisedError,
        ForbiddenError,
        TooManyRequestsError,
        DatabaseUnavailableError,
        *errors,
    )
    for error in kinds:
        told = f"`{error.error_id}`: {(error.__doc__ or '').strip().splitlines()[0]}"
        before = shown.get(error.status, {}).get("description")
        shown[error.status] = {"model": ErrorAnswer, "description": f"{before}\n\n{told}" if before else told}
    return shown


def add_error_answers(app: FastAPI) -> None:
    """Registers the handlers."""
    app.add_exception_handler(ApiError, _answer_api_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid_request)
    app.add_exception_handler(HTTPException, _answer_http_error)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _answer_database_error)
    app.add_exception_handler(Exception, _answer_unexpected)


def _answer(status: int, answer: ErrorAnswer, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(answer.model_dump(exclude_none=True), status, headers)


async def _answer_api_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101  registered for this class alone
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, UnauthorisedError) else {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    answer = ErrorAnswer(error_id=error.error_id, detail=error.detail, details=error.details)
    return _answer(error.status, answer, headers)


async def _answer_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class alone
    rows = [f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors()]
    answer = ErrorAnswer(error_id=InvalidRequestError.error_id, detail="; ".join(rows)[:1_000])
    return _answer(InvalidRequestError.status, answer)


async def _answer_http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class alone
    error_id = _HTTP_ERROR_IDS.get(error.status_code, f"http_{error.status_code}")
    answer = ErrorAnswer(error_id=error_id, detail=str(error.detail))
    return _answer(error.status_code, answer, dict(error.headers or {}))


async def _answer_database_error(request: Request, error: Exception) -> JSONResponse:
    if not is_unavailable(error):
        return await _answer_unexpected(request, error)
    log.warning("database_unavailable", path=request.url.path, error=type(error).__name__)
    kind = DatabaseUnavailableError
    answer = ErrorAnswer(error_id=kind.error_id, detail="the database does not answer; try again later")
    return _answer(kind.status, answer, {"Retry-After": "2"})


async def _answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    """Logs the failure once; the text of a database error may hold values, so only its class is logged."""
    log.error("request_failed", path=request.url.path, error=type(error).__name__, sqlstate=_sqlstate(error))
    return _answer(500, ErrorAnswer(error_id="internal_error", detail="the request failed; the api's log says why"))


def is_unavailable(error: Exception) -> bool:
    """Tells a database that is away from a statement that is wrong."""
    state = _sqlstate(error)
    if state is not None:
        return state.startswith(_UNAVAILABLE_STATES)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, InterfaceError | OperationalError)
    return True


def _sqlstate(error: Exception) -> str | None:
    """Gives PostgreSQL's code, also of what COPY raises past SQLAlchemy."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state if isinstance(state, str) else None
