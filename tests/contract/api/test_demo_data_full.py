"""The centre's calls at full scale, hundreds of thousands, through the real ingest: only under `make test-full`."""

import os

import httpx
import pytest
from fastapi import FastAPI

from api.reports.keeper import refresh_all
from hotline.demo_data import END, START
from hotline.demo_sending import demo_batches, send, sumy_calendar
from tests.contract.api.conftest import Get, Tokens

pytestmark = [
    pytest.mark.full,
    pytest.mark.timeout(4 * 3_600),
    pytest.mark.skipif(os.environ.get("HOTLINE_TEST_FULL") != "1", reason="takes long; make test-full runs it"),
]


async def test_the_reports_give_the_customers_figures(
    app: FastAPI, anonymous: httpx.AsyncClient, tokens: Tokens, get: Get
) -> None:
    anonymous.headers.update(tokens.node)
    progress = await send(anonymous, demo_batches(1, sumy_calendar()))
    assert progress.stored == progress.lines
    await refresh_all(app.state.database)

    async def total(**params: str) -> dict[str, float]:
        found: dict[str, float] = (await get("reports/summary", **params)).json()["total"]
        return found

    half = {"from": "2017-07-01", "to": "2018-01-01", "base_from": "2017-01-01", "base_to": "2018-01-01"}
    sumy = await total(office="sumy", service="consultation", **half)
    assert (await total(**{"from": str(START), "to": str(END)}))["answered"] == 298_396
    assert (await total(**{"from": "2017-01-01", "to": "2018-01-01"}))["calls"] == 156_287
    assert sumy["answered"] == 22_772
    assert round(sumy["answered_of_base"] * 100, 1) == 14.6
