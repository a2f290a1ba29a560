"""Processes that die and ports under attack while people call."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from asterisk_conf.names import OperatorCode
from hotline.line import ASTERISK, IVR, POSTGRES
from hotline.softphone import Softphone
from routing.plan import OperatorId
from tests.live.arrivals import TUESDAY_11, entered_queues, follow
from tests.live.line import Line
from tests.live.promises import Promises
from tests.live.sipp import Dtmf, ExpectBye, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

RESTART_S = 30.0
ATTACKS = 1_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lawyer(line: Line) -> AsyncIterator[Softphone]:
    """A lawyer of Sumy who is logged in and lets the phone ring."""
    async with line.operator_phone(OperatorId("sumy01")) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield phone


async def test_a_service_that_dies_costs_no_waiting_caller_the_place(
    clean_line: Line, lawyer: Softphone, promises: Promises
) -> None:
    moved = promises.make("the caller is moved to chernivtsi when nobody is left at sumy")
    clean_line.set_clock(TUESDAY_11)
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("1"), ExpectBye())
    (row,) = await entered_queues(clean_line, since)
    assert row.queue == "sumy"
    async with clean_line.stopped(IVR):
        await clean_line.asterisk_cli("queue pause member PJSIP/sumy01")
        rows = await entered_queues(clean_line, since, count=2, deadline_s=RESTART_S)
        assert [each.queue for each in rows] == ["sumy", "chernivtsi"]
        moved.redeem()
        await clean_line.hang_up_all()
        await caller.succeeded()
    await clean_line.asterisk_cli("queue unpause member PJSIP/sumy01")
    journey = await clean_line.ended_call(row.uniqueid)
    assert [(decision.rung, decision.queue) for decision in journey.decisions] == [
        ("service", "sumy"),
        ("script", "chernivtsi"),
    ]
    assert journey.service == "consultation"


async def test_a_thousand_connect_and_close_during_calls_hurt_none(clean_line: Line) -> None:
    pid = clean_line.pid(IVR)
    attack = asyncio.create_task(connect_and_close(clean_line, ATTACKS))
    for _ in range(3):
        arrival = await follow(clean_line, Pause(300), Dtmf("4"))
        assert [decision.rung for decision in arrival.journey.decisions] == ["service"]
    assert await attack == ATTACKS
    assert clean_line.pid(IVR) == pid


async def connect_and_close(line: Line, count: int) -> int:
    for number in range(count):
        _, writer = await asyncio.open_connection("127.0.0.1", line.site.agi_port)
        writer.close()
        if number % 50 == 0:
            await asyncio.sleep(0)
    return count


async def test_readiness_names_the_part_that_is_down(clean_line: Line) -> None:
    await until("the line is ready", clean_line.unready_reasons, lambda reasons: not reasons)
    async with clean_line.stopped(POSTGRES):
        reasons = await until("the line is not ready", clean_line.unready_reasons)
        assert "database" in reasons.lower()
    await until("the line is ready again", clean_line.unready_reasons, lambda reasons: not reasons)


async def test_a_killed_asterisk_comes_back_and_its_calls_are_closed(clean_line: Line, lawyer: Softphone) -> None:
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye(), count=3)
    rows = await entered_queues(clean_line, since, count=3)
    clean_line.errors_are_expected = True
    pid = clean_line.pid(ASTERISK)
    clean_line.kill_process(ASTERISK)
    await until("Asterisk is started again", lambda: process_of(clean_line), lambda now: now != pid)
    await caller.kill()
    await until(
        "the line is ready again", clean_line.unready_reasons, lambda reasons: not reasons, deadline_s=RESTART_S
    )
    assert "PJSIP/sumy01" in await clean_line.asterisk_cli("queue show sumy")
    logged = await until("the calls are closed", clean_line.calls, lambda calls: all(call.ended_at for call in calls))
    outcomes = {call.call_id: call.outcome.value for call in logged}
    assert [outcomes[row.uniqueid] for row in rows] == ["lost_node"] * 3
    arrival = await follow(clean_line, Pause(300), Dtmf("4"))
    assert arrival.queue == "chernivtsi"


async def process_of(line: Line) -> int:
    return line.pid(ASTERISK)


async def test_every_call_of_this_module_is_in_the_log_once(clean_line: Line) -> None:
    expected = clean_line.calls_that_came()
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected
    assert all(call.ended_at for call in logged)
