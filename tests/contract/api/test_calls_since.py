"""What `hotline diff --calls-since` reads of the real api, page by page, and makes of it."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from hotline import log_api
from hotline.commands.rehearsal import past_call
from hotline.http_api import HttpApi
from hotline.log_api import LogApi
from routing.diff import redirected, tell_redirected
from routing.plan_files import read_plan
from tests.contract.api.conftest import Post, Tokens
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import batch
from tests.unit.routing.plans import LEGAL_AID, with_sumy_hours

NEVER = ((),) * 7


@pytest.fixture
async def log(
    anonymous: httpx.AsyncClient, tokens: Tokens, post_evidence: Post, monkeypatch: pytest.MonkeyPatch
) -> LogApi:
    monkeypatch.setattr(log_api, "PAGE_CALLS", 2)
    lines = [*calls.ANSWERED, *calls.ABANDONED_IN_MENU, *calls.ABANDONED_RINGING, *calls.ABANDONED_IN_QUEUE]
    await post_evidence(batch([*lines, *calls.OVERFLOW, *calls.BY_SCRIPT, *calls.STATIC]))
    anonymous.headers.update(tokens.console)
    return LogApi(HttpApi(anonymous))


async def test_every_call_since_a_moment_comes_once(log: LogApi) -> None:
    found = [call.call_id async for call in log.calls_since(datetime(2026, 11, 24, tzinfo=UTC))]
    assert found == ["node1-1.10", "node1-1.9", "node1-1.7", "node1-1.6", "node1-1.4", "node1-1.3", "node1-1.1"]


async def test_earlier_calls_are_left_out(log: LogApi) -> None:
    found = [call.call_id async for call in log.calls_since(datetime(2026, 11, 24, 10, 10, tzinfo=UTC))]
    assert found == ["node1-1.10", "node1-1.9"]


async def test_the_consultations_of_the_log_would_go_to_chernivtsi_if_sumy_were_closed(log: LogApi) -> None:
    plan = read_plan(Path(LEGAL_AID))
    past = [past_call(call) async for call in log.calls_since(datetime(2026, 11, 24, tzinfo=UTC))]
    found = redirected(plan, with_sumy_hours(plan, NEVER), past)
    assert tell_redirected(found) == "2 of 6: 2 Sumy → Chernivtsi"
