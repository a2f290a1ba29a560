"""A thousandth of the centre's calls through the real ingest: the reports tell the scaled figures, exactly."""

from datetime import date

import httpx
import pytest
from fastapi import FastAPI

from api.reports.keeper import refresh_all
from hotline import demo_evidence
from hotline.demo_data import END, START, targets
from hotline.demo_sending import Progress, calls_due, demo_batches, send, sumy_calendar
from hotline.errors import LogApiError
from tests.contract.api.conftest import Get, Tokens

SCALE = 0.001
FIGURES = targets(SCALE)
EVER = {"from": str(START), "to": str(END)}
YEAR_2017 = {"from": "2017-01-01", "to": "2018-01-01"}
SUMYS_FIRST_HALF_YEAR = {"from": "2017-07-01", "to": "2018-01-01", "office": "sumy", "service": "consultation"}


@pytest.fixture
async def sent(app: FastAPI, anonymous: httpx.AsyncClient, tokens: Tokens) -> Progress:
    anonymous.headers.update(tokens.node)
    progress = await send(anonymous, demo_batches(SCALE, sumy_calendar()))
    del anonymous.headers["Authorization"]
    return progress


async def summary(get: Get, **params: str) -> dict[str, object]:
    answer = await get("reports/summary", **params)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def totals(get: Get, **params: str) -> dict[str, int]:
    total = (await summary(get, **params))["total"]
    assert isinstance(total, dict)
    return total


@pytest.mark.parametrize("is_kept_by_hour", [False, True])
async def test_the_reports_give_the_figures_of_the_centre(
    get: Get, app: FastAPI, sent: Progress, is_kept_by_hour: bool
) -> None:
    if is_kept_by_hour:
        assert await refresh_all(app.state.database) > 0
    assert sent.stored == sent.lines
    assert (await totals(get, **EVER))["answered"] == FIGURES.answered_ever == 298
    assert (await totals(get, **YEAR_2017))["calls"] == FIGURES.calls_2017 == 156
    found = await summary(get, **SUMYS_FIRST_HALF_YEAR, base_from="2017-01-01", base_to="2018-01-01")
    row = found["total"]
    assert isinstance(row, dict)
    assert (row["answered"], found["base_calls"]) == (FIGURES.sumy_consultations_2017, FIGURES.calls_2017) == (23, 156)
    assert row["answered_of_base"] == 23 / 156
    assert found["demo_data"] is True


async def test_the_offices_add_up_and_sumy_answers_consultations_only(get: Get, sent: Progress) -> None:
    rows = (await summary(get, **EVER, by="office"))["rows"]
    assert isinstance(rows, list)
    answered = {row["group"]["office"]: row["answered"] for row in rows}
    assert sum(answered.values()) == 298
    consultations = await totals(get, **EVER, office="sumy", service="consultation")
    assert answered["sumy"] == consultations["answered"] == 27
    assert (await totals(get, **{"from": str(START), "to": "2017-07-01"}, office="sumy"))["calls"] == 0


async def test_sumy_answers_in_its_hours_only(get: Get, sent: Progress) -> None:
    cells = (await get("reports/heat-map", **EVER, office="sumy")).json()["cells"]
    busy = [cell for cell in cells if cell["calls"]]
    assert sum(cell["calls"] for cell in busy) == 27
    assert {cell["weekday"] for cell in busy} <= {1, 2, 3, 4, 5}
    assert all(8 <= cell["hour"] < 18 for cell in busy)


async def test_sending_it_again_changes_nothing(
    get: Get, anonymous: httpx.AsyncClient, tokens: Tokens, sent: Progress
) -> None:
    before = await totals(get, **EVER)
    anonymous.headers.update(tokens.node)
    again = await send(anonymous, demo_batches(SCALE, sumy_calendar(), date(2017, 1, 1), date(2017, 9, 1)))
    del anonymous.headers["Authorization"]
    assert (again.stored, await totals(get, **EVER)) == (0, before)


async def test_whoever_is_stopped_goes_on_from_the_day_that_was_under_way(
    get: Get, anonymous: httpx.AsyncClient, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_evidence, "BATCH_LINES", 100)
    anonymous.headers.update(tokens.node)
    stopped = Progress()

    def stop(progress: Progress) -> None:
        if progress.calls > 100:
            raise LogApiError("the api is gone")

    with pytest.raises(LogApiError):
        await send(anonymous, demo_batches(SCALE, sumy_calendar()), told=stop, progress=stopped)
    assert stopped.next_day is not None
    rest = await send(anonymous, demo_batches(SCALE, sumy_calendar(), stopped.next_day))
    del anonymous.headers["Authorization"]
    assert rest.next_day is None
    assert rest.calls < calls_due(SCALE, sumy_calendar())
    assert (await totals(get, **EVER))["answered"] == FIGURES.answered_ever


async def test_every_call_of_it_is_marked(get: Get, sent: Progress) -> None:
    page = (await get("calls", limit=200)).json()
    assert {call["node"] for call in page["calls"]} == {"demo-data"}
    assert {call["outcome"] for call in page["calls"]} == {
        "answered", "abandoned_in_menu", "abandoned_in_queue", "abandoned_ringing",
    }  # fmt: skip
