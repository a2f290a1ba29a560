"""People of tests: made over the api with the console's token, logged in each with a cookie of their own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from tests.contract.api.conftest import Tokens

PASSWORD = "чотири слова мають сенс"
OPERATORS = {"operator": "s01"}
CSRF = {"X-Hotline-Request": "1"}


def new_user(name: str, role: str, /, **changes: Any) -> dict[str, Any]:
    return {"name": name, "role": role, "operator": OPERATORS.get(role), "password": PASSWORD} | changes


@asynccontextmanager
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=CSRF) as client:
        yield client


async def log_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/sessions", json={"name": name, "password": password})


@dataclass(slots=True)
class People:
    """Makes a person of a role at first use and gives their browser."""

    app: FastAPI
    tokens: Tokens
    stack: AsyncExitStack
    browsers: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    async def make(self, name: str, role: str, /, **changes: Any) -> httpx.Response:
        async with browser(self.app) as client:
            body = new_user(name, role, **changes)
            answer = await client.post("/api/v1/users", json=body, headers=self.tokens.console)
        if answer.status_code == 201:
            self.ids[name] = answer.json()["id"]
        return answer

    async def of_role(self, role: str) -> httpx.AsyncClient:
        if role not in self.browsers:
            assert (await self.make(role, role)).status_code == 201
            self.browsers[role] = await self.stack.enter_async_context(browser(self.app))
            assert (await log_in(self.browsers[role], role)).status_code == 201
        return self.browsers[role]


def quick_passwords(app: FastAPI) -> None:
    """Makes hashing cheap: how strong the hashes are is another test's matter."""
    app.state.passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
async def people(app: FastAPI, tokens: Tokens) -> AsyncIterator[People]:
    quick_passwords(app)
    async with AsyncExitStack() as stack:
        yield People(app=app, tokens=tokens, stack=stack)


async def audited(client: httpx.AsyncClient, tokens: Tokens, **filters: str) -> list[dict[str, Any]]:
    """Gives the audit's rows, newest first."""
    answer = await client.get("/api/v1/audit", params=filters, headers=tokens.console)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows
