"""Manual switches on a real line: over the api, to the duty officer's number, and by an operator's telephone."""

import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import pytest_asyncio

from asterisk_conf.names import OperatorCode, UserEvent
from asterisk_conf.site import Trunk
from hotline.line import IVR
from hotline.softphone import PhoneEventType
from routing.plan import OperatorId, Plan
from tests.live.arrivals import entered_queues, follow
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.duty_phone import ADDRESS, ANSWERS, IS_BUSY, duty_phone
from tests.live.line import Line, quick, running_line
from tests.live.ports import free_ports
from tests.live.promises import Promises
from tests.live.publishing import publish, versioned
from tests.live.sipp import Dtmf, ExpectBye, Invite, Pause, WaitAnswer
from tests.live.switching import DUTY_NUMBER, clear, overrides_of, switch, switch_to_number
from tests.live.waiting import until
from tests.plans import small_plan

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

(DUTY_PORT, _) = free_ports(2, address=ADDRESS)
LAWYER = OperatorId("sumy01")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return versioned(quick(small_plan()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A line with a trunk for outbound calls, and a published plan: overrides are checked against it."""
    duty = Trunk(name="duty", match=(IPv4Network(f"{ADDRESS}/32"),), sip_uri=f"sip:{ADDRESS}:{DUTY_PORT}")
    async with running_line(plan, (duty,)) as running:
        assert running.error_lines() == ()
        await publish(running, plan)
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        running.set_clock(datetime.now(UTC))
        yield running


async def test_a_closed_queue_is_closed_for_the_next_call_and_open_again_after_the_switch(clean_line: Line) -> None:
    name = await switch(clean_line)
    closed = await follow(clean_line, Pause(300), Dtmf("1"))
    await clear(clean_line, name)
    usual = await follow(clean_line, Pause(300), Dtmf("1"))
    (decision,) = closed.journey.decisions
    assert (closed.queue, decision.is_open) == ("chernivtsi", False)
    assert "override" in {reason.code for reason in decision.reasons}
    assert "override" not in {reason.code for reason in usual.journey.decisions[0].reasons}


async def test_the_script_honours_the_switch_too(clean_line: Line) -> None:
    name = await switch(clean_line, scope="line", target="", action="to-queue", destination="chernivtsi")
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    async with clean_line.stopped(IVR):
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
        (row,) = await entered_queues(clean_line, since)
        await clean_line.hang_up_all()
        await caller.succeeded()
    journey = await clean_line.ended_call(row.uniqueid)
    await clear(clean_line, name)
    assert journey.decisions[0].rung == "script"
    assert "emergency" in {reason.code for reason in journey.decisions[0].reasons}


def folder_of(line: Line) -> Path:
    return Path(tempfile.mkdtemp(prefix="duty-", dir=line.paths.run)) / "phone"


async def test_in_an_emergency_the_duty_officer_answers(clean_line: Line, promises: Promises) -> None:
    answered = promises.make("the duty officer's telephone is called, answers and ends the call")
    name = await switch_to_number(clean_line, DUTY_NUMBER)
    since, queued = len(clean_line.cel_payloads(UserEvent.DIAL_EXIT)), len(clean_line.queue_log_rows("ENTERQUEUE"))
    async with duty_phone(folder_of(clean_line), DUTY_PORT, DUTY_NUMBER, ANSWERS):
        caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye())
        await caller.succeeded()
    answered.redeem()
    assert clean_line.cel_payloads(UserEvent.DIAL_EXIT)[since:] == [{"digits": "42", "status": "ANSWER"}]
    assert len(clean_line.queue_log_rows("ENTERQUEUE")) == queued
    exits = clean_line.cel_rows(UserEvent.DIAL_EXIT)
    journey = await clean_line.ended_call(exits[-1]["linkedid"])
    assert (journey.outcome, journey.operator) == ("answered", None)
    await clear(clean_line, name)


async def test_a_duty_officer_who_is_busy_costs_no_caller(clean_line: Line) -> None:
    name = await switch_to_number(clean_line, DUTY_NUMBER)
    since = len(clean_line.cel_payloads(UserEvent.DIAL_EXIT))
    async with duty_phone(folder_of(clean_line), DUTY_PORT, DUTY_NUMBER, IS_BUSY):
        arrival = await follow(clean_line, Pause(300), Dtmf("0"))
    await clear(clean_line, name)
    assert arrival.queue == "chernivtsi"
    assert clean_line.cel_payloads(UserEvent.DIAL_EXIT)[since:] == [{"digits": "42", "status": "BUSY"}]
    first, second = arrival.journey.decisions
    assert "emergency" in {reason.code for reason in first.reasons}
    assert second.reasons[0].code == "number-left"


async def test_after_a_busy_number_the_script_goes_on_to_the_queue_too(clean_line: Line) -> None:
    name = await switch_to_number(clean_line, DUTY_NUMBER)
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    async with clean_line.stopped(IVR), duty_phone(folder_of(clean_line), DUTY_PORT, DUTY_NUMBER, IS_BUSY):
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
        (row,) = await entered_queues(clean_line, since)
        await clean_line.hang_up_all()
        await caller.succeeded()
    journey = await clean_line.ended_call(row.uniqueid)
    await clear(clean_line, name)
    assert (row.queue, [decision.rung for decision in journey.decisions]) == ("chernivtsi", ["script", "script"])


async def test_the_duty_number_stands_in_no_evidence_and_no_log(clean_line: Line) -> None:
    digits = DUTY_NUMBER.removeprefix("+380")
    logs = [*clean_line.paths.logs.glob("*.jsonl"), *clean_line.paths.asterisk_log.glob("*.log")]
    evidence = [clean_line.paths.cel_file, clean_line.paths.queue_log_file]
    assert len(logs) >= 4
    assert [path.name for path in (*logs, *evidence) if digits in path.read_text("utf-8", "replace")] == []


async def dial_switch(line: Line, keys: str) -> None:
    """Has the lawyer dial `*80` and key, until the line hangs up."""
    async with line.operator_phone(LAWYER) as phone:
        since = phone.mark()
        await phone.dial(f"sip:{OperatorCode.OVERRIDE}@127.0.0.1:{line.site.sip_port}")
        await phone.wait_for(PhoneEventType.ESTABLISHED, since=since, deadline_s=15)
        await phone.send_keys(keys)
        await phone.wait_for(PhoneEventType.CLOSED, since=since, deadline_s=40)


async def test_an_operator_closes_the_own_queue_by_telephone_and_resets_it(clean_line: Line) -> None:
    pin = clean_line.prepared.secrets.override_pin.get_secret_value()
    before = len(clean_line.cel_payloads(UserEvent.OPERATOR))
    await dial_switch(clean_line, f"{pin}12")
    (override,) = await until("the switch is in force", lambda: overrides_of(clean_line))
    arrival = await follow(clean_line, Pause(300), Dtmf("1"))
    await dial_switch(clean_line, f"{pin}3")
    await until("the switch is gone", lambda: overrides_of(clean_line), lambda rows: not rows)
    assert (override.target, override.action, override.author) == ("sumy", "closed", "operator sumy01 by phone")
    assert timedelta(minutes=119) < override.until - override.created_at <= timedelta(minutes=121)
    assert "override" in {reason.code for reason in arrival.journey.decisions[0].reasons}
    told = [row["reason"] for row in clean_line.cel_payloads(UserEvent.OPERATOR)[before:] if row["reason"]]
    assert told == ["closed-2h", "cleared"]


async def test_a_wrong_pin_switches_nothing(clean_line: Line) -> None:
    pin = clean_line.prepared.secrets.override_pin.get_secret_value()
    wrong = "111111" if pin != "111111" else "222222"
    before = len(clean_line.cel_payloads(UserEvent.OPERATOR))
    await dial_switch(clean_line, f"{wrong}#" * 3)
    told = [row["reason"] for row in clean_line.cel_payloads(UserEvent.OPERATOR)[before:] if row["reason"]]
    assert told == ["wrong-pin"]
    assert await overrides_of(clean_line) == ()


async def test_every_call_of_this_module_is_in_the_log_once(clean_line: Line) -> None:
    expected = clean_line.calls_that_came()
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected
