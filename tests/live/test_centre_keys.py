"""A caller who keys the way to a centre in the shipped menus: the service decides, and who accepts there takes it.

What becomes of telephones that do not accept is in `test_centres`.
"""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import pytest_asyncio

from asterisk_conf.names import UserEvent
from asterisk_conf.site import Trunk
from hotline.line import IVR, SHIPPED_PLAN
from routing.plan import CentreDialling, CentreId, Plan, ServiceId
from routing.plan_files import read_plan
from tests.live.arrivals import TUESDAY_11, entered_queues
from tests.live.bare_caller import BareCaller, bare_caller
from tests.live.centre_phones import ADDRESS, Behaviour, centre_phones
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, quick, running_line
from tests.live.ports import free_ports
from tests.live.sipp import Dtmf, ExpectBye, Invite, Pause, Step, WaitAnswer
from tests.live.sounds import SHORT_MS, write_tone
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

SUMY = CentreId("sumy")
CONSULTATION = ServiceId("consultation")
(PORT, _) = free_ports(2, address=ADDRESS)
TO_SUMY = "5541"
CALLER = "+380000000078"
LONG_MS = 20_000


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The shipped plan in which Sumy's centre is no sample, and consultations are recorded."""
    plan = quick(read_plan(SHIPPED_PLAN))
    sumy = replace(plan.centres[SUMY], is_sample=False)
    consultation = replace(plan.services[CONSULTATION], is_recorded=True)
    return replace(
        plan,
        centres={**plan.centres, SUMY: sumy},
        services={**plan.services, CONSULTATION: consultation},
        line=replace(plan.line, centre_dialling=CentreDialling(ring_s=5, accept_s=3, persons_limit=3)),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A line with a trunk for outbound calls."""
    provider = Trunk(name="provider", match=(IPv4Network(f"{ADDRESS}/32"),), sip_uri=f"sip:{ADDRESS}:{PORT}")
    async with running_line(plan, (provider,)) as running:
        assert running.error_lines() == ()
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        running.set_clock(TUESDAY_11)
        yield running


def pressed(keys: str) -> tuple[Step, ...]:
    return tuple(step for key in keys for step in (Pause(400), Dtmf(key)))


def phones_of(line: Line) -> Path:
    return Path(tempfile.mkdtemp(prefix="centre-", dir=line.paths.run)) / "phones"


def steps_of(line: Line, since: int) -> list[tuple[str, str]]:
    return [(row["centre"], row["step"]) for row in line.cel_payloads(UserEvent.CENTRE)[since:]]


async def test_who_keys_the_way_to_a_centre_talks_with_it_and_the_log_says_transferred(clean_line: Line) -> None:
    since, queued = len(clean_line.cel_payloads(UserEvent.CENTRE)), len(clean_line.queue_log_rows("ENTERQUEUE"))
    phone = clean_line.prepared.plan.centres[SUMY].phones[0]
    async with centre_phones(phones_of(clean_line), PORT, {phone: Behaviour.ACCEPTS}, calls=1):
        caller = await clean_line.call(Invite(), WaitAnswer(), *pressed(TO_SUMY), ExpectBye())
        await caller.succeeded()
    assert steps_of(clean_line, since) == [("sumy", "dial"), ("sumy", "answered"), ("sumy", "accepted")]
    assert len(clean_line.queue_log_rows("ENTERQUEUE")) == queued
    journey = await clean_line.ended_call(clean_line.calls_that_came()[-1])
    assert (journey.outcome, journey.keys, journey.service) == ("transferred", "5,54,1", "centres")
    assert [decision.rung for decision in journey.decisions] == ["service"]


async def test_a_recording_ends_before_the_telephone_of_a_centre_is_called(clean_line: Line) -> None:
    since, queued = len(clean_line.cel_payloads(UserEvent.CENTRE)), len(clean_line.queue_log_rows("ENTERQUEUE"))
    phone = clean_line.prepared.plan.centres[SUMY].phones[0]
    async with centre_phones(phones_of(clean_line), PORT, {phone: Behaviour.ACCEPTS}, calls=1):
        caller = await clean_line.call(
            Invite(), WaitAnswer(), *pressed("1"), Pause(8_000), *pressed(f"*{TO_SUMY}"), ExpectBye()
        )
        await entered_queues(clean_line, queued)
        await caller.succeeded()
    assert steps_of(clean_line, since)[-1] == ("sumy", "accepted")
    call_id = clean_line.calls_that_came()[-1]

    async def told() -> list[tuple[str, str]]:
        return recorded_and_called(clean_line, call_id)

    assert await until("the call to the centre is told", told, lambda rows: len(rows) >= 3) == [
        (UserEvent.RECORDING, "started"),
        (UserEvent.RECORDING, "stopped"),
        (UserEvent.CENTRE, "dial"),
    ]


def recorded_and_called(line: Line, call_id: str) -> list[tuple[str, str]]:
    """Gives what happened to the recording, and the calls to centres, in the order of the evidence of the caller."""
    rows = line.user_events_of(call_id, UserEvent.RECORDING, UserEvent.CENTRE)
    return [(event, row.get("state") or row["step"]) for event, row in rows]


async def keys_in(line: Line, caller: BareCaller, keys: str) -> str:
    """Has a caller dial and key, each key when the line has answered the one before; gives the call's id."""
    since = len(line.cel_payloads(UserEvent.MENU))
    caller.invite()
    await caller.answered()

    async def told() -> int:
        return len(line.cel_payloads(UserEvent.MENU)) - since

    for count, answer in enumerate(keys.split(","), start=1):
        for key in answer:
            await caller.press(key)
        await until(f"{count} answers are told", told, count.__le__)
    return line.calls_that_came()[-1]


@pytest.mark.parametrize(
    ("keys", "prompt"),
    [
        ("2", "aid-who"),
        ("2,1", "aid-what"),
        ("3", "hotline-emergency"),
        ("5", "centres-code"),
        ("5,54", "contacts-sumy"),
        ("5,22", "centres-unknown"),
    ],
)
async def test_who_hangs_up_in_a_menu_below_is_told_as_gone_in_the_menu(
    clean_line: Line, keys: str, prompt: str
) -> None:
    write_tone(clean_line.sound(prompt), LONG_MS)
    async with bare_caller(CALLER, clean_line.site.sip_port) as caller:
        call_id = await keys_in(clean_line, caller, keys)
        caller.hang_up()
        await until("no channel is left", clean_line.channels, lambda names: not names)
    write_tone(clean_line.sound(prompt), SHORT_MS)
    journey = await clean_line.ended_call(call_id)
    assert (journey.outcome, journey.hung_up_by, journey.keys) == ("abandoned_in_menu", "caller", keys)


@pytest.mark.parametrize(
    ("behaviour", "outcomes"),
    [
        (Behaviour.SILENT, {"abandoned_ringing"}),
        (Behaviour.PUTS_DOWN, {"abandoned_ringing", "abandoned_before_queue"}),
    ],
)
async def test_who_hangs_up_in_the_accept_dialogue_alone_or_with_the_centre_is_told_as_gone(
    clean_line: Line, behaviour: Behaviour, outcomes: set[str]
) -> None:
    since = len(clean_line.cel_payloads(UserEvent.CENTRE))
    phone = clean_line.prepared.plan.centres[SUMY].phones[0]

    async def answered() -> bool:
        return ("sumy", "answered") in steps_of(clean_line, since)

    async with (
        centre_phones(phones_of(clean_line), PORT, {phone: behaviour}, calls=1),
        bare_caller(CALLER, clean_line.site.sip_port) as caller,
    ):
        call_id = await keys_in(clean_line, caller, "5,54,1")
        await until("something answers at the centre", answered)
        caller.hang_up()
        await until("no channel is left", clean_line.channels, lambda names: not names)
    journey = await clean_line.ended_call(call_id)
    assert journey.outcome in outcomes
    assert (journey.hung_up_by, journey.keys) == ("caller", "5,54,1")
