from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from tests.contract.api.conftest import Tokens
from tests.contract.api.plan_documents import document_of
from tests.contract.api.test_plans import Console
from tests.plans import small_plan


def later(**delta: float) -> str:
    return (datetime.now(UTC) + timedelta(**delta)).isoformat()


def override(**changes: object) -> dict[str, Any]:
    body = {
        "scope": "queue",
        "target": "sumy",
        "action": "closed",
        "destination": None,
        "until": later(hours=2),
        "reason": "немає світла",
        "author": "Олена К.",
    }
    return body | changes


@pytest.fixture
async def console(anonymous: httpx.AsyncClient, tokens: Tokens) -> Console:
    console = Console(anonymous, tokens.console)
    assert (await console.publish(document_of(small_plan()), None)).status_code == 201
    return console


async def made(console: Console, **changes: object) -> dict[str, Any]:
    answer = await console.post("overrides", override(**changes))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def clear(console: Console, override_id: str, author: str = "Петро") -> httpx.Response:
    return await console.client.delete(
        f"/api/v1/overrides/{override_id}", params={"author": author}, headers=console.headers
    )


async def listed(console: Console, **params: str) -> list[str]:
    return [row["id"] for row in (await console.get("overrides", **params)).json()["overrides"]]


async def age(app: FastAPI, override_id: str) -> None:
    """Lets the end of an override be a moment ago."""
    statement = text("UPDATE overrides SET until = now() - interval '1 ms' WHERE id = :id")
    async with app.state.database.transaction() as connection:
        await connection.execute(statement, {"id": override_id})


async def test_an_override_is_kept_with_who_why_and_when(console: Console) -> None:
    began_at = datetime.now(UTC)
    told = await made(console)
    assert began_at <= datetime.fromisoformat(told["created_at"]) <= datetime.now(UTC)
    assert (told["author"], told["reason"], told["target"]) == ("Олена К.", "немає світла", "sumy")
    assert (told["active"], told["cleared_at"], told["cleared_by"]) == (True, None, None)
    assert (await console.get("overrides", active="true")).json()["overrides"] == [told]


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "line", "target": ""},
        {"scope": "office", "target": "chernivtsi", "action": "open"},
        {"scope": "service", "target": "consultation", "action": "to-queue", "destination": "chernivtsi"},
        {"scope": "line", "target": "", "action": "to-number", "destination": "+380000000000"},
        {"until": later(days=30, hours=23)},
    ],
)
async def test_everything_that_the_plan_has_can_be_switched(console: Console, changes: dict[str, Any]) -> None:
    told = await made(console, **changes)
    assert {key: told[key] for key in changes if key != "until"} == {
        key: value for key, value in changes.items() if key != "until"
    }


async def test_an_override_that_is_cleared_tells_by_whom_and_when(console: Console) -> None:
    told = await made(console)
    answer = await clear(console, told["id"])
    assert answer.status_code == 200
    assert (answer.json()["active"], answer.json()["cleared_by"]) == (False, "Петро")
    assert datetime.fromisoformat(answer.json()["cleared_at"]) >= datetime.fromisoformat(told["created_at"])
    assert await listed(console, active="true") == []
    assert await listed(console, active="false") == await listed(console) == [told["id"]]


async def test_an_override_ends_by_itself(console: Console, app: FastAPI) -> None:
    told = await made(console)
    await age(app, told["id"])
    assert await listed(console, active="true") == []
    (over,) = (await console.get("overrides")).json()["overrides"]
    assert (over["active"], over["cleared_at"]) == (False, None)


async def test_what_is_over_cannot_be_cleared_again(console: Console, app: FastAPI) -> None:
    cleared, ended = await made(console), await made(console, target="chernivtsi")
    await clear(console, cleared["id"])
    await age(app, ended["id"])
    answers = [await clear(console, cleared["id"]), await clear(console, ended["id"])]
    assert [(answer.status_code, answer.json()["error_id"]) for answer in answers] == [(409, "override_over")] * 2
    assert "Петро cleared it" in answers[0].json()["detail"]
    assert "ended by itself" in answers[1].json()["detail"]


async def test_an_override_that_is_not_there_cannot_be_cleared(console: Console) -> None:
    answer = await clear(console, "o000000000000")
    assert (answer.status_code, answer.json()["error_id"]) == (404, "not_found")


async def test_who_clears_is_wanted(console: Console) -> None:
    told = await made(console)
    nobody = await console.client.delete(f"/api/v1/overrides/{told['id']}", headers=console.headers)
    assert (nobody.status_code, (await clear(console, told["id"], "a\nb")).status_code) == (422, 422)
    assert await listed(console, active="true") == [told["id"]]


@pytest.mark.parametrize(
    ("changes", "error_id"),
    [
        ({"target": "kyiv"}, "unknown_target"),
        ({"scope": "service", "target": "sumy"}, "unknown_target"),
        ({"scope": "line", "target": "sumy"}, "unknown_target"),
        ({"scope": "office", "target": ""}, "unknown_target"),
        ({"action": "to-queue"}, "destination_invalid"),
        ({"action": "to-queue", "destination": "kyiv"}, "destination_invalid"),
        ({"action": "to-number", "destination": "0800"}, "destination_invalid"),
        ({"action": "to-number", "destination": "sumy"}, "destination_invalid"),
        ({"action": "closed", "destination": "chernivtsi"}, "destination_invalid"),
        ({"until": later(seconds=-1)}, "until_in_past"),
        ({"until": later(days=31, hours=12)}, "until_too_far"),
        ({"until": "2026-11-24T09:00"}, "invalid_request"),
        ({"until": "tomorrow"}, "invalid_request"),
        ({"until": "9999-12-31T23:59:59-23:59"}, "invalid_request"),
        ({"until": None}, "invalid_request"),
        ({"reason": " "}, "invalid_request"),
        ({"author": None}, "invalid_request"),
        ({"action": "explode"}, "invalid_request"),
        ({"scope": "planet"}, "invalid_request"),
        ({"target": "sumy;DROP"}, "invalid_request"),
        ({"more": 1}, "invalid_request"),
    ],
)
async def test_an_override_that_does_not_fit_is_refused(
    console: Console, changes: dict[str, Any], error_id: str
) -> None:
    answer = await console.post("overrides", override(**changes))
    assert (answer.status_code, answer.json()["error_id"]) == (422, error_id), answer.text
    assert await listed(console) == []


async def test_an_unknown_target_is_told_what_there_is(console: Console) -> None:
    answer = await console.post("overrides", override(target="kyiv"))
    assert answer.json()["details"] == {"known": ["chernivtsi", "sumy"]}


async def test_without_a_plan_there_is_nothing_to_switch(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    answer = await Console(anonymous, tokens.console).post("overrides", override())
    assert (answer.status_code, answer.json()["error_id"]) == (404, "no_plan")


async def test_a_node_may_set_and_clear_for_its_operators(
    console: Console, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    node = Console(anonymous, tokens.node)
    told = await made(node, author="operator sumy01 by phone", reason="за телефоном")
    assert (await clear(node, told["id"])).status_code == 200


async def test_overrides_are_listed_newest_first_page_by_page(console: Console) -> None:
    expected = [(await made(console))["id"] for _ in range(3)][::-1]
    pages: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await console.get("overrides", limit=2, cursor=cursor)).json()
        pages += [row["id"] for row in page["overrides"]]
        cursor = page["next_cursor"]
    assert pages == expected
