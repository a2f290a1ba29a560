"""API tokens of machines: scoped, expiring, revocable, shown once."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.contract.api.conftest import Tokens
from tests.contract.api.people import audited


async def make(client: httpx.AsyncClient, tokens: Tokens, **changes: Any) -> httpx.Response:
    body = {"name": "monthly report", "scopes": ["calls:read"], "life_days": 90} | changes
    return await client.post("/api/v1/tokens", json=body, headers=tokens.console)


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['secret']}"}


async def test_a_token_may_what_its_scopes_say(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    made = await make(anonymous, tokens)
    assert made.status_code == 201
    assert (await anonymous.get("/api/v1/calls", headers=bearer(made))).status_code == 200
    refused = await anonymous.get("/api/v1/plans", headers=bearer(made))
    assert (refused.status_code, refused.json()["error_id"]) == (403, "forbidden")


async def test_its_secret_is_told_once_and_kept_nowhere(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    secret = (await make(anonymous, tokens)).json()["secret"]
    assert secret.startswith("hlt_")
    listed = await anonymous.get("/api/v1/tokens", headers=tokens.console)
    assert [token["name"] for token in listed.json()["tokens"]] == ["monthly report"]
    assert secret not in listed.text
    assert secret not in str(await audited(anonymous, tokens))
    async with app.state.database.snapshot() as connection:
        row = (await connection.execute(text("SELECT api_tokens::text FROM api_tokens"))).scalar_one()
    assert secret not in row


async def test_a_token_that_is_revoked_ends_at_once(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    made = await make(anonymous, tokens)
    url = f"/api/v1/tokens/{made.json()['id']}"
    assert (await anonymous.delete(url, headers=tokens.console)).json()["revoked_at"] is not None
    assert (await anonymous.get("/api/v1/calls", headers=bearer(made))).status_code == 401
    assert (await anonymous.delete(url, headers=tokens.console)).status_code == 200
    assert [row["action"] for row in await audited(anonymous, tokens)] == ["token.revoke", "token.add"]
    assert (await anonymous.delete("/api/v1/tokens/t00", headers=tokens.console)).status_code == 404


async def test_a_token_ends_by_itself(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    made = await make(anonymous, tokens)
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE api_tokens SET expires_at = now()"))
    assert (await anonymous.get("/api/v1/calls", headers=bearer(made))).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": []},
        {"scopes": ["all"]},
        {"scopes": ["users:write"]},
        {"scopes": ["tokens:write"]},
        {"scopes": ["persons:write"]},
        {"life_days": 0},
        {"life_days": 367},
        {"name": ""},
    ],
)
async def test_a_token_that_does_not_fit_is_refused(
    anonymous: httpx.AsyncClient, tokens: Tokens, changes: dict[str, Any]
) -> None:
    answer = await make(anonymous, tokens, **changes)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_an_unknown_token_is_nobodys(anonymous: httpx.AsyncClient) -> None:
    for told in ("hlt_unknown", "x" * 5_000):
        answer = await anonymous.get("/api/v1/calls", headers={"Authorization": f"Bearer {told}"})
        assert (answer.status_code, answer.json()["error_id"]) == (401, "unauthorised")
