"""People: made, listed, disabled; operators see their own calls."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.contract.api.conftest import Post, Tokens
from tests.contract.api.people import PASSWORD, People, audited, browser, log_in, people
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

__all__ = ["people"]


async def patch(client: httpx.AsyncClient, tokens: Tokens, user_id: str, **change: Any) -> httpx.Response:
    return await client.patch(f"/api/v1/users/{user_id}", json=change, headers=tokens.console)


async def test_users_are_made_and_listed_without_their_passwords(
    people: People, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    made = await people.make("olena", "operator", operator="s02")
    assert made.status_code == 201
    assert made.json()["operator"] == "s02"
    listed = await anonymous.get("/api/v1/users", headers=tokens.console)
    assert [user["name"] for user in listed.json()["users"]] == ["olena"]
    assert "argon2" not in listed.text
    (row,) = await audited(anonymous, tokens, action="user.add")
    assert (row["subject"], row["actor_name"]) == (made.json()["id"], "console")
    assert PASSWORD not in str(row)


async def test_a_name_is_one_persons_only(people: People) -> None:
    assert (await people.make("olena", "admin")).status_code == 201
    second = await people.make("olena", "auditor")
    assert (second.status_code, second.json()["error_id"]) == (409, "name_taken")


@pytest.mark.parametrize(
    "changes",
    [{"role": "operator", "operator": None}, {"role": "god"}, {"password": "short"}, {"name": "О лена"}, {"more": 1}],
)
async def test_a_user_that_does_not_fit_is_refused_and_the_password_is_not_quoted(
    people: People, changes: dict[str, Any]
) -> None:
    answer = await people.make("olena", "admin", **changes)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")
    assert changes.get("password", PASSWORD) not in answer.text


async def test_who_is_disabled_is_out_at_once_and_may_come_back(
    people: People, anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    client = await people.of_role("supervisor")
    user_id = people.ids["supervisor"]
    changed = await patch(anonymous, tokens, user_id, is_disabled=True)
    assert changed.json()["disabled_at"] is not None
    assert (await client.get("/api/v1/calls")).status_code == 401
    async with browser(app) as other:
        assert (await log_in(other, "supervisor")).status_code == 401
        assert (await patch(anonymous, tokens, user_id, is_disabled=False)).json()["disabled_at"] is None
        assert (await log_in(other, "supervisor")).status_code == 201
    rows = await audited(anonymous, tokens, action="user.change")
    assert [row["details"]["is_disabled"] for row in rows] == [False, True]


async def test_another_password_ends_the_sessions(people: People, anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    client = await people.of_role("auditor")
    assert (await patch(anonymous, tokens, people.ids["auditor"], password="інші чотири слова")).status_code == 200
    assert (await client.get("/api/v1/calls")).status_code == 401


async def test_the_last_admin_stays(people: People, anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    await people.make("first", "admin")
    refused = await patch(anonymous, tokens, people.ids["first"], is_disabled=True)
    assert (refused.status_code, refused.json()["error_id"]) == (409, "last_admin")
    await people.make("second", "admin")
    assert (await patch(anonymous, tokens, people.ids["first"], is_disabled=True)).status_code == 200


async def test_who_is_not_there_is_not_found(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    assert (await patch(anonymous, tokens, "u00", is_disabled=True)).status_code == 404


async def test_operators_see_the_calls_that_they_took_part_in_and_no_others(
    people: People, post_evidence: Post, app: FastAPI
) -> None:
    assert (await post_evidence(batch(calls.ANSWERED))).status_code == 200
    client = await people.of_role("operator")
    assert [call["operator"] for call in (await client.get("/api/v1/calls")).json()["calls"]] == ["s01"]
    assert (await client.get("/api/v1/calls/node1-1.1")).status_code == 200
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE users SET operator = 's02'"))
    assert (await client.get("/api/v1/calls")).json()["calls"] == []
    hidden = await client.get("/api/v1/calls/node1-1.1")
    assert (hidden.status_code, hidden.json()["error_id"]) == (404, "not_found")
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE call_legs SET operator = 's02' WHERE operator IS NOT NULL"))
    assert len((await client.get("/api/v1/calls")).json()["calls"]) == 1
