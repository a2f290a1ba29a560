"""Publish and rollback under calls: nobody is lost, operators stay, and each call keeps the plan that it began with."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from asterisk_conf import state_files
from asterisk_conf.names import OperatorCode, UserEvent
from hotline.line import API, IVR, POSTGRES
from ivr.ami.frames import Frame
from ivr.ami.protocol import AmiProtocol
from ivr.ami.transport import open_session
from routing.languages import Language, Text
from routing.plan import OperatorId, Plan, PromptId
from tests.live.arrivals import entered_queues, follow
from tests.live.line import Line, quick
from tests.live.promises import Promises
from tests.live.publishing import in_force, publish, published_version, roll_back, versioned
from tests.live.sipp import Dtmf, ExpectBye, Invite, Pause, WaitAnswer
from tests.live.sounds import SHORT_MS, write_tone
from tests.live.switching import DUTY_NUMBER, clear, switch_to_number
from tests.live.waiting import until
from tests.plans import CHERNIVTSI, SUMY, small_plan

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

WAITING = 20
IN_MENU = 4
MENU_MS = 15_000
"""How long the callers in the menu think before they press a key."""
ON_DUTY = OperatorId("chernivtsi01")
_log = logging.getLogger(__name__)


def _first_plan() -> Plan:
    return versioned(quick(small_plan()))


def _second_plan() -> Plan:
    """Another greeting, another pace of ringing and a new operator: prompts, queues, phones and dialplan change."""
    plan = _first_plan()
    greeting = replace(plan.prompts[PromptId("greeting")], text=Text(uk="Добрий день!", en="Good day!"))
    newcomer = replace(plan.operators[ON_DUTY], id=OperatorId("chernivtsi03"))
    queues = plan.queues | {SUMY: replace(plan.queues[SUMY], ring_s=7)}
    operators = plan.operators | {newcomer.id: newcomer}
    return versioned(replace(plan, prompts=plan.prompts | {greeting.id: greeting}, queues=queues, operators=operators))


FIRST, SECOND = _first_plan(), _second_plan()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return FIRST


@asynccontextmanager
async def on_duty(line: Line) -> AsyncIterator[None]:
    """An operator who is logged in and on a pause, so that callers wait."""
    async with line.operator_phone(ON_DUTY) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        await line.dial_code(phone, f"{OperatorCode.PAUSE}1")
        yield
        await line.dial_code(phone, OperatorCode.LOGOUT)


async def members(line: Line) -> list[tuple[str, bool]]:
    """Gives the members of Chernivtsi's queue, and whether each is on a pause."""
    rows = (row.split() for row in (await line.asterisk_cli(f"queue show {CHERNIVTSI}")).splitlines())
    return [(row[0], any(word.startswith("(paused") for word in row)) for row in rows if "(dynamic)" in row]


async def test_a_publish_and_a_rollback_lose_no_caller_and_no_operator(clean_line: Line, promises: Promises) -> None:
    kept = promises.make("a call that began before the publish decides by its own plan afterwards")
    await publish(clean_line, FIRST)
    write_tone(clean_line.sound("greeting"), MENU_MS + 10_000)
    since, decided = len(clean_line.queue_log_rows("ENTERQUEUE")), len(clean_line.cel_payloads(UserEvent.DECISION))
    async with on_duty(clean_line):
        assert (before := await members(clean_line)) == [(f"PJSIP/{ON_DUTY}", True)]
        waiting = await clean_line.call(
            Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye(120_000), count=WAITING
        )
        await entered_queues(clean_line, since, count=WAITING, deadline_s=60)
        in_menu = await clean_line.call(
            Invite(), WaitAnswer(), Pause(MENU_MS), Dtmf("0"), ExpectBye(120_000), count=IN_MENU
        )
        await until("they are in the menu", clean_line.channels, lambda names: len(names) == WAITING + IN_MENU)
        began_s = time.monotonic()
        await publish(clean_line, SECOND)
        _log.warning("publish took %.2f s with %d calls", time.monotonic() - began_s, WAITING + IN_MENU)
        assert len(clean_line.queue_log_rows("ENTERQUEUE")) == since + WAITING, "pressed before the publish was over"
        newcomer = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye(120_000))
        await entered_queues(clean_line, since, count=WAITING + IN_MENU + 1, deadline_s=60)
        began_s = time.monotonic()
        await roll_back(clean_line, FIRST)
        _log.warning("rollback took %.2f s", time.monotonic() - began_s)
        late = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye(120_000))
        rows = await entered_queues(clean_line, since, count=WAITING + IN_MENU + 2, deadline_s=60)
        assert len(await clean_line.channels()) == WAITING + IN_MENU + 2
        assert await members(clean_line) == before
        assert {row.queue for row in rows} == {CHERNIVTSI}
        left = [row for row in clean_line.queue_log_rows() if row.event in ("ABANDON", "EXITEMPTY", "EXITWITHTIMEOUT")]
        assert not {row.uniqueid for row in left} & {row.uniqueid for row in rows}
        plans = [decision["plan"] for decision in clean_line.cel_payloads(UserEvent.DECISION)[decided:]]
        assert plans.count(FIRST.version) == WAITING + IN_MENU + 1
        assert plans.count(SECOND.version) == 1
        kept.redeem()
        await clean_line.hang_up_all()
        for caller in (waiting, in_menu, newcomer, late):
            await caller.succeeded()
    write_tone(clean_line.sound("greeting"), SHORT_MS)


async def test_a_new_operator_of_a_published_plan_is_on_duty_at_once(clean_line: Line) -> None:
    await publish(clean_line, SECOND)
    newcomer = OperatorId("chernivtsi03")
    async with clean_line.operator_phone(newcomer) as phone:
        await clean_line.dial_code(phone, OperatorCode.LOGIN)
        assert (f"PJSIP/{newcomer}", False) in await members(clean_line)
        await clean_line.dial_code(phone, OperatorCode.LOGOUT)


async def test_the_new_text_is_spoken_to_new_calls(clean_line: Line) -> None:
    await publish(clean_line, FIRST)
    await publish(clean_line, SECOND)
    arrival = await follow(clean_line, Pause(300), Dtmf("0"))
    assert arrival.journey.plan_version == SECOND.version
    sounds = clean_line.paths.sounds(Language.UK)
    assert len(list(sounds.glob("greeting-*.wav"))) == 2


@pytest.mark.parametrize("process", [API, POSTGRES])
async def test_without_api_or_database_the_node_goes_on_with_what_it_has(clean_line: Line, process: str) -> None:
    await publish(clean_line, FIRST)
    async with clean_line.stopped(process):
        arrival_since = len(clean_line.queue_log_rows("ENTERQUEUE"))
        caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye())
        await entered_queues(clean_line, arrival_since)
        await clean_line.hang_up_all()
        await caller.succeeded()
    decision = clean_line.cel_payloads(UserEvent.DECISION)[-1]
    assert (decision["plan"], decision["rung"]) == (FIRST.version, "service")


async def test_a_service_that_was_down_takes_what_was_published_meanwhile(clean_line: Line) -> None:
    await publish(clean_line, FIRST)
    async with clean_line.stopped(IVR):
        body = {"author": "тест", "reason": "тест", "expected_current": FIRST.version}
        answer = await clean_line.ask("POST", "/api/v1/plans/rollback", body)
        assert answer.status_code == 201, answer.text
        assert state_files.read_current(clean_line.paths.state) == FIRST.version
    wanted = await published_version(clean_line)
    assert wanted == SECOND.version
    await in_force(clean_line, SECOND)


async def test_without_a_trunk_for_outbound_calls_a_number_costs_no_caller(clean_line: Line) -> None:
    await publish(clean_line, FIRST)
    clean_line.set_clock(datetime.now(UTC))
    name = await switch_to_number(clean_line, DUTY_NUMBER)
    arrival = await follow(clean_line, Pause(300), Dtmf("0"))
    await clear(clean_line, name)
    assert arrival.queue == "chernivtsi"
    assert clean_line.cel_payloads(UserEvent.DIAL_EXIT) == [{"digits": "42", "status": "NOTRUNK"}]


@asynccontextmanager
async def control(line: Line, events: list[Frame]) -> AsyncIterator[AmiProtocol]:
    """Holds a session of the manager's user `control`."""
    session = await open_session("127.0.0.1", line.site.ami_port, events.append, 5)
    try:
        secret = line.prepared.secrets.ami_control.get_secret_value()
        assert (await session.request("Login", {"Username": "control", "Secret": secret, "Events": "on"})).is_success
        yield session
    finally:
        session.close()
        await session.lost


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("Command", {"Command": "core show version"}),
        ("Originate", {"Channel": "PJSIP/sumy01", "Application": "Wait", "Data": "1"}),
        ("UpdateConfig", {"SrcFilename": "rtp.conf", "DstFilename": "rtp.conf"}),
        ("Setvar", {"Variable": "X", "Value": "1"}),
        ("Redirect", {"Channel": "PJSIP/sumy01", "Context": "line", "Exten": "s", "Priority": "1"}),
        ("QueueRemove", {"Queue": "sumy", "Interface": "PJSIP/sumy01"}),
    ],
)
async def test_the_user_who_reloads_cannot_run_call_or_change_anything(
    clean_line: Line, action: str, fields: dict[str, str]
) -> None:
    events: list[Frame] = []
    async with control(clean_line, events) as session:
        refused = await session.request(action, fields)
        assert (refused.is_success, refused.message) == (False, "Permission denied")
        assert (await session.request("Reload", {"Module": "app_queue.so"})).is_success
    assert {event.event for event in events} <= {"FullyBooted", "SuccessfulAuth"}


async def test_the_right_to_reload_still_brings_the_right_to_read_configuration(clean_line: Line) -> None:
    """docs/decisions/0007: when this fails, Asterisk tells the two apart, and the user can have less."""
    async with control(clean_line, []) as session:
        assert (await session.request("GetConfig", {"Filename": "rtp.conf"})).is_success


async def test_every_call_of_this_module_is_in_the_log_once(clean_line: Line) -> None:
    expected = clean_line.calls_that_came()
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected
    assert len(expected) > WAITING + IN_MENU
