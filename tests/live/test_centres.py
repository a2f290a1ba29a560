"""Connecting callers with centres on a real Asterisk: who accepts takes the call, whatever else happens nobody is lost.

The caller's wish for a centre comes as a global variable, and the script decides: so the tests do not hang on the keys
of any menu, and show at once that centres are reached with the service down. That the service decides the same is
shown by `tests/unit/agi_scripts`.
"""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import pytest_asyncio

from asterisk_conf.names import UserEvent, Variable
from asterisk_conf.site import Trunk
from hotline.centre_checks import check_places, places_of
from hotline.line import IVR
from routing.plan import CentreDialling, Plan
from tests.centres import EAST_PHONE, NORTH, NORTH_DEPUTY, NORTH_PHONE, SOUTH_PHONE, TUESDAY_11, plan_with_centres
from tests.live.arrivals import entered_queues
from tests.live.centre_phones import ADDRESS, Behaviour, centre_phones
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, quick, running_line
from tests.live.ports import free_ports
from tests.live.sipp import ExpectBye, Hangup, Invite, Pause, WaitAnswer
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

(PORT, _) = free_ports(2, address=ADDRESS)


@pytest.fixture(scope="module")
def plan() -> Plan:
    plan = quick(plan_with_centres())
    dialling = CentreDialling(ring_s=2, accept_s=2, persons_limit=3)
    return replace(plan, line=replace(plan.line, centre_dialling=dialling))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A line with a trunk for outbound calls, whose service is down: every caller wants to be connected with north."""
    provider = Trunk(name="provider", match=(IPv4Network(f"{ADDRESS}/32"),), sip_uri=f"sip:{ADDRESS}:{PORT}")
    async with running_line(plan, (provider,)) as running:
        assert running.error_lines() == ()
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        running.set_clock(TUESDAY_11)
        await running.asterisk_cli(f"dialplan set global {Variable.CENTRE} {NORTH}")
        yield running


def folder_of(line: Line) -> Path:
    return Path(tempfile.mkdtemp(prefix="centre-", dir=line.paths.run)) / "phones"


def steps_since(line: Line, since: int) -> list[tuple[str, str, str]]:
    rows = line.cel_payloads(UserEvent.CENTRE)[since:]
    return [(f"{row['centre']}.{row['place']}", row["step"], row["status"]) for row in rows]


async def connect(line: Line, phones: dict[str, Behaviour], calls: int) -> list[tuple[str, str, str]]:
    """Places a call for which telephones are tried until one accepts; gives the steps."""
    since = len(line.cel_payloads(UserEvent.CENTRE))
    async with line.stopped(IVR), centre_phones(folder_of(line), PORT, phones, calls=calls):
        caller = await line.call(Invite(), WaitAnswer(), ExpectBye())
        await caller.succeeded()
    return steps_since(line, since)


async def test_a_centre_that_accepts_takes_the_call(clean_line: Line) -> None:
    queued = len(clean_line.queue_log_rows("ENTERQUEUE"))
    steps = await connect(clean_line, {NORTH_PHONE: Behaviour.ACCEPTS}, 1)
    assert steps == [("north.0", "dial", ""), ("north.0", "answered", ""), ("north.0", "accepted", "")]
    assert len(clean_line.queue_log_rows("ENTERQUEUE")) == queued


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (Behaviour.BUSY, "BUSY"),
        (Behaviour.NO_ANSWER, "NOANSWER"),
        (Behaviour.UNKNOWN, "CHANUNAVAIL"),
        (Behaviour.SILENT, "SILENT"),
        (Behaviour.FAX, "SILENT"),
        (Behaviour.REFUSES, "REFUSED"),
        (Behaviour.PUTS_DOWN, "ANSWERED"),
    ],
)
async def test_where_nobody_accepts_the_deputy_is_called(clean_line: Line, behaviour: Behaviour, status: str) -> None:
    steps = await connect(clean_line, {NORTH_PHONE: behaviour, NORTH_DEPUTY: Behaviour.ACCEPTS}, 2)
    assert ("north.0", "failed", status) in steps
    assert [step for step in steps if step[1] == "accepted"] == [("north.1", "accepted", "")]


async def test_after_three_telephones_an_operator_takes_the_call_with_priority(clean_line: Line) -> None:
    since, queued = len(clean_line.cel_payloads(UserEvent.CENTRE)), len(clean_line.queue_log_rows("ENTERQUEUE"))
    phones = dict.fromkeys((NORTH_PHONE, NORTH_DEPUTY, SOUTH_PHONE, EAST_PHONE), Behaviour.BUSY)
    async with clean_line.stopped(IVR), centre_phones(folder_of(clean_line), PORT, phones, calls=3):
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
        (row,) = await entered_queues(clean_line, queued)
        await clean_line.hang_up_all()
        await caller.succeeded()
    dialled = [place for place, step, _ in steps_since(clean_line, since) if step == "dial"]
    assert (row.queue, dialled) == ("chernivtsi", ["north.0", "north.1", "south.0"])
    journey = await clean_line.ended_call(row.uniqueid)
    assert journey.decisions[-1].priority == 10 + 20
    assert "centre-limit" in {reason.code for reason in journey.decisions[-1].reasons}


async def test_out_of_hours_the_deputy_is_called_first(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11 + timedelta(hours=12))
    steps = await connect(clean_line, {NORTH_DEPUTY: Behaviour.ACCEPTS}, 1)
    clean_line.set_clock(TUESDAY_11)
    assert steps[0] == ("north.1", "dial", "")


async def test_a_caller_who_hangs_up_in_the_accept_dialogue_leaves_no_channel(clean_line: Line) -> None:
    since = len(clean_line.cel_payloads(UserEvent.CENTRE))

    async def answered() -> bool:
        return ("north.0", "answered", "") in steps_since(clean_line, since)

    async with (
        clean_line.stopped(IVR),
        centre_phones(folder_of(clean_line), PORT, {NORTH_PHONE: Behaviour.SILENT}, calls=1),
    ):
        caller = await clean_line.call(Invite(), WaitAnswer(), Pause(1_500), Hangup())
        await until("the centre has answered", answered)
        await caller.succeeded()
        await until("no channel is left", clean_line.channels, lambda names: not names)
    assert not any(step == "accepted" for _, step, _ in steps_since(clean_line, since))


async def test_a_dead_number_is_passed_over_until_it_works(clean_line: Line) -> None:
    plan, binary = clean_line.prepared.plan, clean_line.prepared.binary
    places = places_of(plan, [NORTH])
    calls = len(await clean_line.calls())
    phones = {NORTH_PHONE: Behaviour.UNKNOWN, NORTH_DEPUTY: Behaviour.SILENT}
    async with centre_phones(folder_of(clean_line), PORT, phones, calls=2):
        found = [each async for each in check_places(clean_line.paths, binary, places)]
    assert [(each.check.number, each.check.is_dead) for each in found] == [(NORTH_PHONE, True), (NORTH_DEPUTY, False)]
    assert (await connect(clean_line, {NORTH_DEPUTY: Behaviour.ACCEPTS}, 1))[0] == ("north.1", "dial", "")
    async with centre_phones(folder_of(clean_line), PORT, {NORTH_PHONE: Behaviour.BUSY}, calls=1):
        (again,) = [each async for each in check_places(clean_line.paths, binary, places[:1])]
    assert not again.check.is_dead
    assert (await connect(clean_line, {NORTH_PHONE: Behaviour.ACCEPTS}, 1))[0] == ("north.0", "dial", "")
    await until("two calls more are logged", clean_line.calls, lambda seen: len(seen) == calls + 2)


async def test_the_numbers_of_centres_stand_in_no_evidence(clean_line: Line) -> None:
    text = clean_line.paths.cel_file.read_text("utf-8") + clean_line.paths.queue_log_file.read_text("utf-8")
    assert text
    assert not any(number.removeprefix("+380") in text for number in (NORTH_PHONE, NORTH_DEPUTY, SOUTH_PHONE))
