"""The commands that rehearse a change: draw, hours, diff."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.calls.schemas import Caller, CallPage, CallSummary
from api.projection.words import CallOutcome, HungUpBy
from asterisk_conf import state_files
from asterisk_conf.instance import InstancePaths
from hotline.cli import run
from hotline.commands.rehearsal import past_call, read_period
from hotline.diff_view import diff_document, diff_view
from hotline.errors import HotlineError, LogApiError
from hotline.http_api import HttpApi
from hotline.log_api import LogApi
from hotline.screen import OUT
from routing.diff import PastCall, diff, redirected
from routing.plan_files import read_plan
from tests.unit.routing.plans import LEGAL_AID, TUESDAY_11, TUESDAY_18

Output = Callable[[], str]


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    """What the command printed, results and complaints, as one line."""

    def read() -> str:
        captured = capsys.readouterr()
        return " ".join((captured.out + captured.err).split())

    return read


@pytest.fixture
def later_plan(tmp_path: Path) -> Path:
    """The shipped plan with Sumy open until 20."""
    folder = tmp_path / "later"
    shutil.copytree(LEGAL_AID, folder)
    offices = folder / "offices.yaml"
    text = offices.read_text(encoding="utf-8")
    assert text.count("\n    mon-fri: 08:00-18:00") == 1
    offices.write_text(text.replace("\n    mon-fri: 08:00-18:00", "\n    mon-fri: 08:00-20:00"), encoding="utf-8")
    return folder


def test_draw_and_hours_write_their_files_and_say_so(tmp_path: Path, output: Output) -> None:
    assert run(["draw", "-o", str(tmp_path / "flow.mmd"), "--language", "en"]) == 0
    assert "is drawn in" in output()
    assert "Main menu" in (tmp_path / "flow.mmd").read_text(encoding="utf-8")
    assert run(["hours", "--year", "2026", "-o", str(tmp_path / "hours.svg")]) == 0
    assert "the hours of 2026" in output()
    assert "2026 рік" in (tmp_path / "hours.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["draw", "-o", "flow.gif"], "choose one of these endings"),
        (["draw", "/nowhere", "-o", "flow.mmd"], "there is no such folder"),
        (["hours", "--year", "1900", "-o", "hours.svg"], "must lie in 2000-2099"),
        (["hours", "-o", "hours.png"], "ends in .svg"),
        (["diff", str(LEGAL_AID), "/nowhere"], "there is no such folder"),
        (["diff", str(LEGAL_AID), str(LEGAL_AID), "--calls-since", "week"], "write it as 7d, 12h or 90m"),
        (["diff", "current", str(LEGAL_AID)], "has no plan in force yet"),
        (["diff", str(LEGAL_AID), "0123456789abcdef"], "there is no plan version 0123456789abcdef"),
        (["diff", str(LEGAL_AID), str(LEGAL_AID), "--calls-since", "7d"], "site.yaml"),
    ],
)
def test_a_wrong_question_is_told_and_ends_with_2(
    arguments: list[str], told: str, output: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    instance = ["--instance", str(tmp_path / "none")] if arguments[0] == "diff" else []
    assert run([*arguments, *instance]) == 2
    assert told in output()
    assert list(tmp_path.iterdir()) == []


def test_diff_tells_words_minutes_and_days(later_plan: Path, output: Output) -> None:
    assert run(["diff", str(LEGAL_AID), str(later_plan)]) == 0
    told = output()
    assert "offices.yaml sumy.hours changed mon-fri: 08:00-18:00 mon-fri: 08:00-20:00" in told
    assert "consultation 18:00-20:00 mon-fri, " in told
    assert "closed, queue chernivtsi open, queue sumy" in told


def test_diff_of_a_plan_with_itself_says_that_nothing_changes(output: Output) -> None:
    assert run(["diff", str(LEGAL_AID), str(LEGAL_AID)]) == 0
    told = output()
    assert "no word of the plan differs" in told
    assert "no minute of the next 60 days changes" in told


def test_diff_reads_the_plan_in_force_and_stored_versions(later_plan: Path, tmp_path: Path, output: Output) -> None:
    instance = InstancePaths(tmp_path / "instance")
    plan = read_plan(LEGAL_AID)
    state_files.write_snapshot(instance.state, plan)
    state_files.write_current(instance.state, plan.version)
    for side in ("current", plan.version):
        assert run(["diff", side, str(later_plan), "--json", "--instance", str(instance.root)]) == 0
        document = json.loads(output())
        assert document["old_version"] == plan.version
        assert {row["path"] for row in document["changes"]} >= {"sumy.hours"}
        assert document["minutes"][0]["new"] == {"open": True, "queue": "sumy"}
        assert "calls" not in document


def test_past_calls_are_told_in_both_forms(later_plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = read_plan(LEGAL_AID), read_plan(later_plan)
    past = [PastCall(moment=TUESDAY_18, service=None, keys=("1",)), PastCall(moment=TUESDAY_11, service=None, keys=())]
    calls, found = redirected(old, new, past), diff(old, new, TUESDAY_11)
    since = TUESDAY_11 - timedelta(days=7)
    OUT.print(diff_view(found, "Europe/Kyiv", calls, since))
    told = capsys.readouterr().out
    assert "calls since 2026-11-17 11:00 that would go elsewhere" in told
    assert "1 of 1: 1 Chernivtsi → Sumy" in told
    assert "1 more hung up before they chose anything" in told
    assert diff_document(found, calls, since)["calls"] == {
        "since": "2026-11-17T09:00:00+00:00",
        "compared": 1,
        "moved": 1,
        "unheard": 1,
        "redirections": [{"from": "chernivtsi", "to": "sumy", "calls": 1}],
        "told": "1 of 1: 1 Chernivtsi → Sumy",
    }


@pytest.mark.parametrize(
    ("text", "period"),
    [("7d", timedelta(days=7)), ("12h", timedelta(hours=12)), (" 90m ", timedelta(minutes=90))],
)
def test_a_period_is_a_count_and_a_unit(text: str, period: timedelta) -> None:
    assert read_period(text) == period


@pytest.mark.parametrize("text", ["7", "d", "-1d", "7w", "1.5d", "401d", "999999d", "7d7d", "٧d"])
def test_no_other_text_is_a_period(text: str) -> None:
    with pytest.raises(HotlineError, match="--calls-since"):
        read_period(text)


def summary(number: int, *, keys: str | None = "9,1", service: str | None = "consultation") -> CallSummary:
    return CallSummary(
        call_id=f"node1-{number}.1", node="node1", did="+380800213103", trunk=None,
        caller=Caller(pseudonym=None, presentation=None), started_at=TUESDAY_18 - timedelta(minutes=number),
        answered_at=None, ended_at=None, language="uk", keys=keys, service=service, queue=None, office=None,
        operator=None, plan_version=None, wait_s=None, talk_s=None, outcome=CallOutcome.ANSWERED,
        hung_up_by=HungUpBy.CALLER, hangup_cause=None,
    )  # fmt: skip


def test_a_call_of_the_log_is_replayed_with_its_keys() -> None:
    assert past_call(summary(0)) == PastCall(moment=TUESDAY_18, service="consultation", keys=("9", "1"))  # type: ignore[arg-type]  # a plain text equals the id
    assert past_call(summary(0, keys=None, service=None)) == PastCall(moment=TUESDAY_18, service=None, keys=())


class PagedLog:
    """A call log of five calls that gives two a page, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        self.asked.append(query)
        first = int(query.get("cursor", "0"))
        calls = [summary(number) for number in range(first, min(first + 2, 5))]
        page = CallPage(calls=calls, next_cursor=str(first + 2) if first + 2 < 5 else None)
        return httpx.Response(200, content=page.model_dump_json())


async def all_calls(calls: AsyncIterator[CallSummary]) -> list[str]:
    return [call.call_id async for call in calls]


async def test_calls_are_read_page_by_page_to_the_last() -> None:
    server, since = PagedLog(), datetime(2026, 11, 17, tzinfo=UTC)
    async with httpx.AsyncClient(transport=httpx.MockTransport(server.answer), base_url="http://127.0.0.1") as client:
        found = await all_calls(LogApi(HttpApi(client)).calls_since(since))
    assert found == [f"node1-{number}.1" for number in range(5)]
    assert [query.get("cursor") for query in server.asked] == [None, "2", "4"]
    assert {(query["from"], query["limit"]) for query in server.asked} == {("2026-11-17T00:00:00+00:00", "200")}


async def test_a_log_that_fails_between_two_pages_is_told() -> None:
    server = PagedLog()

    def fail_at_second(request: httpx.Request) -> httpx.Response:
        return server.answer(request) if "cursor" not in request.url.params else httpx.Response(500, text="broken")

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail_at_second), base_url="http://127.0.0.1") as client:
        with pytest.raises(LogApiError, match="500"):
            await all_calls(LogApi(HttpApi(client)).calls_since(TUESDAY_11))
