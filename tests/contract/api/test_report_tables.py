"""What `hotline report` prints of the real api's answers."""

import io

import pytest
from rich.console import Console

from hotline.commands.reports import _MODELS, ReportName
from hotline.http_api import parse
from hotline.report_tables import report_view
from tests.contract.api.conftest import Get, Post
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch

DAY = {"from": "2026-11-24", "to": "2026-11-25"}
SHOWN = {
    ReportName.SUMMARY: ["total", "answered", "2 "],
    ReportName.HEAT_MAP: ["11:00", "Tue", "2.0"],
    ReportName.SERVICE_LEVEL: ["sumy", "100.0 % in 20 s"],
    ReportName.DISTRIBUTIONS: ["waiting_answered", "p95 s"],
    ReportName.ABANDONED: ["abandoned_in_menu", "100.0 %"],
    ReportName.MENUS: ["main", "zero-outs"],
    ReportName.OPERATORS: ["s01", "60 s"],
    ReportName.REPEAT_CALLERS: ["came back", "0.0 %"],
}


@pytest.mark.parametrize("name", ReportName)
async def test_every_report_is_a_table_with_its_formulas_on_demand(
    get: Get, post_evidence: Post, name: ReportName
) -> None:
    await post_evidence(batch([*calls.ANSWERED, *calls.ABANDONED_IN_MENU]))
    answer = parse(_MODELS[name], (await get(f"reports/{name}", **DAY)).content)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(report_view(answer, with_formulas=True))
    text = console.export_text()
    assert "2026-11-24 to 2026-11-25 (not included), Kyiv days" in text
    for shown in [*SHOWN[name], *answer.formulas]:
        assert shown in text
