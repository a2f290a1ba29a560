"""Speaks HTTP with the api of this machine's line: token, deadline, and refusals as errors."""

import getpass
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import httpx
from pydantic import BaseModel, JsonValue, ValidationError

from api.kit.auth import BY_HEADER
from api.kit.exceptions import ErrorAnswer
from asterisk_conf.instance_secrets import InstanceSecrets
from hotline.errors import LogApiError, RefusedError

QUESTION_S = 10.0
SHOWN_CHARS = 300
Model = TypeVar("Model", bound=BaseModel)


class HttpApi:
    """Asks one api; every question has a deadline."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """Gives the answer's body.

        Raises:
            RefusedError: The api says no.
            LogApiError: It does not answer.
        """
        return await self._ask("GET", path, query=query)

    async def post(self, path: str, body: Mapping[str, JsonValue]) -> bytes:
        """Sends a JSON object; gives the answer's body. Raises as `get`."""
        return await self._ask("POST", path, body=body)

    async def patch(self, path: str, body: Mapping[str, JsonValue]) -> bytes:
        """Has something changed; gives the answer's body. Raises as `get`."""
        return await self._ask("PATCH", path, body=body)

    async def delete(self, path: str, query: Mapping[str, str]) -> bytes:
        """Has something ended; gives the answer's body. Raises as `get`."""
        return await self._ask("DELETE", path, query=query)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, JsonValue] | None = None,
    ) -> bytes:
        try:
            answer = await self._client.request(method, path, params=query, json=body)
        except httpx.HTTPError as error:
            raise LogApiError(
                f"the api at {self._client.base_url} does not answer ({str(error) or type(error).__name__}); "
                "is the line running? Start it with: hotline up"
            ) from error
        if not answer.is_success:
            raise _refusal(path, answer)
        return answer.content


@asynccontextmanager
async def open_api(url: str, secrets: InstanceSecrets, *, deadline_s: float = QUESTION_S) -> AsyncIterator[HttpApi]:
    """Opens the api at `url` with the token of this machine's commands; each answer has `deadline_s`."""
    headers = {"Authorization": f"Bearer {secrets.token_console.get_secret_value()}", BY_HEADER: _login_name()}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=deadline_s, trust_env=False) as client:
        yield HttpApi(client)


def _login_name() -> str:
    """Gives who sits at the keyboard, also behind sudo; empty: this machine does not know, or it is no plain name."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return ""
    return name if name.isascii() and name.isprintable() else ""


def parse(model: type[Model], content: bytes) -> Model:
    """Reads an answer.

    Raises:
        LogApiError: It has another shape; the text names the place, never the content.
    """
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, row["loc"])) for row in error.errors(include_input=False))
        raise LogApiError(f"the api's answer does not fit at {where}") from None


def _refusal(path: str, answer: httpx.Response) -> LogApiError:
    try:
        told = ErrorAnswer.model_validate_json(answer.content)
    except ValidationError:
        return LogApiError(f"the api answered {answer.status_code} to {path}: {answer.text[:SHOWN_CHARS]}")
    return RefusedError(told.detail, error_id=told.error_id, details=told.details or {})
