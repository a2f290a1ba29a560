"""Logging in and out: cookies, limits, pages of other sites."""

import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.conftest import Tokens
from tests.contract.api.people import PASSWORD, People, audited, browser, log_in, people

__all__ = ["people"]


async def test_a_person_logs_in_is_known_and_logs_out(people: People, app: FastAPI) -> None:
    await people.make("olena", "operator")
    async with browser(app) as client:
        begun = await log_in(client, "olena")
        assert begun.status_code == 201
        cookie = begun.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/" in cookie
        me = (await client.get("/api/v1/sessions/current")).json()
        assert (me["name"], me["role"], me["operator"]) == ("olena", "operator", "s01")
        assert "calls:read" in me["scopes"]
        assert "users:write" not in me["scopes"]
        secret = client.cookies["hotline_session"]
        assert (await client.delete("/api/v1/sessions/current")).status_code == 204
        client.cookies.set("hotline_session", secret)
        assert (await client.get("/api/v1/sessions/current")).status_code == 401


async def test_behind_tls_the_cookie_is_secure(settings: ApiSettings, people: People) -> None:
    await people.make("olena", "auditor")
    app = create_app(settings.model_copy(update={"web_origin": "https://log.example"}))
    async with browser(app) as client:
        assert "; Secure" in (await log_in(client, "olena")).headers["set-cookie"]
        wrong = await client.delete("/api/v1/sessions/current", headers={"Origin": "https://api"})
        assert wrong.status_code == 401  # a secure cookie does not come over http
    await app.state.database.close()


async def test_the_database_holds_neither_password_nor_cookie(people: People, app: FastAPI) -> None:
    client = await people.of_role("admin")
    secret = client.cookies["hotline_session"]
    async with app.state.database.snapshot() as connection:
        kept = (await connection.execute(text("SELECT password_hash FROM users"))).scalar_one()
        digest = (await connection.execute(text("SELECT digest FROM sessions"))).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    assert secret.encode() not in digest


@pytest.mark.parametrize("name", ["olena", "nobody"])
async def test_a_wrong_password_and_an_unknown_name_look_the_same(
    people: People, anonymous: httpx.AsyncClient, tokens: Tokens, name: str
) -> None:
    await people.make("olena", "auditor")
    answer = await log_in(anonymous, name, "wrong")
    assert (answer.status_code, answer.json()["error_id"]) == (401, "login_refused")
    assert answer.json()["detail"] == "name or password is wrong"
    (row,) = await audited(anonymous, tokens, action="session.refuse")
    assert (row["subject"], row["actor_kind"]) == (name, "system")


async def test_after_five_failures_the_right_password_waits_too_and_the_audit_tells_it_once(
    people: People, anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await people.make("olena", "auditor")
    for _ in range(5):
        assert (await log_in(anonymous, "olena", "wrong")).status_code == 401
    for password in ("wrong", PASSWORD, PASSWORD):
        answer = await log_in(anonymous, "olena", password)
        assert (answer.status_code, answer.json()["error_id"]) == (429, "too_many_logins")
        assert int(answer.headers["retry-after"]) > 0
    assert len(await audited(anonymous, tokens, action="session.lock")) == 1
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE login_attempts SET tried_at = now() - interval '1 hour'"))
    assert (await log_in(anonymous, "olena")).status_code == 201


async def test_many_at_once_do_not_pass_the_limit_together(people: People, anonymous: httpx.AsyncClient) -> None:
    await people.make("olena", "auditor")
    answers = await asyncio.gather(*(log_in(anonymous, "olena", f"wrong {number}") for number in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def test_a_success_forgets_failures_before_it(people: People, anonymous: httpx.AsyncClient) -> None:
    await people.make("olena", "auditor")
    for password in ("wrong", "wrong", "wrong", PASSWORD, "wrong", "wrong", "wrong", PASSWORD):
        expected = 201 if password == PASSWORD else 401
        assert (await log_in(anonymous, "olena", password)).status_code == expected


async def test_a_session_ends_by_itself(people: People, app: FastAPI) -> None:
    client = await people.of_role("auditor")
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE sessions SET expires_at = now()"))
    assert (await client.get("/api/v1/calls")).status_code == 401


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[bad"}, 403),
        ({"Origin": "http://evil.example", "X-Hotline-Request": "1"}, 403),
        ({"Origin": "http://api"}, 204),
        ({"X-Hotline-Request": "1"}, 204),
    ],
)
async def test_a_page_of_another_site_cannot_act_with_a_session(
    people: People, anonymous: httpx.AsyncClient, headers: dict[str, str], expected: int
) -> None:
    await people.make("olena", "auditor")
    assert (await log_in(anonymous, "olena")).status_code == 201
    assert (await anonymous.get("/api/v1/calls", headers={"Origin": "http://evil.example"})).status_code == 200
    answer = await anonymous.delete("/api/v1/sessions/current", headers=headers)
    assert answer.status_code == expected
    if expected == 403:
        assert answer.json()["error_id"] == "csrf_refused"


async def test_a_person_changes_the_own_password_and_old_sessions_end(people: People, app: FastAPI) -> None:
    client = await people.of_role("operator")
    url, new = "/api/v1/sessions/password", "інші чотири слова разом"
    wrong = await client.put(url, json={"present": "wrong", "password": new})
    assert (wrong.status_code, wrong.json()["error_id"]) == (403, "wrong_password")
    assert (await client.put(url, json={"present": PASSWORD, "password": new})).status_code == 204
    assert (await client.get("/api/v1/calls")).status_code == 401
    async with browser(app) as other:
        assert (await log_in(other, "operator")).status_code == 401
        assert (await log_in(other, "operator", new)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"name":"a\\u0000","password":"x"}', b'{"name":"\\ud800","password":"x"}', b'{"name":"a"}', b"\xff"],
)
async def test_a_login_that_does_not_fit_is_refused(anonymous: httpx.AsyncClient, app: FastAPI, body: bytes) -> None:
    answer = await anonymous.post("/api/v1/sessions", content=body)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_the_instances_tokens_go_on_working_and_have_no_password(
    anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    me: dict[str, Any] = (await anonymous.get("/api/v1/sessions/current", headers=tokens.console)).json()
    assert (me["kind"], me["name"], me["role"]) == ("instance", "console", None)
    body = {"present": PASSWORD, "password": PASSWORD}
    refused = await anonymous.put("/api/v1/sessions/password", json=body, headers=tokens.console)
    assert refused.status_code == 403
