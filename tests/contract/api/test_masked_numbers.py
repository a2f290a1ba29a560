"""Callers' numbers in lists, journeys and exports: masked, and gone when the number is."""

import csv
import io
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.calls.files import COLUMNS
from api.evidence.masks import BATCH_NUMBERS
from api.ledger.upkeep import Upkeep
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

SHOWN, OTHER, WITHHELD = "node1-1.1", "node1-1.4", "node1-1.3"
MASKS = {SHOWN: "+380 ••• 67", OTHER: "+380 ••• 33", WITHHELD: None}
DIGITS = ("501234567", "671112233")


@pytest.fixture(autouse=True)
async def three_calls(post_evidence: Post) -> None:
    lines = [*calls.ANSWERED, *calls.ABANDONED_IN_MENU, *calls.ABANDONED_RINGING]
    assert (await post_evidence(batch(lines))).status_code == 200


async def execute(app: FastAPI, statement: str, **values: object) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text(statement), values)


async def shown(get: Get, **params: str) -> dict[str, str | None]:
    answer = await get("calls", **params)
    assert answer.status_code == 200, answer.text
    return {call["call_id"]: call["caller"]["masked"] for call in answer.json()["calls"]}


async def test_lists_show_masked_numbers_and_nothing_of_a_withheld_one(get: Get) -> None:
    assert await shown(get) == MASKS


async def test_a_journey_shows_the_masked_number_and_no_more_digits(get: Get) -> None:
    answer = await get(f"calls/{SHOWN}")
    assert answer.json()["caller"]["masked"] == MASKS[SHOWN]
    assert not any(digits in answer.text for digits in DIGITS)


async def test_an_export_has_masked_numbers_that_are_no_formulas(get: Get) -> None:
    answer = await get("calls/export")
    _, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    found = {row[0]: row[COLUMNS.index("number_masked")] for row in rows}
    assert found == {SHOWN: "'+380 ••• 67", OTHER: "'+380 ••• 33", WITHHELD: ""}
    assert not any(digits in answer.text for digits in DIGITS)


@pytest.mark.parametrize(("digits", "found"), [("67", [SHOWN]), ("33", [OTHER]), ("12", [])])
async def test_calls_are_found_by_the_last_two_digits_of_the_number(get: Get, digits: str, found: list[str]) -> None:
    assert list(await shown(get, number_ends=digits)) == found


@pytest.mark.parametrize("digits", ["6", "123", "••", "%6", ""])
async def test_other_than_two_digits_are_refused(get: Get, digits: str) -> None:
    assert (await get("calls", number_ends=digits)).status_code == 422


async def test_an_erased_number_leaves_no_digits_behind(
    get: Get, anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI
) -> None:
    body = {"number": "0501234567", "reason": "asked for it"}
    erased = await anonymous.post("/api/v1/persons/erase", json=body, headers=tokens.console)
    assert erased.status_code == 200, erased.text
    assert await shown(get) == MASKS | {SHOWN: None}
    async with app.state.database.transaction() as connection:
        left = await connection.execute(text("SELECT number_masked FROM caller_numbers"))
        assert list(left.scalars()) == [MASKS[OTHER]]


async def test_numbers_of_before_are_masked_by_upkeep_and_unreadable_ones_hidden(get: Get, app: FastAPI) -> None:
    await execute(app, "UPDATE caller_numbers SET number_masked = NULL")
    await execute(
        app,
        "INSERT INTO caller_numbers (pseudonym, number_encrypted) "
        "SELECT 'unreadable' || place, 'x' FROM generate_series(1, :more) place",
        more=BATCH_NUMBERS,
    )
    assert await shown(get) == dict.fromkeys(MASKS)
    upkeep = Upkeep(app.state.database, app.state.settings, lambda: app.state.vault)
    await upkeep.run_once(datetime(2026, 11, 24, 1, tzinfo=UTC))
    assert await shown(get) == MASKS
    async with app.state.database.transaction() as connection:
        masks = await connection.execute(text("SELECT DISTINCT number_masked FROM caller_numbers ORDER BY 1"))
        assert set(masks.scalars()) == {"•••", MASKS[SHOWN], MASKS[OTHER]}
