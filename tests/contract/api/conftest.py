from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import InstanceSecrets, ensure_secrets
from tests.postgres import database_url, postgres_server

__all__ = ["database_url", "postgres_server"]

TABLES = (
    "evidence, quarantine, caller_numbers, calls, call_legs, menu_steps, call_decisions, queue_visits, call_steps, "
    "nodes, plan_versions, plan_publications, overrides, audit_log, audit_head, users, sessions, login_attempts, "
    "api_tokens, legal_holds, retention_runs, call_aliases, operator_states, ledger_days, call_topics, "
    "node_commands, detention_reports, detention_changes, detention_counters"
)


@pytest.fixture(scope="session")
def secrets_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secrets") / "secrets.json"
    ensure_secrets(path, [])
    return path


@pytest.fixture(scope="session")
def secrets(secrets_file: Path) -> InstanceSecrets:
    return ensure_secrets(secrets_file, [])


@pytest.fixture
def settings(database_url: str, secrets_file: Path) -> ApiSettings:
    return ApiSettings.model_validate({"database_url": database_url, "secrets_file": secrets_file})


@pytest.fixture
async def app(settings: ApiSettings) -> AsyncIterator[FastAPI]:
    app = create_app(settings)
    async with app.state.database.transaction() as connection:
        await connection.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def anonymous(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


@dataclass(frozen=True, slots=True)
class Tokens:
    node: dict[str, str]
    console: dict[str, str]


@pytest.fixture
def tokens(secrets: InstanceSecrets) -> Tokens:
    return Tokens(
        node={"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"},
        console={"Authorization": f"Bearer {secrets.token_console.get_secret_value()}"},
    )


Post = Callable[..., Awaitable[httpx.Response]]
Get = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def post_evidence(anonymous: httpx.AsyncClient, tokens: Tokens) -> Post:
    async def post(body: bytes, **headers: str) -> httpx.Response:
        return await anonymous.post("/api/v1/evidence", content=body, headers=tokens.node | headers)

    return post


@pytest.fixture
def get(anonymous: httpx.AsyncClient, tokens: Tokens) -> Get:
    async def get(path: str, **params: str | int) -> httpx.Response:
        return await anonymous.get(f"/api/v1/{path}", params=params, headers=tokens.console)

    return get
