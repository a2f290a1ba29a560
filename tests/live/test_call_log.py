"""What the call log tells of calls that operators answer, and that it loses none while its own parts are down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from asterisk_conf.names import OperatorCode
from hotline.line import API, IVR, POSTGRES
from hotline.softphone import PhoneEventType, Softphone
from routing.plan import OperatorId
from tests.live.arrivals import TUESDAY_11, entered_queues, follow
from tests.live.line import Line, QueueLogRow
from tests.live.promises import Promises
from tests.live.sipp import Caller, Dtmf, ExpectBye, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

TALK_MS = 3_000
CHERNIVTSI_OPERATOR = OperatorId("chernivtsi01")
LAWYER = OperatorId("sumy01")


@asynccontextmanager
async def on_duty(line: Line, operator: OperatorId, *, answers: bool) -> AsyncIterator[Softphone]:
    """An operator who has logged in, and logs out at the end."""
    async with line.operator_phone(operator, answers=answers) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield phone
        await line.dial_code(phone, OperatorCode.LOGOUT)


async def connected(line: Line, since: int) -> QueueLogRow:
    """Waits until one more caller than `since` speaks with an operator."""

    async def look() -> tuple[QueueLogRow, ...]:
        return line.queue_log_rows("CONNECT")[since:]

    (row,) = await until("an operator has answered", look)
    return row


def connects(line: Line) -> int:
    return len(line.queue_log_rows("CONNECT"))


async def dial_and_press(line: Line, key: str, *after: Pause | Hangup | ExpectBye) -> Caller:
    return await line.call(Invite(), WaitAnswer(), Pause(300), Dtmf(key), *after)


async def test_a_consultation_that_the_caller_ends_is_told_whole(clean_line: Line, promises: Promises) -> None:
    answered = promises.make("the lawyer answers")
    clean_line.set_clock(TUESDAY_11)
    since = connects(clean_line)
    async with on_duty(clean_line, LAWYER, answers=True):
        caller = await dial_and_press(clean_line, "1", Pause(TALK_MS), Hangup())
        row = await connected(clean_line, since)
        answered.redeem()
        await caller.succeeded()
        journey = await clean_line.ended_call(row.uniqueid)
    assert (journey.did, journey.language, journey.keys) == ("+380800213103", "uk", "1")
    assert (journey.service, journey.queue, journey.office) == ("consultation", "sumy", "sumy")
    assert (journey.operator, journey.outcome, journey.hung_up_by) == (LAWYER, "answered", "caller")
    assert journey.hangup_cause is not None
    assert journey.wait_s is not None
    assert 0 <= journey.wait_s < TALK_MS // 1_000
    assert journey.talk_s is not None
    assert 1 <= journey.talk_s <= TALK_MS // 1_000
    assert [visit.ending for visit in journey.queue_visits] == ["completed_by_caller"]
    assert [reason.code for reason in journey.decisions[0].reasons] == ["menu-option", "hours"]
    assert all(reason.uk and reason.en for reason in journey.decisions[0].reasons)
    assert {leg.role for leg in journey.legs} == {"caller", "operator"}


async def test_a_call_that_the_operator_ends_says_so(clean_line: Line) -> None:
    since = connects(clean_line)
    async with on_duty(clean_line, CHERNIVTSI_OPERATOR, answers=True) as phone:
        caller = await dial_and_press(clean_line, "0", ExpectBye())
        row = await connected(clean_line, since)
        await phone.hang_up()
        await caller.succeeded()
        journey = await clean_line.ended_call(row.uniqueid)
    assert (journey.outcome, journey.hung_up_by) == ("answered", "operator")
    assert journey.operator == CHERNIVTSI_OPERATOR
    assert [visit.ending for visit in journey.queue_visits] == ["completed_by_operator"]


async def test_who_hangs_up_while_the_phone_rings_is_told_apart(clean_line: Line) -> None:
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    async with on_duty(clean_line, CHERNIVTSI_OPERATOR, answers=False) as phone:
        mark = phone.mark()
        caller = await dial_and_press(clean_line, "0", Pause(3_000), Hangup())
        (row,) = await entered_queues(clean_line, since)
        await phone.wait_for(PhoneEventType.INCOMING, since=mark, deadline_s=10)
        await caller.succeeded()
        await phone.wait_for(PhoneEventType.CLOSED, since=mark, deadline_s=10)
        journey = await clean_line.ended_call(row.uniqueid)
    assert (journey.outcome, journey.hung_up_by, journey.operator) == ("abandoned_ringing", "caller", None)


async def test_who_hangs_up_in_the_queue_is_told_apart(clean_line: Line) -> None:
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    caller = await dial_and_press(clean_line, "0", Pause(2_000), Hangup())
    (row,) = await entered_queues(clean_line, since)
    await caller.succeeded()
    journey = await clean_line.ended_call(row.uniqueid)
    assert (journey.outcome, journey.hung_up_by, journey.talk_s) == ("abandoned_in_queue", "caller", None)


async def test_a_detention_report_goes_ahead_of_all_who_wait(clean_line: Line, promises: Promises) -> None:
    first = promises.make("the detention report is answered first")
    since, answered = len(clean_line.queue_log_rows("ENTERQUEUE")), connects(clean_line)
    waiting = [await dial_and_press(clean_line, "2", ExpectBye()) for _ in range(3)]
    await entered_queues(clean_line, since, count=3)
    waiting.append(await dial_and_press(clean_line, "4", ExpectBye()))
    rows = await entered_queues(clean_line, since, count=4)
    async with on_duty(clean_line, CHERNIVTSI_OPERATOR, answers=True):
        row = await connected(clean_line, answered)
        assert row.uniqueid == rows[-1].uniqueid
        first.redeem()
        await clean_line.hang_up_all()
        for caller in waiting:
            await caller.succeeded()
        await until("all are gone", clean_line.channels, lambda names: not names)
    journey = await clean_line.ended_call(row.uniqueid)
    assert (journey.service, journey.operator) == ("detention", CHERNIVTSI_OPERATOR)


async def test_without_a_lawyer_on_duty_a_consultation_goes_to_chernivtsi(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line, Pause(300), Dtmf("1"))
    assert arrival.queue == "chernivtsi"
    assert [(decision.queue, decision.rung) for decision in arrival.journey.decisions] == [
        ("sumy", "service"),
        ("chernivtsi", "service"),
    ]
    assert [visit.ending for visit in arrival.journey.queue_visits] == ["refused_empty", "abandoned"]
    assert "queue-left" in {reason.code for reason in arrival.journey.decisions[-1].reasons}


async def calls_meanwhile(line: Line, count: int) -> list[str]:
    """Places calls one beside the other, and ends them when all stand in a queue; gives their ids."""
    since = len(line.queue_log_rows("ENTERQUEUE"))
    caller = await line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye(), count=count)
    rows = await entered_queues(line, since, count=count)
    await line.hang_up_all()
    await caller.succeeded()
    return [row.uniqueid for row in rows]


@pytest.mark.parametrize("process", [API, POSTGRES, IVR])
async def test_calls_made_while_a_process_is_down_stand_in_the_log_afterwards(clean_line: Line, process: str) -> None:
    async with clean_line.stopped(process):
        made = await calls_meanwhile(clean_line, 5)
    for call_id in made:
        journey = await clean_line.ended_call(call_id)
        assert (journey.queue, len(journey.queue_visits)) == ("chernivtsi", 1)


async def test_a_service_killed_again_and_again_ships_no_row_twice(clean_line: Line) -> None:
    for _ in range(2):
        made = await calls_meanwhile(clean_line, 2)
        await killed_and_back(clean_line, IVR)
        for call_id in made:
            journey = await clean_line.ended_call(call_id)
            assert len(journey.timeline) == len({(row.at, row.event, row.source) for row in journey.timeline})


async def killed_and_back(line: Line, process: str) -> None:
    """Kills a process and waits until the supervisor has started it again."""
    pid = line.pid(process)

    async def look() -> int:
        return line.pid(process)

    line.kill_process(process)
    await until(f"{process} is started again", look, lambda now: now != pid)


async def test_every_call_of_this_module_is_in_the_log_once(clean_line: Line) -> None:
    expected = clean_line.calls_that_came()
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected
    assert all(call.ended_at for call in logged)
