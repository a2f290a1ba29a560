"""Who asks too often waits; what is too large, too deep or without end is refused."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from api.limits.door import Door
from api.settings import ApiSettings
from tests.contract.api.conftest import Tokens
from tests.contract.api.people import People, audited, people

__all__ = ["people"]

SMALL = {
    "requests_per_s": 0.01,
    "requests_burst": 3,
    "stranger_requests_per_s": 0.01,
    "stranger_requests_burst": 2,
}


@pytest.fixture
def narrow(app: FastAPI, settings: ApiSettings) -> None:
    """Lets three requests of a principal through, and two of nobody known."""
    app.state.door = Door(settings.model_copy(update=SMALL))


def refused(answer: httpx.Response) -> bool:
    if answer.status_code != 429:
        return False
    assert answer.json()["error_id"] == "too_many_requests"
    assert int(answer.headers["retry-after"]) >= 1
    return True


async def made_token(client: httpx.AsyncClient, tokens: Tokens, *scopes: str) -> tuple[str, dict[str, str]]:
    body = {"name": "test", "scopes": list(scopes), "life_days": 1}
    made = (await client.post("/api/v1/tokens", json=body, headers=tokens.console)).json()
    return made["id"], {"Authorization": f"Bearer {made['secret']}"}


async def test_a_token_that_asks_too_often_waits_and_another_does_not(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI, settings: ApiSettings
) -> None:
    _, busy = await made_token(anonymous, tokens, "calls:read")
    _, calm = await made_token(anonymous, tokens, "calls:read")
    app.state.door = Door(settings.model_copy(update=SMALL))
    answers = [await anonymous.get("/api/v1/calls", headers=busy) for _ in range(4)]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    assert refused(answers[3])
    assert (await anonymous.get("/api/v1/calls", headers=calm)).status_code == 200


async def test_a_person_who_asks_too_often_waits(people: People, app: FastAPI, settings: ApiSettings) -> None:
    browser = await people.of_role("supervisor")
    app.state.door = Door(settings.model_copy(update=SMALL))
    answers = [await browser.get("/api/v1/sessions/current") for _ in range(4)]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    assert refused(answers[3])


@pytest.mark.usefixtures("narrow")
async def test_a_node_that_catches_up_is_not_slowed(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    answers = [await anonymous.post("/api/v1/evidence", content=b"", headers=tokens.node) for _ in range(50)]
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer guess"}, {"Cookie": "hotline_session=guess"}])
async def test_somebody_unknown_who_asks_too_often_waits(anonymous: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answers = [await anonymous.get("/api/v1/calls", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers[:2]] == [401, 401]
    assert refused(answers[2])


async def test_a_neighbour_who_guesses_shuts_nobody_out_who_was_right_before(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI, settings: ApiSettings
) -> None:
    _, known = await made_token(anonymous, tokens, "calls:read")
    app.state.door = Door(settings.model_copy(update=SMALL))
    assert (await anonymous.get("/api/v1/calls", headers=known)).status_code == 200
    guesses = [await anonymous.get("/api/v1/calls", headers={"Authorization": f"Bearer {n}"}) for n in range(3)]
    assert refused(guesses[-1])
    assert (await anonymous.get("/api/v1/calls", headers=known)).status_code == 200


@pytest.mark.usefixtures("narrow")
async def test_open_routes_are_limited_each_for_itself(anonymous: httpx.AsyncClient) -> None:
    logins = [await anonymous.post("/api/v1/sessions", json={"name": "a", "password": "b"}) for _ in range(3)]
    assert refused(logins[2])
    health = [await anonymous.get("/readyz") for _ in range(3)]
    assert [answer.status_code for answer in health[:2]] == [503, 503]
    assert refused(health[2])
    assert (await anonymous.get("/healthz")).status_code == 200


DEEP = 10_000


@pytest.mark.parametrize("body", [b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP + b"1" + b"}" * DEEP])
@pytest.mark.parametrize("path", ["overrides", "plans/simulate", "users", "tokens", "detention-reports"])
async def test_json_of_ten_thousand_levels_is_refused(
    anonymous: httpx.AsyncClient, tokens: Tokens, path: str, body: bytes
) -> None:
    answer = await anonymous.post(f"/api/v1/{path}", content=body, headers=tokens.console)
    assert (answer.status_code, answer.json()["error_id"]) in {(422, "invalid_request"), (413, "body_too_large")}


async def test_deep_json_within_a_good_body_is_refused(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    body = b'{"values": {"person_name": ' + b"[" * DEEP + b"]" * DEEP + b'}, "call_id": null}'
    answer = await anonymous.post("/api/v1/detention-reports", content=body, headers=tokens.console)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "query",
    ["limit=1000000000", "limit=-1", "limit=1e9", "from=9999-12-31T23:59:59Z", "from=9999-12-31T23:59:59-14:00"],
)
async def test_a_page_without_bounds_and_a_moment_out_of_range_are_refused(
    anonymous: httpx.AsyncClient, tokens: Tokens, query: str
) -> None:
    answer = await anonymous.get(f"/api/v1/calls?{query}", headers=tokens.console)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_a_body_without_end_is_cut_at_its_limit(
    anonymous: httpx.AsyncClient, tokens: Tokens, settings: ApiSettings
) -> None:
    sent_bytes = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent_bytes
        while True:
            sent_bytes += 4_096
            yield b" " * 4_096

    async with asyncio.timeout(30):
        answer = await anonymous.post("/api/v1/overrides", content=endless(), headers=tokens.console)
    assert (answer.status_code, answer.json()["error_id"]) == (413, "body_too_large")
    assert sent_bytes <= settings.document_limit_bytes + 2 * 4_096


async def test_a_body_that_never_goes_on_is_given_up(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI, settings: ApiSettings
) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    app.state.settings = settings.model_copy(update={"body_deadline_s": 0.1})
    async with asyncio.timeout(30):
        answer = await anonymous.post("/api/v1/overrides", content=stalled(), headers=tokens.console)
    assert (answer.status_code, answer.json()["error_id"]) == (408, "body_too_slow")


async def test_who_asks_for_what_they_may_not_leaves_one_row_in_the_audit(
    people: People, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    operator = await people.of_role("operator")
    for _ in range(5):
        assert (await operator.get("/api/v1/users")).status_code == 403
    assert (await operator.delete("/api/v1/tokens/t00")).status_code == 403
    rows = await audited(anonymous, tokens, action="access.refuse")
    assert [(row["actor_name"], row["subject"]) for row in rows] == [
        ("operator", "DELETE /api/v1/tokens/{token_id}"),
        ("operator", "GET /api/v1/users"),
    ]


GARBAGE = [
    "Bearer",
    "Bearer  ",
    "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiIsImF1ZCI6Im90aGVyIn0.c2lnbmF0dXJl",
    "Bearer null",
    "Bearer " + "x" * 4_000,
    "Bearer hlt_",
    "Basic YWRtaW46YWRtaW4=",
    "bearer\ttoken",
    "Bearer \xff\xfe",
]


@pytest.mark.parametrize("header", GARBAGE)
async def test_what_is_no_token_of_ours_lets_nobody_in(anonymous: httpx.AsyncClient, header: str) -> None:
    headers = {b"authorization": header.encode("latin-1")}
    answer = await anonymous.get("/api/v1/calls", headers=headers)
    assert (answer.status_code, answer.json()["error_id"]) == (401, "unauthorised")


async def test_a_token_of_another_line_lets_nobody_in(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    other = tokens.console["Authorization"].swapcase().replace("bEARER", "Bearer")
    assert (await anonymous.get("/api/v1/calls", headers={"Authorization": other})).status_code == 401


async def test_a_revoked_token_lets_nobody_in(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    token_id, headers = await made_token(anonymous, tokens, "calls:read")
    assert (await anonymous.get("/api/v1/calls", headers=headers)).status_code == 200
    await anonymous.delete(f"/api/v1/tokens/{token_id}", headers=tokens.console)
    assert (await anonymous.get("/api/v1/calls", headers=headers)).status_code == 401
