import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from routing import snapshot
from routing.overrides import override_from_document
from routing.simulator import as_document, simulate
from tests.contract.api.conftest import Tokens
from tests.contract.api.plan_documents import Document, document_of, evening_plan, unanswered_plan, versioned
from tests.plans import small_plan

SMALL = snapshot.version_of(small_plan())
EVENING = snapshot.version_of(evening_plan())


class Console:
    """The api as the commands use it."""

    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    async def publish(
        self, document: Document, expected: str | None, author: str = "Олена", reason: str = "нові години"
    ) -> httpx.Response:
        body = {"document": document, "author": author, "reason": reason, "expected_current": expected}
        return await self.post("plans", body)

    async def roll_back(self, expected: str | None) -> httpx.Response:
        return await self.post("plans/rollback", {"author": "Петро", "reason": "помилка", "expected_current": expected})

    async def post(self, path: str, body: object) -> httpx.Response:
        return await self.client.post(f"/api/v1/{path}", json=body, headers=self.headers)

    async def get(self, path: str, **params: str | int) -> httpx.Response:
        return await self.client.get(f"/api/v1/{path}", params=params, headers=self.headers)

    async def current(self) -> str:
        version: str = (await self.get("plans/current")).json()["version"]
        return version


@pytest.fixture
def console(anonymous: httpx.AsyncClient, tokens: Tokens) -> Console:
    return Console(anonymous, tokens.console)


async def published(console: Console, *documents: Document) -> None:
    expected = None
    for document in documents:
        answer = await console.publish(document, expected)
        assert answer.status_code == 201, answer.text
        expected = answer.json()["version"]


async def test_a_plan_that_is_published_is_in_force_with_who_why_and_when(console: Console) -> None:
    began_at = datetime.now(UTC)
    answer = await console.publish(document_of(small_plan()), None)
    assert answer.status_code == 201
    told = answer.json()
    assert began_at <= datetime.fromisoformat(told["published_at"]) <= datetime.now(UTC)
    assert {key: told[key] for key in ("version", "kind", "author", "reason", "previous_version")} == {
        "version": SMALL,
        "kind": "publish",
        "author": "Олена",
        "reason": "нові години",
        "previous_version": None,
    }
    assert (await console.get("plans/current")).json() == told


async def test_a_version_is_given_whole_as_the_plan_that_was_sent(console: Console) -> None:
    await published(console, document_of(small_plan()))
    told = (await console.get(f"plans/{SMALL}")).json()
    assert snapshot.from_document(told["document"]) == versioned(small_plan())
    assert (told["version"], told["first_author"]) == (SMALL, "Олена")


async def test_before_the_first_publication_there_is_no_plan(console: Console) -> None:
    current, version = await console.get("plans/current"), await console.get(f"plans/{SMALL}")
    assert (current.status_code, current.json()["error_id"]) == (404, "no_plan")
    assert (version.status_code, version.json()["error_id"]) == (404, "not_found")
    assert (await console.get("plans")).json() == {"publications": [], "next_cursor": None}


async def test_of_two_who_publish_at_once_one_wins_and_the_other_is_told_who_and_when(console: Console) -> None:
    await published(console, document_of(small_plan()))
    answers = await asyncio.gather(
        console.publish(document_of(evening_plan(19)), SMALL, author="Олена"),
        console.publish(document_of(evening_plan(21)), SMALL, author="Петро"),
    )
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    assert (winner.status_code, loser.status_code) == (201, 409)
    told = loser.json()
    assert told["error_id"] == "plan_conflict"
    assert told["details"]["author"] == winner.json()["author"]
    assert told["details"]["current_version"] == winner.json()["version"] == await console.current()
    at = datetime.fromisoformat(told["details"]["published_at"])
    assert at == datetime.fromisoformat(winner.json()["published_at"])
    assert winner.json()["author"] in told["detail"]
    assert len((await console.get("plans")).json()["publications"]) == 2


@pytest.mark.parametrize("expected", [None, "0" * 16])
async def test_who_expects_another_version_is_told_so(console: Console, expected: str | None) -> None:
    await published(console, document_of(small_plan()))
    answer = await console.publish(document_of(evening_plan()), expected)
    assert (answer.status_code, answer.json()["error_id"]) == (409, "plan_conflict")
    assert await console.current() == SMALL


async def test_who_expects_a_version_before_the_first_is_told_that_there_is_none(console: Console) -> None:
    answer = await console.publish(document_of(small_plan()), EVENING)
    assert (answer.status_code, answer.json()["error_id"]) == (409, "plan_conflict")
    assert answer.json()["details"] == {"current_version": None}


async def test_the_plan_in_force_is_not_published_again(console: Console) -> None:
    await published(console, document_of(small_plan()))
    answer = await console.publish(document_of(small_plan()), SMALL)
    assert (answer.status_code, answer.json()["error_id"]) == (409, "plan_unchanged")
    assert len((await console.get("plans")).json()["publications"]) == 1


async def test_a_rollback_goes_one_step_back_and_another_forward_again(console: Console) -> None:
    await published(console, document_of(small_plan()), document_of(evening_plan()))
    back = await console.roll_back(EVENING)
    assert (back.status_code, back.json()["kind"], back.json()["version"]) == (201, "rollback", SMALL)
    assert (back.json()["previous_version"], back.json()["author"]) == (EVENING, "Петро")
    forward = await console.roll_back(SMALL)
    assert (forward.json()["version"], await console.current()) == (EVENING, EVENING)


async def test_without_a_plan_before_there_is_nothing_to_roll_back(console: Console) -> None:
    none_yet = await console.roll_back(None)
    await published(console, document_of(small_plan()))
    only_one = await console.roll_back(SMALL)
    for answer in (none_yet, only_one):
        assert (answer.status_code, answer.json()["error_id"]) == (409, "nothing_to_roll_back")


async def test_a_rollback_of_a_plan_that_is_no_longer_in_force_is_refused(console: Console) -> None:
    await published(console, document_of(small_plan()), document_of(evening_plan()))
    answer = await console.roll_back(SMALL)
    assert (answer.status_code, answer.json()["error_id"]) == (409, "plan_conflict")
    assert await console.current() == EVENING


async def test_a_version_may_come_back_and_keeps_its_first_author(console: Console) -> None:
    await published(console, document_of(small_plan()), document_of(evening_plan()))
    again = await console.publish(document_of(small_plan()), EVENING, author="Петро")
    assert (again.status_code, again.json()["author"]) == (201, "Петро")
    assert (await console.get(f"plans/{SMALL}")).json()["first_author"] == "Олена"


async def test_publications_are_listed_newest_first_page_by_page(console: Console) -> None:
    await published(console, *(document_of(evening_plan(hour)) for hour in (19, 20, 21)))
    whole = (await console.get("plans")).json()["publications"]
    assert [row["publication_id"] for row in whole] == sorted((row["publication_id"] for row in whole), reverse=True)
    pages, cursor = [], ""
    while cursor is not None:
        page = (await console.get("plans", limit=2, cursor=cursor)).json()
        pages += page["publications"]
        cursor = page["next_cursor"]
    assert pages == whole
    assert len(whole) == 3


async def test_a_page_of_calls_has_no_cursor_for_publications(console: Console) -> None:
    cursor = "WyIyMDI2LTExLTI0VDA5OjAwOjAwKzAwOjAwIiwibm9kZTEtMS4xIl0"
    answer = await console.get("plans", cursor=cursor)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_cursor")


def _without(key: str) -> Callable[[Document], object]:
    return lambda document: document.pop(key)


def _with(**values: object) -> Callable[[Document], object]:
    return lambda document: document.update(values)


def _menu(**values: object) -> Callable[[Document], object]:
    return lambda document: document["menus"][0].update(values)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (_with(version="0" * 16), "its contents have"),
        (_with(format=2), "snapshot format 2"),
        (_without("line"), "'line' is missing"),
        (_without("version"), "'version' is missing"),
        (_with(queues={}), "a list is needed"),
        (_with(offices=[1]), "an object is needed"),
        (_menu(timeout_s="5"), "a whole number is needed"),
        (_menu(timeout_s=10**30), "is larger than 100000"),
        (_menu(no_match_tries=10**5), "is larger than 20"),
        (_menu(id="a\0b"), "NUL"),
        (_with(more=[0] * 2_001), "more than 2000 rows"),
        (lambda document: document["calendar"].update(timezone="Europe/Nowhere"), "cannot be walked"),
        (lambda document: document["offices"][1].update(hours=[[]]), "cannot be walked"),
    ],
)
async def test_what_is_no_plan_is_refused(console: Console, change: Callable[[Document], object], detail: str) -> None:
    document = document_of(small_plan())
    change(document)
    if "walked" in detail:
        document["version"] = snapshot.version_of(snapshot.from_document(document))
    answer = await console.publish(document, None)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "plan_invalid"), answer.text
    assert detail in answer.json()["detail"]
    assert (await console.get("plans/current")).status_code == 404


async def test_what_a_plan_has_beside_its_fields_is_not_stored(console: Console) -> None:
    await published(console, document_of(small_plan()) | {"comment": "Ні"})
    assert "comment" not in (await console.get(f"plans/{SMALL}")).json()["document"]


async def test_a_plan_with_a_dead_end_is_refused_with_the_path(console: Console) -> None:
    answer = await console.publish(document_of(unanswered_plan()), None)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "plan_not_proven")
    first = answer.json()["details"]["dead_ends"][0]
    assert first["path"][-1] == "queue chernivtsi"
    assert first["why"] == "no operator answers queue chernivtsi"
    assert first["why"] in answer.json()["detail"]


@pytest.mark.parametrize(
    "changes",
    [
        {"author": ""},
        {"author": "  "},
        {"author": "a\nb"},
        {"author": "x" * 121},
        {"reason": "x" * 501},
        {"reason": "a\0b"},
        {"document": []},
        {"expected_current": "latest"},
        {"more": 1},
    ],
)
async def test_who_and_why_are_wanted_in_one_line_each(console: Console, changes: dict[str, object]) -> None:
    body = {"document": document_of(small_plan()), "author": "a", "reason": "b", "expected_current": None}
    answer = await console.post("plans", body | changes)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


@pytest.mark.parametrize("missing", ["document", "author", "reason", "expected_current"])
async def test_nothing_of_a_publication_may_be_left_out(console: Console, missing: str) -> None:
    body: dict[str, object] = {"document": {}, "author": "a", "reason": "b", "expected_current": None}
    del body[missing]
    answer = await console.post("plans", body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(missing)


async def test_a_plan_of_three_megabytes_is_refused(console: Console) -> None:
    answer = await console.publish({"more": "x" * (3 << 20)}, None)
    assert (answer.status_code, answer.json()["error_id"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("method", "path", "may_node"),
    [
        ("POST", "plans", False),
        ("POST", "plans/rollback", False),
        ("GET", "plans", True),
        ("GET", "plans/current", True),
        ("GET", f"plans/{SMALL}", True),
        ("POST", "plans/simulate", True),
        ("POST", "overrides", True),
        ("GET", "overrides", True),
        ("DELETE", "overrides/o1?author=a", True),
        ("GET", "nodes", True),
    ],
)
async def test_each_route_wants_a_token_with_its_scope(
    anonymous: httpx.AsyncClient, tokens: Tokens, method: str, path: str, may_node: bool
) -> None:
    nobody = await anonymous.request(method, f"/api/v1/{path}", content=b"{}")
    stranger = await anonymous.request(
        method, f"/api/v1/{path}", content=b"{}", headers={"Authorization": "Bearer none"}
    )
    node = await anonymous.request(method, f"/api/v1/{path}", content=b"{}", headers=tokens.node)
    console = await anonymous.request(method, f"/api/v1/{path}", content=b"{}", headers=tokens.console)
    assert (nobody.status_code, stranger.status_code) == (401, 401)
    assert (node.status_code != 403) is may_node
    assert console.status_code not in {401, 403}


TUESDAY_19 = "2026-11-24T19:00:00+02:00"


async def simulated(console: Console, **changes: object) -> httpx.Response:
    return await console.post("plans/simulate", {"at": TUESDAY_19, "keys": "1"} | changes)


@pytest.mark.parametrize(
    ("keys", "caller", "did"),
    [("1", None, None), ("t", "0501234567", "0800213103"), ("9,7,0", "anonymous", "+380443631041"), ("", None, None)],
)
async def test_a_rehearsal_tells_what_the_simulator_tells(
    console: Console, keys: str, caller: str | None, did: str | None
) -> None:
    await published(console, document_of(small_plan()))
    answer = await simulated(console, keys=keys, did=did, **{"from": caller})
    assert answer.status_code == 200, answer.text
    expected = simulate(
        versioned(small_plan()),
        datetime.fromisoformat(TUESDAY_19),
        tuple(filter(None, keys.split(","))),
        from_=caller,
        did=did,
    )
    assert answer.json() == as_document(expected)


async def test_any_version_can_be_rehearsed(console: Console) -> None:
    await published(console, document_of(small_plan()), document_of(evening_plan()))
    told = {version: (await simulated(console, version=version)).json()["queue"] for version in (SMALL, EVENING, None)}
    assert told == {SMALL: "chernivtsi", EVENING: "sumy", None: "sumy"}


async def test_a_rehearsal_knows_the_overrides_in_force(console: Console) -> None:
    await published(console, document_of(evening_plan()))
    at = datetime.now(UTC) + timedelta(minutes=1)
    until = (at + timedelta(hours=1)).isoformat()
    body = {"scope": "queue", "target": "chernivtsi", "action": "to-queue", "destination": "sumy", "until": until}
    override = (await console.post("overrides", body | {"reason": "евакуація", "author": "Олена"})).json()
    told = (await simulated(console, at=at.isoformat(), keys="0")).json()
    expected = simulate(versioned(evening_plan()), at, ("0",), overrides=(override_from_document(override),))
    assert told == as_document(expected)
    assert "override" in {reason["code"] for reason in told["reasons"]}
    assert any("евакуація" in reason["uk"] for reason in told["reasons"])


@pytest.mark.parametrize(
    ("changes", "status", "error_id"),
    [
        ({"did": "+380500000000"}, 422, "unknown_did"),
        ({"version": "0" * 16}, 404, "not_found"),
        ({"at": "2026-11-24T19:00:00"}, 422, "invalid_request"),
        ({"at": "9999-12-31T23:59:59-12:00"}, 422, "invalid_request"),
        ({"keys": "x"}, 422, "invalid_request"),
        ({"keys": "1," * 300}, 422, "invalid_request"),
        ({"from": "x" * 41}, 422, "invalid_request"),
    ],
)
async def test_a_question_that_cannot_be_answered_says_why(
    console: Console, changes: dict[str, Any], status: int, error_id: str
) -> None:
    await published(console, document_of(small_plan()))
    answer = await simulated(console, **changes)
    assert (answer.status_code, answer.json()["error_id"]) == (status, error_id), answer.text


async def test_a_commit_that_fails_is_no_publication(console: Console, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(
            text(
                "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON plan_publications INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
            )
        )
    try:
        answer = await console.publish(document_of(small_plan()), None)
        assert (answer.status_code, answer.json()["error_id"]) == (500, "internal_error")
        assert (await console.get("plans/current")).status_code == 404
    finally:
        async with app.state.database.transaction() as connection:
            await connection.execute(text("DROP TRIGGER fails ON plan_publications"))
