"""Keys pressed while waiting, and who is answered first."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from asterisk_conf.names import OperatorCode, UserEvent
from hotline.line import IVR
from hotline.softphone import PhoneEventType, Softphone
from routing.plan import OperatorId, Plan
from tests.live.arrivals import TUESDAY_11, entered_queues
from tests.live.line import Line, quick
from tests.live.promises import Promises
from tests.live.queueing import MENU_KEY, waiting_plan
from tests.live.sipp import Caller, Dtmf, ExpectBye, Invite, Pause, Step, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

TALK_S = 60.0


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quick(waiting_plan())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def officer(line: Line) -> AsyncIterator[Softphone]:
    """An operator of Chernivtsi who answers when told to."""
    async with line.operator_phone(OperatorId("chernivtsi01")) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield phone


async def waits(line: Line, *steps: Step, count: int = 1) -> tuple[Caller, int]:
    """Has callers choose the consultation while Sumy works; gives them, and how many had entered queues before."""
    line.set_clock(TUESDAY_11)
    since = len(line.queue_log_rows("ENTERQUEUE"))
    caller = await line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("1"), *steps, ExpectBye(), count=count)
    await entered_queues(line, since, count=count)
    return caller, since


async def second_place(line: Line, since: int) -> tuple[str, str]:
    """Waits until the caller has entered a second queue; gives its name and the call's id."""
    rows = await entered_queues(line, since, count=2, deadline_s=30)
    return rows[1].queue, rows[1].uniqueid


async def test_the_detention_key_takes_a_waiting_caller_out_of_the_queue_to_report(clean_line: Line) -> None:
    moved = len(clean_line.cel_payloads(UserEvent.MOVED))
    caller, since = await waits(clean_line, Pause(2_500), Dtmf("4"))
    queue, call_id = await second_place(clean_line, since)
    await clean_line.hang_up_all()
    await caller.succeeded()
    journey = await clean_line.ended_call(call_id)
    assert queue == "chernivtsi"
    assert [(each.rung, each.service) for each in journey.decisions] == [
        ("service", "consultation"),
        ("service", "detention"),
    ]
    assert journey.keys == "1,4"
    (evidence,) = clean_line.cel_payloads(UserEvent.MOVED)[moved:]
    assert (evidence["queue"], evidence["why"], evidence["key"]) == ("sumy", "key", "4")


async def test_the_detention_key_works_with_the_service_dead(clean_line: Line, promises: Promises) -> None:
    reported = promises.make("the script makes it a report")
    caller, since = await waits(clean_line, Pause(6_000), Dtmf("4"))
    async with clean_line.stopped(IVR):
        queue, _ = await second_place(clean_line, since)
        last = clean_line.cel_payloads(UserEvent.DECISION)[-1]
        assert (queue, last["rung"], last["service"]) == ("chernivtsi", "script", "detention")
        reported.redeem()
        await clean_line.hang_up_all()
        await caller.succeeded()


async def test_who_goes_to_the_menu_and_chooses_nothing_waits_in_the_same_queue(clean_line: Line) -> None:
    caller, since = await waits(clean_line, Pause(2_500), Dtmf(MENU_KEY))
    queue, call_id = await second_place(clean_line, since)
    await clean_line.hang_up_all()
    await caller.succeeded()
    journey = await clean_line.ended_call(call_id)
    assert queue == "sumy"
    assert [each.service for each in journey.decisions] == ["consultation", "consultation"]


async def test_who_goes_to_the_menu_may_choose_anew(clean_line: Line) -> None:
    caller, since = await waits(clean_line, Pause(2_500), Dtmf(MENU_KEY), Pause(700), Dtmf("2"))
    queue, call_id = await second_place(clean_line, since)
    await clean_line.hang_up_all()
    await caller.succeeded()
    journey = await clean_line.ended_call(call_id)
    assert queue == "chernivtsi"
    assert [each.service for each in journey.decisions] == ["consultation", "guidance"]


async def test_other_keys_change_nothing(clean_line: Line) -> None:
    caller, since = await waits(clean_line, Pause(1_500), *(step for key in "150#A" for step in _press(key)))
    await until("all keys were pressed", lambda: _presses(clean_line), deadline_s=30)
    assert len(clean_line.queue_log_rows("ENTERQUEUE")) == since + 1
    await clean_line.hang_up_all()
    await caller.succeeded()


def _press(key: str) -> tuple[Step, Step]:
    return Dtmf(key), Pause(600)


async def _presses(line: Line) -> bool:
    """Tells whether SIPp has come to its last step: the caller has waited through all presses."""
    rows = await line.channel_rows()
    return any(row[5] == "Queue" and int(row[11]) >= 7 for row in rows if row[11].isdigit())


async def test_the_next_free_operator_gets_the_one_report_and_not_one_of_ten_who_wait(
    clean_line: Line, officer: Softphone, promises: Promises
) -> None:
    first = promises.make("the operator's next call is the report")
    clean_line.set_clock(TUESDAY_11)
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    busy = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye())
    await officer.wait_for(PhoneEventType.INCOMING, since=officer.mark(), deadline_s=TALK_S)
    await officer.answer()
    many = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("2"), ExpectBye(), count=10)
    await entered_queues(clean_line, since, count=11, deadline_s=30)
    report = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("4"), ExpectBye())
    rows = await entered_queues(clean_line, since, count=12, deadline_s=30)
    connects = len(clean_line.queue_log_rows("CONNECT"))
    mark = officer.mark()
    await officer.hang_up()
    await officer.wait_for(PhoneEventType.INCOMING, since=mark, deadline_s=TALK_S)
    await officer.answer()

    async def connected() -> tuple[str, ...]:
        return tuple(row.uniqueid for row in clean_line.queue_log_rows("CONNECT")[connects:])

    (answered,) = await until("the operator talks again", connected)
    assert answered == rows[-1].uniqueid
    first.redeem()
    await clean_line.hang_up_all()
    for caller in (busy, many, report):
        await caller.succeeded()
