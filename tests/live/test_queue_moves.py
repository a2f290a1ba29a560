"""Closing time, help from another office, an empty queue, and waiting time that is given back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network

import pytest
import pytest_asyncio

from asterisk_conf.names import OperatorCode, UserEvent
from asterisk_conf.site import Trunk
from hotline.line import IVR
from hotline.softphone import PhoneEventType, Softphone
from routing.languages import Language
from routing.plan import OperatorId, Plan
from tests.live.arrivals import TUESDAY_11, TUESDAY_18, entered_queues
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.duty_phone import ADDRESS
from tests.live.line import Line, quick, running_line
from tests.live.ports import free_ports
from tests.live.promises import Promises
from tests.live.publishing import publish, versioned
from tests.live.queueing import waiting_plan
from tests.live.sipp import Caller, Dtmf, ExpectBye, Hangup, Invite, Pause, WaitAnswer
from tests.live.switching import clear, switch
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

MOVED_S = 30.0
(DUTY_PORT, _) = free_ports(2, address=ADDRESS)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return versioned(quick(waiting_plan()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A line with a trunk for outbound calls and a published plan: switches are checked against it."""
    duty = Trunk(name="duty", match=(IPv4Network(f"{ADDRESS}/32"),), sip_uri=f"sip:{ADDRESS}:{DUTY_PORT}")
    async with running_line(plan, (duty,)) as running:
        assert running.error_lines() == ()
        await publish(running, plan)
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        yield running


async def waits(line: Line, key: str, moment: datetime) -> tuple[Caller, int]:
    """Has a caller come to a queue at `moment`; gives the caller, and how many had entered queues before."""
    line.set_clock(moment)
    since = len(line.queue_log_rows("ENTERQUEUE"))
    caller = await line.call(Invite(), WaitAnswer(), Pause(300), Dtmf(key), ExpectBye())
    await entered_queues(line, since)
    return caller, since


async def assert_moved(line: Line, caller: Caller, since: int, rung: str) -> None:
    """Waits until the caller has been moved by closing time, and looks at what is told of it."""
    moves = len(line.cel_payloads(UserEvent.MOVED))
    rows = await entered_queues(line, since, count=2, deadline_s=MOVED_S)
    assert [row.queue for row in rows] == ["sumy", "chernivtsi"]
    await line.hang_up_all()
    await caller.succeeded()
    told = [(each["queue"], each["why"]) for each in line.cel_payloads(UserEvent.MOVED)[moves - 1 :]]
    assert ("sumy", "closing") in told
    last = line.cel_payloads(UserEvent.DECISION)[-1]
    assert (last["rung"], last["service"], last["queue"]) == (rung, "consultation", "chernivtsi")


async def test_who_waits_at_closing_time_is_moved(clean_line: Line) -> None:
    caller, since = await waits(clean_line, "1", TUESDAY_18 - timedelta(seconds=8))
    await assert_moved(clean_line, caller, since, "service")


async def test_closing_time_moves_callers_with_the_service_dead(clean_line: Line) -> None:
    caller, since = await waits(clean_line, "1", TUESDAY_18 - timedelta(seconds=8))
    async with clean_line.stopped(IVR):
        await assert_moved(clean_line, caller, since, "script")


async def test_a_clock_that_is_set_forward_moves_callers_too(clean_line: Line) -> None:
    caller, since = await waits(clean_line, "1", TUESDAY_11)
    clean_line.set_clock(TUESDAY_18)
    await assert_moved(clean_line, caller, since, "service")


async def test_a_switch_that_closes_a_queue_moves_who_waits_in_it(clean_line: Line) -> None:
    opened = await switch(clean_line, action="open")
    caller, since = await waits(clean_line, "1", datetime.now(UTC))
    closed = await switch(clean_line, action="closed")
    await assert_moved(clean_line, caller, since, "service")
    for name in (closed, opened):
        await clear(clean_line, name)


async def test_who_comes_while_nobody_can_answer_is_told_and_the_alarm_is_raised(clean_line: Line) -> None:
    told = len(clean_line.cel_payloads(UserEvent.UNSTAFFED))
    caller, _ = await waits(clean_line, "4", TUESDAY_11)
    assert clean_line.cel_payloads(UserEvent.UNSTAFFED)[told:] == [{"queue": "chernivtsi"}]

    async def log() -> str:
        return (clean_line.paths.logs / "ivr.jsonl").read_text("utf-8")

    async def board() -> list[str]:
        found: list[str] = (await clean_line.ask("GET", "/api/v1/live")).json()["unstaffed_queues"]
        return found

    async def warnings() -> list[str]:
        found: list[str] = (await clean_line.ask("GET", "/readyz")).json()["warnings"]
        return found

    await until("the service raises the alarm", log, lambda text: "queue_unstaffed" in text)
    await until("the board tells of it", board, lambda queues: queues == ["chernivtsi"])
    await until("readiness warns of it", warnings, lambda told: any("answer in queue chernivtsi" in w for w in told))
    await clean_line.hang_up_all()
    await caller.succeeded()
    journey = await clean_line.ended_call(clean_line.calls_that_came()[-1])
    assert [(step.kind, step.subject) for step in journey.steps if step.kind == "unstaffed"] == [
        ("unstaffed", "chernivtsi")
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lawyer(line: Line) -> AsyncIterator[Softphone]:
    """A lawyer of Sumy who is logged in and answers when told to."""
    async with line.operator_phone(OperatorId("sumy01")) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield phone


async def test_who_waits_too_long_in_chernivtsi_is_answered_from_sumy(
    clean_line: Line, lawyer: Softphone, promises: Promises
) -> None:
    called = promises.make("the lawyer's telephone rings for the queue of Chernivtsi")
    mark = lawyer.mark()
    assert "PJSIP/sumy01" not in await clean_line.asterisk_cli("queue show chernivtsi")
    caller, _ = await waits(clean_line, "2", TUESDAY_11)
    await lawyer.wait_for(PhoneEventType.INCOMING, since=mark, deadline_s=MOVED_S)
    called.redeem()
    await lawyer.answer()
    await until("they talk", lambda: _connects(clean_line))
    assert clean_line.queue_log_rows("CONNECT")[-1].queue == "chernivtsi"
    await clean_line.hang_up_all()
    await caller.succeeded()
    await until(
        "the help ends with the need",
        lambda: clean_line.asterisk_cli("queue show chernivtsi"),
        lambda shown: "PJSIP/sumy01" not in shown,
    )
    assert "PJSIP/sumy01" in await clean_line.asterisk_cli("queue show sumy")


async def _connects(line: Line) -> int:
    return len(line.queue_log_rows("CONNECT"))


async def test_who_hung_up_while_waiting_gets_the_time_back(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    first = await clean_line.call(
        Invite(caller="+380670000017"), WaitAnswer(), Pause(300), Dtmf("4"), Pause(4_000), Hangup()
    )
    await entered_queues(clean_line, since)
    await first.succeeded()
    await until("nobody is left", clean_line.channels, lambda names: not names)
    memory = await until("the service remembers", lambda: remembered(clean_line))
    assert "670000017" not in memory
    second = await clean_line.call(Invite(caller="0670000017"), WaitAnswer(), Pause(300), Dtmf("4"), ExpectBye())
    rows = await entered_queues(clean_line, since, count=2)
    await clean_line.hang_up_all()
    await second.succeeded()
    (decision,) = (await clean_line.ended_call(rows[1].uniqueid)).decisions
    assert "returned" in [reason.code for reason in decision.reasons]


async def test_a_number_without_a_sound_costs_nobody_the_place(clean_line: Line) -> None:
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    # In English too: a sound that a language lacks is taken from the other one.
    for language in Language:
        (clean_line.paths.sounds(language).parent / "digits" / "2.wav").unlink()
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("4"), ExpectBye(), count=2)
    await entered_queues(clean_line, since, count=2)

    async def log() -> str:
        return (clean_line.paths.asterisk_log / "messages.log").read_text("utf-8")

    await until("the place is told", log, lambda text: text.count("digits/2") >= 3, deadline_s=MOVED_S)
    assert "wait:" in await clean_line.asterisk_cli("queue show chernivtsi")
    assert clean_line.queue_log_rows("ABANDON", "EXITWITHKEY")[-1:] != clean_line.queue_log_rows()[-1:]
    await clean_line.hang_up_all()
    await caller.succeeded()


async def remembered(line: Line) -> str:
    """Gives the service's memory of callers who hung up; empty: there is none yet."""
    file = line.paths.returns_file
    return file.read_text("utf-8") if file.exists() else ""
