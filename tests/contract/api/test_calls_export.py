import csv
import io

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.calls.files import COLUMNS
from api.settings import ApiSettings
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

ALL = [*calls.ANSWERED, *calls.ABANDONED_IN_MENU, *calls.OVERFLOW]
EVIL = ["=1+1", "+380800213103", "-2", "@SUM(A1)", "\tx", "\rx"]


@pytest.fixture(autouse=True)
async def three_calls(post_evidence: Post) -> None:
    assert (await post_evidence(batch(ALL))).status_code == 200


def rows_of_csv(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def rows_of_xlsx(answer: httpx.Response) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


async def test_csv_holds_the_calls_of_the_filter_in_its_order(get: Get) -> None:
    answer = await get("calls/export", service="consultation", order="started_at")
    header, *rows = rows_of_csv(answer)
    assert answer.headers["content-type"].startswith("text/csv")
    assert header[0] == "call_id"
    assert "started_at (Europe/Kyiv)" in header
    assert [row[0] for row in rows] == ["node1-1.1", "node1-1.7"]
    assert rows[0][COLUMNS.index("started_at")] == "2026-11-24 11:00:00+02:00"


async def test_xlsx_holds_the_same_calls_as_csv(get: Get) -> None:
    wanted = rows_of_csv(await get("calls/export"))
    found = rows_of_xlsx(await get("calls/export", format="xlsx"))
    shown = [["" if cell is None else str(cell) for cell in row] for row in found]
    assert shown == [[cell.removeprefix("'") for cell in row] for row in wanted]


@pytest.mark.parametrize("evil", EVIL)
async def test_no_text_is_a_formula_in_csv(get: Get, app: FastAPI, evil: str) -> None:
    await _set_operator(app, evil)
    rows = rows_of_csv(await get("calls/export"))
    assert {row[COLUMNS.index("operator")] for row in rows[1:]} == {f"'{evil}"}


@pytest.mark.parametrize("evil", EVIL)
async def test_no_text_is_a_formula_in_xlsx(get: Get, app: FastAPI, evil: str) -> None:
    await _set_operator(app, evil)
    answer = await get("calls/export", format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    cell = sheet.cell(row=2, column=COLUMNS.index("operator") + 1)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


async def _set_operator(app: FastAPI, value: str) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE calls SET operator = :value"), {"value": value})


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_more_calls_than_a_file_may_hold_are_refused(
    get: Get, app: FastAPI, settings: ApiSettings, form: str
) -> None:
    app.state.settings = settings.model_copy(update={"export_limit_rows": 2})
    answer = await get("calls/export", format=form)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "export_too_large")
    assert answer.json()["details"] == {"limit_rows": 2}
    assert (await get("calls/export", format=form, service="consultation")).status_code == 200


async def test_the_pseudonym_of_any_form_of_a_number_finds_its_calls(
    anonymous: httpx.AsyncClient, get: Get, tokens: Tokens
) -> None:
    found = [
        (await anonymous.post("/api/v1/calls/search-number", json={"number": number}, headers=tokens.console)).json()
        for number in ("0501234567", "+38 (050) 123-45-67")
    ]
    assert found[0] == found[1]
    assert found[0]["calls"] == 1
    page = (await get("calls", pseudonym=found[0]["pseudonym"])).json()
    assert [call["call_id"] for call in page["calls"]] == ["node1-1.1"]


@pytest.mark.parametrize(
    "body", [{"number": "abc"}, {"number": ""}, {}, {"number": "1" * 41}, {"number": "0501", "x": 1}]
)
async def test_what_is_no_number_is_refused(
    anonymous: httpx.AsyncClient, tokens: Tokens, body: dict[str, object]
) -> None:
    answer = await anonymous.post("/api/v1/calls/search-number", json=body, headers=tokens.console)
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_an_export_needs_the_right_to_read_calls(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    assert (await anonymous.get("/api/v1/calls/export")).status_code == 401
    assert (await anonymous.get("/api/v1/calls/export", headers=tokens.node)).status_code == 403
