"""`/metrics`, as Prometheus reads it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from tests.contract.api.conftest import Post, Tokens
from tests.contract.api.desk_calls import DETENTION_ASKED
from tests.contract.api.plan_documents import document_of
from tests.contract.api.scenarios.calls import ANSWERED
from tests.contract.api.scenarios.tables import batch
from tests.contract.api.test_health import REPORT
from tests.contract.api.test_plans import Console
from tests.plans import small_plan

BOARD = {
    "ami_gaps": 2,
    "unstaffed_queues": ["chernivtsi"],
    "detention_waiting": {"waiting": 3, "longest_wait_s": 21, "over_15s": 2, "over_20s": 1},
    "queues": [{"queue": "sumy", "waiting": 3, "longest_wait_s": 41}],
    "operators": [{"operator": "s01", "state": "talking", "queues": ["sumy"]}],
}
COUNTED = re.compile(r"(?<![0-9.])\+?(380\d{9}|0501234567)(?![0-9])")
"""Not in the middle of a measured time, whose digits are anything."""


@asynccontextmanager
async def asking_from(app: FastAPI, host: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(host, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


async def metrics(client: httpx.AsyncClient, headers: dict[str, str] | None = None) -> dict[str, Metric]:
    answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert not COUNTED.search(answer.text)
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(found: dict[str, Metric], name: str, **labels: str) -> float | None:
    samples = [sample.value for sample in found[name].samples if labels.items() <= sample.labels.items()]
    return samples[0] if samples else None


@pytest.fixture
async def line(anonymous: httpx.AsyncClient, tokens: Tokens, post_evidence: Post, app: FastAPI) -> None:
    console = Console(anonymous, tokens.console)
    assert (await console.publish(document_of(small_plan()), None)).status_code == 201
    for lines in (ANSWERED, DETENTION_ASKED):
        assert (await post_evidence(batch(lines))).status_code == 200
    report = REPORT | BOARD
    assert (await anonymous.put("/api/v1/nodes/node1/live", json=report, headers=tokens.node)).status_code == 204
    statements = (
        "UPDATE calls SET started_at = now()",
        "UPDATE queue_visits SET entered_at = now()",
        "UPDATE detention_reports SET received_at = now() - interval '2 hours'",
        "INSERT INTO ledger_days (day, differences, report) VALUES ('2099-01-01', 4, '{}')",
    )
    async with app.state.database.transaction() as connection:
        for statement in statements:
            await connection.execute(text(statement))


@pytest.mark.usefixtures("line")
async def test_the_metrics_tell_how_the_line_is(anonymous: httpx.AsyncClient, app: FastAPI) -> None:
    found = await metrics(anonymous)
    assert value(found, "hotline_calls_today", outcome="answered") == 1
    assert value(found, "hotline_queue_callers", node="node1", queue="sumy") == 3
    assert value(found, "hotline_queue_longest_wait_seconds", queue="sumy") == 41
    assert value(found, "hotline_queue_service_level_ratio", queue="sumy") == 1
    assert value(found, "hotline_operators", node="node1", state="talking") == 1
    assert value(found, "hotline_operators", node="node1", state="ready") == 0
    assert value(found, "hotline_node_up", node="node1") == 1
    assert value(found, "hotline_node_ami_state", node="node1", state="up") == 1
    assert value(found, "hotline_node_ami_state", node="node1", state="refused") == 0
    assert value(found, "hotline_node_ami_gaps", node="node1") == 2
    assert value(found, "hotline_node_unstaffed_queues", node="node1") == 1
    for waited_s, callers in (("0", 3), ("15", 2), ("20", 1)):
        assert value(found, "hotline_node_detention_callers", node="node1", waited_s=waited_s) == callers
    assert value(found, "hotline_node_evidence_outbox_bytes", node="node1") == REPORT["journal"]["lag_bytes"]
    assert value(found, "hotline_ledger_differences") == 4
    assert value(found, "hotline_detention_reports_waiting") == 1
    assert value(found, "hotline_detention_reports_overdue") == 1
    assert value(found, "hotline_quarantined_lines") == 0


@pytest.mark.usefixtures("line")
async def test_the_ledger_of_today_is_told_while_the_day_goes_on(anonymous: httpx.AsyncClient, app: FastAPI) -> None:
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE calls SET ended_at = now()"))
    await app.state.upkeep.run_once(datetime.now(UTC) + timedelta(seconds=app.state.settings.ledger_settle_s + 1))
    found = await metrics(anonymous)
    differences = value(found, "hotline_ledger_today_differences")
    assert differences is not None
    assert differences > 0
    assert value(found, "hotline_ledger_today_age_seconds") == 0


async def test_what_is_not_known_is_left_out(anonymous: httpx.AsyncClient, tokens: Tokens, app: FastAPI) -> None:
    await anonymous.put("/api/v1/nodes/node1/live", json=REPORT | BOARD, headers=tokens.node)
    async with app.state.database.transaction() as connection:
        await connection.execute(text("UPDATE nodes SET received_at = now() - interval '1 minute'"))
    found = await metrics(anonymous)
    assert value(found, "hotline_node_up", node="node1") == 0
    assert value(found, "hotline_queue_callers") is None
    assert value(found, "hotline_operators") is None


async def test_answers_are_timed_by_route_and_not_by_what_was_put_into_it(
    anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    for path in ("/api/v1/calls/a-1", "/api/v1/calls/a-2", "/nowhere/1", "/nowhere/2"):
        await anonymous.get(path, headers=tokens.console)
    family = (await metrics(anonymous))["hotline_http_request_duration_seconds"]
    counts = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for sample in family.samples
        if sample.name.endswith("_count")
    }
    assert counts["/api/v1/calls/{call_id}", "404"] == 2
    assert counts["none", "404"] == 2


async def test_names_follow_the_conventions(anonymous: httpx.AsyncClient) -> None:
    for name, family in (await metrics(anonymous)).items():
        assert re.fullmatch(r"hotline_[a-z_]+", name)
        assert family.documentation
        assert family.type in {"gauge", "histogram", "counter"}
        assert not name.endswith(("_s", "_ms", "_total_seconds", "_count", "_sum"))


async def test_from_another_machine_a_token_with_its_scope_is_needed(
    app: FastAPI, anonymous: httpx.AsyncClient, tokens: Tokens
) -> None:
    secrets = {}
    for scope in ("metrics:read", "calls:read"):
        body = {"name": "prometheus", "scopes": [scope], "life_days": 1}
        made = (await anonymous.post("/api/v1/tokens", json=body, headers=tokens.console)).json()
        secrets[scope] = {"Authorization": f"Bearer {made['secret']}"}
    async with asking_from(app, "192.0.2.7") as away:
        assert (await away.get("/metrics")).status_code == 401
        assert (await away.get("/metrics", headers=secrets["calls:read"])).status_code == 403
        assert "hotline_open_calls" in await metrics(away, secrets["metrics:read"])
