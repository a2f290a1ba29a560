from datetime import timedelta

import httpx
import pytest
from rich.console import Console

from api.projection.words import StepKind
from hotline import log_api
from hotline.errors import LogApiError
from hotline.http_api import HttpApi
from hotline.journeys import calls_table, journey_panel
from hotline.log_api import LogApi
from tests.unit.hotline.fake_log import BEGAN, FakeLog, journey, visit


@pytest.fixture(autouse=True)
def ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_api, "ASK_AGAIN_S", 0)


async def test_a_call_is_found_by_its_number_and_time() -> None:
    async with FakeLog(journey()).open() as log:
        assert (await log.find_call("abc", BEGAN, 5)).call_id == "node1-1.1"


@pytest.mark.parametrize(("pseudonym", "later_s"), [("other", 0), ("abc", 60)])
async def test_the_call_of_another_number_or_of_before_is_not_taken(pseudonym: str, later_s: int) -> None:
    async with FakeLog(journey()).open() as log:
        with pytest.raises(LogApiError, match=r"the call did not come into the log within 0\.05 s"):
            await log.find_call(pseudonym, BEGAN + timedelta(seconds=later_s), 0.05)


async def test_waiting_for_a_journey_asks_until_it_is_so() -> None:
    fake = FakeLog(journey(ended_at=None), journey(ended_at=None), journey())
    async with fake.open() as log:
        way = await log.wait_journey("node1-1.1", lambda each: each.ended_at is not None, 5, "the end")
    assert way.ended_at == BEGAN
    assert len(fake.questions) == 3


async def test_a_refusal_names_status_and_path() -> None:
    fake = FakeLog(journey())
    fake.status = 403
    async with fake.open() as log:
        with pytest.raises(LogApiError, match="answered 403 to /api/v1/calls"):
            await log.calls(1)


async def test_a_log_that_does_not_run_says_how_to_start_it() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse), base_url="http://log") as client:
        with pytest.raises(LogApiError, match="hotline up"):
            await LogApi(HttpApi(client)).calls(1)


async def test_an_answer_of_another_shape_is_named_without_its_content() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json={"calls": [{"did": "secret"}]}))
    async with httpx.AsyncClient(transport=transport, base_url="http://log") as client:
        with pytest.raises(LogApiError, match="does not fit at") as refused:
            await LogApi(HttpApi(client)).calls(1)
    assert "secret" not in str(refused.value)


def shown(thing: object) -> str:
    console = Console(width=160, record=True, quiet=False, file=None)
    with console.capture() as capture:
        console.print(thing)
    return capture.get()


def test_a_journey_tells_menu_decision_reasons_queue_operator_and_end() -> None:
    step = {"occurred_at": BEGAN, "menu": "main", "outcome": "match", "key": "1", "language": "uk", "attempt": 1}
    decision = {
        "occurred_at": BEGAN, "rung": "script", "service": "consultation", "queue": "sumy", "office": "sumy",
        "priority": 10, "is_open": True, "language": "uk", "keys": "1", "plan_version": "0123456789abcdef",
        "reasons": [{"code": "hours", "details": {}, "uk": "Робочий час.", "en": "Working hours."}],
    }  # fmt: skip
    told = shown(journey_panel(journey(menu_steps=[step], decisions=[decision]), "a call"))
    for part in ("menu main: key 1", "consultation, open → queue sumy (decided by the script)", "Робочий час.",
                 "waited 2 s, answered by s01, talked 3 s", "hung up by caller, normal clearing"):  # fmt: skip
        assert part in told


def test_a_caller_who_was_not_answered_is_told_so() -> None:
    unanswered = journey(queue_visits=[visit(operator=None, ending="abandoned")], operator=None)
    assert "queue sumy: waited 2 s, abandoned" in shown(journey_panel(unanswered, "a call"))


STEPS = [
    ("info", "info_rights", "complete", "2", "information info_rights, part 2: heard to its end"),
    ("info", "info_rights", "broken_off", "1", "information info_rights, part 1: broken off"),
    ("centre", "sumy", "dial", None, "centre sumy: dial"),
    ("centre", "sumy", "failed", "BUSY", "centre sumy: failed (BUSY)"),
    ("detention", "01-261124-0001-3", "given", None, "detention report: number 01-261124-0001-3 given"),
    ("recording", "node1-1.1.wav", "started", None, "recording started: node1-1.1.wav"),
    ("recording", "node1-1.1.wav", "declined", None, "recording declined"),
    ("moved", "sumy", "closing", None, "moved out of queue sumy: closing"),
    ("unstaffed", "chernivtsi", "no_operator", None, "queue chernivtsi: no operator could be reached"),
]


@pytest.mark.parametrize(("kind", "subject", "state", "detail", "expected"), STEPS)
def test_every_kind_of_step_is_told(kind: str, subject: str, state: str, detail: str | None, expected: str) -> None:
    step = {"occurred_at": BEGAN, "kind": kind, "subject": subject, "state": state, "detail": detail}
    assert expected in shown(journey_panel(journey(steps=[step]), "a call"))


def test_every_kind_of_step_has_its_words() -> None:
    assert {kind for kind, *_ in STEPS} == set(StepKind)


def test_a_journey_is_told_in_the_order_of_events() -> None:
    moved = {"occurred_at": BEGAN + timedelta(seconds=30), "kind": "moved", "subject": "sumy", "state": "closing"}
    first, second = (
        visit(),
        visit().model_copy(update={"queue": "chernivtsi", "entered_at": BEGAN + timedelta(minutes=1)}),
    )
    told = shown(journey_panel(journey(steps=[moved | {"detail": None}], queue_visits=[second, first]), "a call"))
    places = [
        told.index(part) for part in ("queue sumy: waited", "moved out of queue sumy", "queue chernivtsi: waited")
    ]
    assert places == sorted(places)


def test_the_table_of_calls_shows_kyiv_time_and_no_number() -> None:
    caller = {"pseudonym": "abc", "masked": "+380 ••• 67", "presentation": "allowed"}
    told = shown(calls_table([journey(wait_s=None, caller=caller)]))
    assert "2026-11-24 11:00:00" in told
    assert "+380 ••• 67" in told
    assert "abc" not in told
