"""The audit: every change leaves a row; what was altered, taken out or put in is noticed."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.audit.actions import Action
from api.audit.trail import trim
from tests.contract.api.conftest import Tokens
from tests.contract.api.people import audited
from tests.contract.api.plan_documents import document_of
from tests.contract.api.test_overrides import later
from tests.plans import small_plan

OVERRIDE = {
    "scope": "queue",
    "target": "sumy",
    "action": "closed",
    "destination": None,
    "reason": "немає світла",
    "author": "Олена К.",
}


async def verdict(client: httpx.AsyncClient, tokens: Tokens, **expected: Any) -> dict[str, Any]:
    answer = await client.get("/api/v1/audit/verdict", params=expected, headers=tokens.console)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def write(app: FastAPI, rows: int) -> None:
    async with app.state.database.transaction() as connection:
        for number in range(1, rows + 1):
            details = {"reason": f"причина {number}", "list": [1, None, True, {"a": "\u2028"}]}
            await app.state.audit.record(connection, Action.RECORD_CHANGED, subject=f"s{number}", details=details)


async def tamper(app: FastAPI, *statements: str) -> None:
    """Does what somebody with the database's highest rights can do."""
    async with app.state.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        for statement in statements:
            await connection.execute(text(statement))
        await connection.execute(text("ALTER TABLE audit_log ENABLE TRIGGER USER"))


async def test_publishing_rolling_back_and_overrides_are_told(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    body = {"document": document_of(small_plan()), "author": "Олена К.", "reason": "b", "expected_current": None}
    version = (await anonymous.post("/api/v1/plans", json=body, headers=tokens.console)).json()["version"]
    override = OVERRIDE | {"until": later(hours=1)}
    set_ = await anonymous.post("/api/v1/overrides", json=override, headers=tokens.node)
    url = f"/api/v1/overrides/{set_.json()['id']}"
    await anonymous.delete(url, params={"author": "Ігор"}, headers=tokens.console)
    rows = await audited(anonymous, tokens)
    assert [(row["action"], row["actor_name"]) for row in rows] == [
        ("override.clear", "console"),
        ("override.set", "node"),
        ("plan.publish", "console"),
    ]
    assert rows[2]["subject"] == version
    assert rows[2]["details"] == {"author": "Олена К.", "reason": "b", "previous_version": None}
    assert rows[1]["details"]["reason"] == "немає світла"
    assert (await verdict(anonymous, tokens))["is_whole"]


async def test_what_is_refused_leaves_no_row(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    override = OVERRIDE | {"until": later(hours=1)}
    assert (await anonymous.post("/api/v1/overrides", json=override, headers=tokens.console)).status_code == 404
    assert await audited(anonymous, tokens) == []


async def test_a_row_that_cannot_be_written_takes_the_change_with_it(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await tamper(app, "ALTER TABLE audit_log ADD CONSTRAINT none CHECK (false)")
    try:
        body = {"name": "x", "scopes": ["calls:read"], "life_days": 1}
        assert (await anonymous.post("/api/v1/tokens", json=body, headers=tokens.console)).status_code == 500
    finally:
        await tamper(app, "ALTER TABLE audit_log DROP CONSTRAINT none")
    assert (await anonymous.get("/api/v1/tokens", headers=tokens.console)).json() == {"tokens": []}


async def test_a_chain_that_nobody_touched_is_whole(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    empty = await verdict(anonymous, tokens)
    assert (empty["is_whole"], empty["rows"], empty["head_seq"]) == (True, 0, 0)
    await write(app, 5)
    whole = await verdict(anonymous, tokens)
    assert (whole["is_whole"], whole["rows"], whole["first_seq"], whole["head_seq"]) == (True, 5, 1, 5)


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET subject = 'x'", "DELETE FROM audit_log"])
async def test_the_table_takes_no_changes(app: FastAPI, statement: str) -> None:
    await write(app, 1)
    with pytest.raises(DBAPIError, match="append-only"):
        async with app.state.database.transaction() as connection:
            await connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE audit_log SET details = '{}' WHERE seq = 3"], "row 3 was altered"),
        (["UPDATE audit_log SET actor_name = 'x' WHERE seq = 1"], "row 1 was altered"),
        (["UPDATE audit_log SET at = at + interval '1 microsecond' WHERE seq = 5"], "row 5 was altered"),
        (["DELETE FROM audit_log WHERE seq = 3"], "row 3 is missing"),
        (["DELETE FROM audit_log WHERE seq <= 2"], "rows 1 to 2 are missing"),
        (["DELETE FROM audit_log WHERE seq >= 4"], "rows 4 to 5 are missing"),
        (["DELETE FROM audit_log"], "rows 1 to 5 are missing"),
        (
            ["DELETE FROM audit_log WHERE seq = 3", "UPDATE audit_log SET seq = seq - 1 WHERE seq > 3"],
            "row 3 does not continue row 2",
        ),
        (["UPDATE audit_log SET hash = previous_hash WHERE seq = 5"], "row 5 was altered"),
    ],
)
async def test_what_was_altered_or_taken_out_is_named(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI, statements: list[str], fault: str
) -> None:
    await write(app, 5)
    await tamper(app, *statements)
    told = await verdict(anonymous, tokens)
    assert not told["is_whole"]
    assert fault in told["faults"]


async def test_an_end_that_went_back_together_with_its_head_is_noticed_by_who_kept_the_head(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await write(app, 5)
    kept = await verdict(anonymous, tokens)
    expected = {"expect_seq": kept["head_seq"], "expect_hash": kept["head_hash"]}
    assert (await verdict(anonymous, tokens, **expected))["is_whole"]
    await tamper(
        app,
        "DELETE FROM audit_log WHERE seq = 5",
        "UPDATE audit_head SET seq = 4, hash = (SELECT hash FROM audit_log WHERE seq = 4)",
    )
    assert (await verdict(anonymous, tokens))["is_whole"]
    assert (await verdict(anonymous, tokens, **expected))["faults"] == ["row 5, whose hash was kept, is not there"]
    await write(app, 1)
    again = await verdict(anonymous, tokens, **expected)
    assert again["faults"] == ["row 5 has another hash than the one that was kept"]


async def test_retention_takes_the_beginning_and_the_rest_stays_provable(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await write(app, 5)
    async with app.state.database.transaction() as connection:
        assert await trim(connection, app.state.audit, keep_days=0, is_dry=True) == 5
        assert await trim(connection, app.state.audit, keep_days=1, is_dry=False) == 0
    async with app.state.database.transaction() as connection:
        assert await trim(connection, app.state.audit, keep_days=0, is_dry=False) == 5
    await write(app, 2)
    told = await verdict(anonymous, tokens)
    assert (told["is_whole"], told["first_seq"], told["head_seq"], told["rows"]) == (True, 6, 8, 3)
    await tamper(app, "DELETE FROM audit_log WHERE seq = 6")
    assert not (await verdict(anonymous, tokens))["is_whole"]


async def test_the_audit_is_given_in_pages_and_by_subject(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    await write(app, 5)
    seen, cursor = [], ""
    while cursor is not None:
        params = {"limit": "2", "cursor": cursor}
        page = (await anonymous.get("/api/v1/audit", params=params, headers=tokens.console)).json()
        seen += [row["seq"] for row in page["rows"]]
        cursor = page["next_cursor"]
    assert seen == [5, 4, 3, 2, 1]
    assert [row["seq"] for row in await audited(anonymous, tokens, subject="s3")] == [3]
    bad = await anonymous.get("/api/v1/audit", params={"cursor": "x"}, headers=tokens.console)
    assert (bad.status_code, bad.json()["error_id"]) == (422, "invalid_cursor")
