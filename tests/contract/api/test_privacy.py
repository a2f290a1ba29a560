"""Callers' numbers: shown for a reason, exported, erased, kept for a time, sealed anew with another key."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.evidence.months import LOCK
from api.privacy.rotation import sealed_columns
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import change_encryption_key, ensure_secrets, forget_keys_before
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.people import People, audited, people
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

__all__ = ["people"]

CALL = "node1-1.1"
NUMBER = "+380501234567"
WHY = {"reason": "зворотний дзвінок"}
BROKEN = b'\n{"node":"n","source":"cel","generation":"g","offset":0,"line":"050 123-45-67 broken"}'


@pytest.fixture
async def logged(post_evidence: Post) -> None:
    answer = await post_evidence(batch(calls.ANSWERED) + BROKEN)
    assert answer.json()["quarantined"] == 1


async def ask(client: httpx.AsyncClient, tokens: Tokens, path: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/v1/{path}", json=body, headers=tokens.console)


async def scalars(app: FastAPI, statement: str) -> list[Any]:
    async with app.state.database.transaction() as connection:
        return list((await connection.execute(text(statement))).scalars())


async def change(app: FastAPI, statement: str) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(LOCK)  # a month made beside a TRUNCATE can end in a deadlock
        await connection.execute(text(statement))


async def everything(app: FastAPI, but: str = "") -> str:
    """Gives every row of the tables that could hold a trace of a number, as text; not those of the table `but`."""
    names = ("evidence", "calls", "caller_numbers", "quarantine", "call_legs", "audit_log")
    tables = [name for name in names if name != but]
    return "\n".join([row for name in tables for row in await scalars(app, f"SELECT t::text FROM {name} t")])


@pytest.mark.usefixtures("logged")
async def test_numbers_are_in_no_answer_until_somebody_asks_with_a_reason(
    people: People, get: Get, tokens: Tokens, anonymous: httpx.AsyncClient
) -> None:
    assert "501234567" not in (await get("calls")).text + (await get(f"calls/{CALL}")).text
    supervisor = await people.of_role("supervisor")
    nameless = await supervisor.post(f"/api/v1/calls/{CALL}/number", json={"reason": "  "})
    assert nameless.status_code == 422
    shown = await supervisor.post(f"/api/v1/calls/{CALL}/number", json=WHY)
    assert shown.json() == {"number": NUMBER}
    (row,) = await audited(anonymous, tokens, action="number.show")
    assert (row["actor_name"], row["actor_role"], row["subject"]) == ("supervisor", "supervisor", CALL)
    assert row["details"] == WHY
    missing = await supervisor.post("/api/v1/calls/none/number", json=WHY)
    assert (missing.status_code, missing.json()["error_id"]) == (404, "no_number")


@pytest.mark.usefixtures("logged")
async def test_a_persons_data_is_exported_by_any_form_of_the_number(
    anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    export = (await ask(anonymous, tokens, "persons/export", number="0 50 123 45 67", reason="запит")).json()
    assert [call["call_id"] for call in export["calls"]] == [CALL]
    assert export["calls"][0]["timeline"]
    assert export["is_whole"]
    assert "501234567" in export["number"]
    nobody = await ask(anonymous, tokens, "persons/export", number="+380440000000", reason="запит")
    assert nobody.status_code == 404
    assert len(await audited(anonymous, tokens, action="person.export")) == 1


@pytest.mark.usefixtures("logged")
async def test_erasing_destroys_the_number_and_leaves_the_shape(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI, get: Get, post_evidence: Post
) -> None:
    before = (await get(f"calls/{CALL}")).json()
    old = before["caller"]["pseudonym"]
    assert old in await everything(app)
    erased = (await ask(anonymous, tokens, "persons/erase", number=NUMBER, reason="запит")).json()
    assert (erased["calls"], erased["quarantine"]) == (1, 1)
    assert erased["evidence"] >= 1
    assert old not in await everything(app)
    assert await scalars(app, "SELECT count(*) FROM caller_numbers") == [0]
    assert [app.state.vault.open(line) for line in await scalars(app, "SELECT line_encrypted FROM quarantine")] == [
        "erased"
    ]
    after = (await get(f"calls/{CALL}")).json()
    assert after["caller"]["pseudonym"] == erased["pseudonym"] != old
    assert after | {"caller": None} == before | {"caller": None}
    shown = await ask(anonymous, tokens, f"calls/{CALL}/number", **WHY)
    assert (shown.status_code, shown.json()["error_id"]) == (404, "no_number")
    again = await ask(anonymous, tokens, "persons/erase", number=NUMBER, reason="запит")
    assert again.status_code == 404
    assert (await post_evidence(batch(calls.ANSWERED) + BROKEN)).json()["stored"] == 0
    assert old not in await everything(app)
    assert await scalars(app, "SELECT count(*) FROM caller_numbers") == [0]


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("held", [{"number": NUMBER}, {"call_id": CALL}])
async def test_a_legal_hold_keeps_data_from_being_erased_and_from_ending(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI, held: dict[str, str]
) -> None:
    hold = (await ask(anonymous, tokens, "legal-holds", **held, reason="справа № 5")).json()
    refused = await ask(anonymous, tokens, "persons/erase", number=NUMBER, reason="запит")
    assert (refused.status_code, refused.json()["error_id"]) == (409, "legal_hold")
    assert refused.json()["details"] == {"holds": [hold["id"]]}
    await grow_old(app)
    kept = await scalars(app, "SELECT t::text FROM evidence t ORDER BY 1")
    counts = (await ask(anonymous, tokens, "retention/runs", is_dry=False)).json()["counts"]["detail"]
    assert {name: count for name, count in counts.items() if count} == {"quarantine": 1}
    assert await scalars(app, "SELECT t::text FROM evidence t ORDER BY 1") == kept
    url = f"/api/v1/legal-holds/{hold['id']}"
    assert (await anonymous.delete(url, headers=tokens.console)).json()["released_by"] == "console"
    second = await anonymous.delete(url, headers=tokens.console)
    assert (second.status_code, second.json()["error_id"]) == (409, "hold_over")
    assert [row["action"] for row in await audited(anonymous, tokens)][:1] == ["hold.release"]
    after = (await ask(anonymous, tokens, "retention/runs", is_dry=False)).json()["counts"]["detail"]
    assert (after["calls"], after["numbers"], after["evidence"]) == (1, 1, len(kept))


@pytest.mark.parametrize("body", [{}, {"number": NUMBER, "call_id": CALL}, {"number": "'; DROP", "call_id": None}])
async def test_a_hold_that_does_not_fit_is_refused(
    anonymous: httpx.AsyncClient, tokens: Tokens, body: dict[str, Any]
) -> None:
    assert (await ask(anonymous, tokens, "legal-holds", **body, reason="x")).status_code == 422


async def grow_old(app: FastAPI) -> None:
    """Makes everything look as if it had come when the scenario's calls came, years ago."""
    await change(app, "UPDATE caller_numbers SET first_seen_at = now() - interval '20 years'")
    await change(app, "UPDATE quarantine SET received_at = now() - interval '20 years'")
    app.state.retention = _with(app, retention_detail_days=1)
    await change(app, "UPDATE calls SET started_at = now() - interval '20 years'")
    await change(app, "UPDATE evidence SET occurred_at = occurred_at - interval '20 years'")


def _with(app: FastAPI, **changes: Any) -> Any:
    retention = app.state.retention
    settings = app.state.settings.model_copy(update=changes)
    return type(retention)(database=retention.database, settings=settings, audit=retention.audit)


@pytest.mark.usefixtures("logged")
async def test_what_is_over_is_counted_dry_and_then_removed_and_the_call_stays_nobodys(
    anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI, get: Get
) -> None:
    young = (await ask(anonymous, tokens, "retention/runs", is_dry=False)).json()
    assert set(young["counts"]["detail"].values()) == {0}
    await grow_old(app)
    before = await everything(app, but="audit_log")
    dry = (await ask(anonymous, tokens, "retention/runs", is_dry=True)).json()
    counts = dry["counts"]["detail"]
    assert (counts["calls"], counts["numbers"], counts["quarantine"]) == (1, 1, 1)
    assert counts["evidence"] > 5
    assert await everything(app, but="audit_log") == before
    wet = (await ask(anonymous, tokens, "retention/runs", is_dry=False)).json()
    assert wet["counts"]["detail"] == counts
    call = (await get(f"calls/{CALL}")).json()
    assert (call["caller"]["pseudonym"], call["legs"], call["timeline"]) == (None, [], [])
    assert call["menu_steps"]
    runs = (await get("retention/runs")).json()["runs"]
    assert [run["is_dry"] for run in runs] == [False, True, False]
    assert [row["details"]["is_dry"] for row in await audited(anonymous, tokens, action="retention.run")] == [
        False,
        True,
        False,
    ]


async def test_two_runs_do_not_go_on_at_once(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    async with app.state.database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(hashtext('retention'))"))
        refused = await ask(anonymous, tokens, "retention/runs", is_dry=True)
        assert (refused.status_code, refused.json()["error_id"]) == (409, "retention_runs")
        await connection.execute(text("SELECT pg_advisory_unlock(hashtext('retention'))"))


async def test_a_changed_key_seals_everything_anew_and_the_old_one_opens_nothing(
    settings: ApiSettings, tmp_path: Path, database_url: str
) -> None:
    path = tmp_path / "secrets.json"
    secrets = ensure_secrets(path, [])
    app = create_app(settings.model_copy(update={"secrets_file": path}))
    old = app.state.vault
    tokens = Tokens(
        node={"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"},
        console={"Authorization": f"Bearer {secrets.token_console.get_secret_value()}"},
    )
    await change(app, "TRUNCATE evidence, calls, caller_numbers, quarantine, audit_log, audit_head CASCADE")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        await client.post("/api/v1/evidence", content=batch(calls.ANSWERED) + BROKEN, headers=tokens.node)
        change_encryption_key(path)
        assert change_encryption_key(path).number_encryption_keys_before == (secrets.number_encryption_key,)
        rotated = (await client.post("/api/v1/keys/rotation", headers=tokens.console)).json()
        assert rotated["resealed"]["caller_numbers.number_encrypted"] == 1
        assert rotated["resealed"]["quarantine.line_encrypted"] == 1
        assert (rotated["unreadable"], rotated["old_keys"]) == (0, 1)
        forget_keys_before(path)
        again = (await client.post("/api/v1/keys/rotation", headers=tokens.console)).json()
        assert (sum(again["resealed"].values()), again["old_keys"]) == (0, 0)
        assert again["key_id"] == rotated["key_id"] != old.key_id
        (sealed,) = await scalars(app, "SELECT number_encrypted FROM caller_numbers")
        assert not old.opens_with(sealed)
        shown = await client.post(f"/api/v1/calls/{CALL}/number", json=WHY, headers=tokens.console)
        assert shown.json() == {"number": NUMBER}
        assert [row["action"] for row in await audited(client, tokens)][1:] == ["keys.rotate", "keys.rotate"]
        ensure_secrets(tmp_path / "other.json", [])
        (tmp_path / "other.json").replace(path)
        strange = await client.post("/api/v1/keys/rotation", headers=tokens.console)
        assert (strange.status_code, strange.json()["error_id"]) == (409, "keys_unfit")
        assert (await client.get("/api/v1/audit/verdict", headers=tokens.console)).json()["is_whole"]
    await app.state.database.close()


def test_every_column_with_sealed_values_is_known_to_the_rotation() -> None:
    names = {str(column) for column in sealed_columns()}
    assert {"caller_numbers.number_encrypted", "quarantine.line_encrypted"} <= names
