import csv
import io
from datetime import date, timedelta

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.reports.keeper import refresh_all
from tests.contract.api.conftest import Get, Post, Tokens
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import Line, batch

SEVEN = [
    *calls.ANSWERED,
    *calls.ABANDONED_IN_MENU,
    *calls.ABANDONED_RINGING,
    *calls.ABANDONED_IN_QUEUE,
    *calls.OVERFLOW,
    *calls.BY_SCRIPT,
    *calls.STATIC,
]
DAY = {"from": "2026-11-24", "to": "2026-11-25"}
REPORTS = (
    "summary", "heat-map", "service-level", "distributions", "abandoned", "menus", "operators", "repeat-callers",
)  # fmt: skip


@pytest.fixture(autouse=True)
async def seven_calls(post_evidence: Post) -> None:
    assert (await post_evidence(batch(SEVEN))).status_code == 200


async def report(get: Get, name: str, **params: str | int) -> dict[str, object]:
    answer = await get(f"reports/{name}", **{**DAY, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def total(get: Get, **params: str | int) -> dict[str, int]:
    found = (await report(get, "summary", **params))["total"]
    assert isinstance(found, dict)
    return {name: found[name] for name in ("calls", "answered", "abandoned", "other_ended", "in_progress")}


SEVEN_COUNTS = {"calls": 7, "answered": 2, "abandoned": 4, "other_ended": 0, "in_progress": 1}


async def test_every_call_counts_once(get: Get) -> None:
    assert await total(get) == SEVEN_COUNTS


async def test_figures_are_the_same_before_and_after_they_are_kept_by_hour(get: Get, app: FastAPI) -> None:
    before = {name: await report(get, name) for name in REPORTS}
    assert await refresh_all(app.state.database) == 1
    assert await refresh_all(app.state.database) == 0
    assert {name: await report(get, name) for name in REPORTS} == before


async def test_figures_follow_calls_that_change_after_they_were_kept(
    get: Get, app: FastAPI, post_evidence: Post
) -> None:
    await refresh_all(app.state.database)
    late = [
        Line(line.source, line.offset, line.text.replace("node1-1.", "node1-7."), "late") for line in calls.ANSWERED
    ]
    await post_evidence(batch(late))
    assert await total(get) == SEVEN_COUNTS | {"calls": 8, "answered": 3}
    async with app.state.database.transaction() as connection:
        await connection.execute(text("DELETE FROM calls WHERE call_id = 'node1-7.1'"))
    assert await total(get) == SEVEN_COUNTS


async def test_a_call_that_moves_to_another_day_leaves_its_old_one(get: Get, app: FastAPI) -> None:
    await refresh_all(app.state.database)
    async with app.state.database.transaction() as connection:
        await connection.execute(
            text("UPDATE calls SET started_at = started_at - interval '1 day' WHERE call_id = 'node1-1.1'")
        )
    assert (await total(get))["calls"] == 6
    assert (await total(get, **{"from": "2026-11-23", "to": "2026-11-24"}))["calls"] == 1


async def test_a_transaction_that_commits_during_a_refresh_leaves_its_mark(get: Get, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("DELETE FROM calls WHERE call_id = 'node1-1.1'"))
        await refresh_all(app.state.database)
    assert (await total(get))["calls"] == 6
    assert await refresh_all(app.state.database) == 1
    assert (await total(get))["calls"] == 6


async def test_the_summary_splits_by_office_and_service(get: Get) -> None:
    found = await report(get, "summary", by="office", service="consultation", period="month")
    rows = found["rows"]
    assert isinstance(rows, list)
    assert [(row["period_begin"], row["group"], row["answered"]) for row in rows] == [
        ("2026-11-01", {"office": "chernivtsi"}, 1),
        ("2026-11-01", {"office": "sumy"}, 1),
    ]


async def test_the_share_of_a_base_is_over_all_its_calls(get: Get) -> None:
    base = {"base_from": "2026-11-24", "base_to": "2026-11-25"}
    found = await report(get, "summary", service="consultation", office="sumy", **base)
    row = found["total"]
    assert isinstance(row, dict)
    assert (found["base_calls"], row["answered"], row["answered_of_base"]) == (7, 1, 1 / 7)


async def test_days_are_those_of_kyiv(get: Get, app: FastAPI) -> None:
    moment = "2026-11-24T22:30:00+00:00"
    async with app.state.database.transaction() as connection:
        await connection.execute(text(f"UPDATE calls SET started_at = '{moment}' WHERE call_id = 'node1-1.1'"))
    assert (await total(get))["calls"] == 6
    assert (await total(get, **{"from": "2026-11-25", "to": "2026-11-26"}))["calls"] == 1
    cells = (await report(get, "heat-map", **{"from": "2026-11-25", "to": "2026-11-26"}))["cells"]
    assert isinstance(cells, list)
    assert len(cells) == 7 * 24
    assert [(cell["weekday"], cell["hour"]) for cell in cells if cell["calls"]] == [(3, 0)]


async def test_the_heat_map_tells_hours_of_kyiv(get: Get) -> None:
    cells = (await report(get, "heat-map"))["cells"]
    assert isinstance(cells, list)
    assert [(cell["weekday"], cell["hour"], cell["calls"]) for cell in cells if cell["calls"]] == [
        (2, 11, 4),
        (2, 12, 3),
    ]


@pytest.mark.parametrize(
    ("formula", "levels"),
    [
        ("within_offered", {"chernivtsi": 1 / 4, "sumy": 1.0}),
        ("asterisk_sl", {"chernivtsi": 1.0, "sumy": 1.0}),
        ("asterisk_sl2", {"chernivtsi": 3 / 4, "sumy": 1.0}),
    ],
)
async def test_the_service_level_has_three_formulas(get: Get, formula: str, levels: dict[str, float]) -> None:
    found = await report(get, "service-level", formula=formula, threshold_s=20)
    rows = found["rows"]
    assert isinstance(rows, list)
    assert {row["queue"]: row["service_level"] for row in rows} == levels


async def test_a_service_level_without_a_divisor_is_null(get: Get, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE queue_visits SET answered_at = NULL, ending = 'exit_timeout'"))
    rows = (await report(get, "service-level", formula="asterisk_sl"))["rows"]
    assert isinstance(rows, list)
    assert {row["service_level"] for row in rows} == {None}


async def test_distributions_are_exact(get: Get) -> None:
    rows = (await report(get, "distributions"))["rows"]
    assert isinstance(rows, list)
    found = {row["measure"]: (row["measured"], row["p50_s"], row["p95_s"], row["longest_s"]) for row in rows}
    assert found["talk"] == (2, 60, 114, 114)
    assert found["waiting_answered"] == (2, 3, 7, 7)
    assert found["waiting_abandoned"][:2] == (3, 12)


async def test_abandoned_calls_are_told_by_where_the_caller_was(get: Get) -> None:
    rows = (await report(get, "abandoned"))["rows"]
    assert isinstance(rows, list)
    assert {row["outcome"]: row["abandoned"] for row in rows} == {
        "abandoned_in_menu": 1,
        "abandoned_in_queue": 2,
        "abandoned_ringing": 1,
    }
    assert sum(row["share_of_abandoned"] for row in rows) == 1


async def test_the_funnel_of_the_menus(get: Get) -> None:
    rows = (await report(get, "menus"))["rows"]
    assert rows == [
        {
            "menu": "main", "reached": 4, "matches": 3, "wrong_keys": 1, "silence": 1, "zero_outs": 0, "drop_outs": 1,
        }
    ]  # fmt: skip


async def test_operators_have_what_they_handled_and_no_occupancy_without_states(get: Get, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("DELETE FROM operator_states"))
    rows = (await report(get, "operators"))["rows"]
    assert isinstance(rows, list)
    assert [(row["operator"], row["handled"], row["aht_s"], row["occupancy"]) for row in rows] == [
        ("c01", 1, 114.0, None),
        ("s01", 1, 60.0, None),
    ]


async def test_states_count_within_the_range_only(get: Get, app: FastAPI) -> None:
    insert = (
        "INSERT INTO operator_states (node, operator, started_at, ended_at, state, reason, queues) VALUES "
        "('node1', 's01', '2026-11-23T12:00Z', '2026-11-24T12:00Z', 'available', NULL, '[]'), "
        "('node1', 's01', '2026-11-24T12:00Z', '2026-11-24T13:00Z', 'paused', '1', '[]'), "
        "('node1', 's01', '2026-11-24T13:00Z', '2026-11-24T15:00Z', 'logged_out', NULL, '[]')"
    )
    async with app.state.database.transaction() as connection:
        await connection.execute(text("DELETE FROM operator_states"))
        await connection.execute(text(insert.replace(":00Z", "\\:00Z")))
    rows = (await report(get, "operators", operator="s01"))["rows"]
    assert isinstance(rows, list)
    available_s = 14 * 3_600  # from the midnight of Kyiv, 22:00 UTC
    assert rows[0]["logged_in_s"] == available_s + 3_600
    assert rows[0]["paused_by_reason_s"] == {"1": 3_600}
    assert rows[0]["occupancy"] == (60 + 5) / available_s


async def test_callers_who_come_back_within_a_day_are_told(get: Get) -> None:
    found = await report(get, "repeat-callers")
    assert (found["calls_known"], found["callers_known"], found["came_back"]) == (6, 2, 4)


async def test_a_caller_who_comes_back_after_the_range_counts(get: Get, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(
            text("UPDATE calls SET started_at = '2026-11-25T01\\:00\\:00Z' WHERE call_id = 'node1-1.10'")
        )
    found = await report(get, "repeat-callers")
    assert (found["calls_known"], found["came_back"]) == (5, 4)
    soon = await report(get, "repeat-callers", within_h=1)
    assert soon["came_back"] == 3


@pytest.mark.parametrize("name", REPORTS)
async def test_a_range_without_calls_has_figures_without_divisors(get: Get, name: str) -> None:
    found = await report(get, name, **{"from": "2020-01-01", "to": "2021-01-01"})
    assert found["demo_data"] is False
    assert found["formulas"]


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    "params",
    [
        {"to": "2026-11-24"},
        {"to": "2026-11-23"},
        {"from": "2000-01-01", "to": "2099-01-01"},
        {"from": "yesterday"},
        {"from": "1999-12-31"},
        {"unknown": "1"},
    ],
)
async def test_a_question_that_does_not_fit_is_refused(get: Get, name: str, params: dict[str, str]) -> None:
    answer = await get(f"reports/{name}", **{**DAY, **params})
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


@pytest.mark.parametrize("name", REPORTS)
async def test_every_report_is_a_csv_file_too(get: Get, name: str) -> None:
    answer = await get(f"reports/{name}", **DAY, format="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows
    assert all(None not in row and None not in row.values() for row in rows)


@pytest.mark.parametrize("name", REPORTS)
async def test_every_report_is_a_workbook_with_its_formulas(get: Get, name: str) -> None:
    answer = await get(f"reports/{name}", **DAY, format="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    told = {row[0]: row[2] for row in book["formulas"].iter_rows(min_row=3, max_col=3, values_only=True)}
    formulas = (await report(get, name))["formulas"]
    assert isinstance(formulas, dict)
    for figure, formula in formulas.items():
        assert told[figure] == formula["formula"]
    assert book["report"].max_row > 1


async def test_a_file_of_the_summary_has_groups_as_columns_and_the_total_last(get: Get) -> None:
    answer = await get("reports/summary", **DAY, format="csv", by="office")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [(row["office"], row["calls"]) for row in rows[:-1]] == [("chernivtsi", "5"), ("sumy", "1"), ("", "1")]
    assert (rows[-1]["office"], rows[-1]["calls"]) == ("", "7")


async def test_a_text_that_looks_like_a_formula_is_none_in_a_file(get: Get, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE calls SET office = '=1+1'"))
    rows = (await get("reports/summary", **DAY, format="csv", by="office")).text.splitlines()
    assert ",'=1+1," in rows[1]
    book = openpyxl.load_workbook(io.BytesIO((await get("reports/summary", **DAY, format="xlsx", by="office")).content))
    assert {cell.data_type for row in book["report"].iter_rows() for cell in row if cell.value == "=1+1"} == {"s"}


async def test_calls_are_told_by_region_and_by_every_outcome_that_the_log_has(get: Get, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE calls SET region = 'UA-59' WHERE call_id = 'node1-1.1'"))
        await connection.execute(text("UPDATE calls SET outcome = 'informed' WHERE outcome = 'abandoned_in_menu'"))
    for _ in range(2):
        found = await report(get, "summary", by="outcome")
        rows = found["rows"]
        assert isinstance(rows, list)
        calls_by_outcome = {row["group"]["outcome"]: (row["calls"], row["other_ended"]) for row in rows}
        assert calls_by_outcome["informed"] == (1, 1)
        assert (await total(get, region="UA-59"))["calls"] == 1
        heat = (await report(get, "heat-map", region="UA-59"))["cells"]
        assert isinstance(heat, list)
        assert sum(cell["calls"] for cell in heat) == 1
        await refresh_all(app.state.database)


async def test_half_a_base_is_refused(get: Get) -> None:
    answer = await get("reports/summary", **DAY, base_from="2026-01-01")
    assert (answer.status_code, answer.json()["error_id"]) == (422, "invalid_request")


async def test_reports_need_the_right_to_read_calls(anonymous: httpx.AsyncClient, tokens: Tokens) -> None:
    for name in REPORTS:
        assert (await anonymous.get(f"/api/v1/reports/{name}", params=DAY)).status_code == 401
        assert (await anonymous.get(f"/api/v1/reports/{name}", params=DAY, headers=tokens.node)).status_code == 403


async def test_every_day_of_a_year_with_a_clock_change_is_one_row(get: Get, app: FastAPI) -> None:
    """Calls at every half hour round both clock changes, kept by hour or not: each Kyiv day has its own."""
    days = [date(2026, 3, 28) + timedelta(days=number) for number in range(3)]
    insert = (
        "INSERT INTO calls (call_id, node, started_at, outcome, hung_up_by) "
        "SELECT 'x' || n, 'node1', timestamptz '2026-03-27 22:00+00' + n * interval '30 minutes', 'failed', 'system' "
        "FROM generate_series(0, 142) AS n"
    )
    async with app.state.database.transaction() as connection:
        await connection.exec_driver_sql(insert)
    for _ in range(2):
        rows = (await report(get, "summary", **{"from": "2026-03-28", "to": "2026-03-31"}, period="day"))["rows"]
        assert isinstance(rows, list)
        counts = {row["period_begin"]: row["calls"] for row in rows}
        assert counts == dict(zip([day.isoformat() for day in days], [48, 46, 48], strict=True))
        await refresh_all(app.state.database)
