"""The duty officer's number, called in beside a lawyer's telephone that nobody answers: only the key takes the call.

The provider's telephone is there as long as anybody waits: an INVITE that nobody answered would be sent again for half
a minute, and meet the telephone of the next test.
"""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest
import pytest_asyncio

from asterisk_conf.names import DUTY_MEMBER, OperatorCode, UserEvent
from asterisk_conf.site import Trunk
from hotline.line import IVR
from hotline.softphone import Softphone
from routing.plan import CentreDialling, OperatorId, Plan
from tests.centres import plan_with_centres
from tests.live.arrivals import TUESDAY_11
from tests.live.bare_caller import bare_caller
from tests.live.centre_phones import ADDRESS, Behaviour, centre_phones
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, quick, running_line
from tests.live.ports import free_ports
from tests.live.promises import Promises
from tests.live.queueing import waiting_plan
from tests.live.sipp import Dtmf, ExpectBye, Invite, Pause, WaitAnswer
from tests.live.switching import DUTY_NUMBER
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

CALLER = "+380000000077"
LAWYER = OperatorId("sumy01")
TAKEN_S = 40.0
(PORT, _) = free_ports(2, address=ADDRESS)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Callers of Chernivtsi are offered to Sumy's lawyer and the duty officer after three seconds."""
    plan = quick(waiting_plan())
    dialling = CentreDialling(ring_s=5, accept_s=2, persons_limit=3)
    line = replace(plan.line, centre_dialling=dialling)
    return replace(plan, line=line, prompts={**plan_with_centres().prompts, **plan.prompts})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A line with a trunk for outbound calls."""
    provider = Trunk(name="duty", match=(IPv4Network(f"{ADDRESS}/32"),), sip_uri=f"sip:{ADDRESS}:{PORT}")
    async with running_line(plan, (provider,)) as running:
        assert running.error_lines() == ()
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        running.set_clock(TUESDAY_11)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lawyer(line: Line) -> AsyncIterator[Softphone]:
    """A lawyer of Sumy who is logged in, and away from the telephone."""
    async with line.operator_phone(LAWYER) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield phone


def phones_of(line: Line) -> Path:
    return Path(tempfile.mkdtemp(prefix="duty-", dir=line.paths.run)) / "phones"


def rings_at_the_lawyer(channels: tuple[str, ...]) -> bool:
    return any(each.startswith(f"PJSIP/{LAWYER}-") for each in channels)


def steps_of(line: Line, since: int) -> list[tuple[str, str]]:
    return [(row["step"], row["status"]) for row in line.cel_payloads(UserEvent.DUTY)[since:]]


@pytest.mark.parametrize(
    ("behaviour", "status"), [(Behaviour.SILENT, "silent"), (Behaviour.FAX, "silent"), (Behaviour.REFUSES, "refused")]
)
async def test_what_answers_without_the_key_has_not_taken_the_call(
    clean_line: Line, lawyer: Softphone, promises: Promises, behaviour: Behaviour, status: str
) -> None:
    rings_again = promises.make("the caller keeps the place: the lawyer's telephone rings next")
    since, connected = len(clean_line.cel_payloads(UserEvent.DUTY)), len(clean_line.queue_log_rows("CONNECT"))

    async def is_refused() -> bool:
        return ("refused", status) in steps_of(clean_line, since)

    async with (
        centre_phones(phones_of(clean_line), PORT, {DUTY_NUMBER: behaviour}, calls=1),
        bare_caller(CALLER, clean_line.site.sip_port) as caller,
    ):
        caller.invite()
        await caller.answered()
        await caller.press("0")
        await until("the call is not taken", is_refused, deadline_s=TAKEN_S)
        await until("the lawyer's telephone rings", clean_line.channels, rings_at_the_lawyer, deadline_s=TAKEN_S)
        rings_again.redeem()
        caller.hang_up()
        await until("no channel is left", clean_line.channels, lambda names: not names)
    journey = await clean_line.ended_call(clean_line.calls_that_came()[-1])
    assert journey.outcome in {"abandoned_in_queue", "abandoned_ringing"}
    assert len(clean_line.queue_log_rows("CONNECT")) == connected


async def test_the_key_takes_the_call_while_the_lawyers_telephone_goes_unanswered(
    clean_line: Line, lawyer: Softphone
) -> None:
    assert "PJSIP/sumy01" in await clean_line.asterisk_cli("queue show sumy")
    assert lawyer.mark() >= 0
    entered, since = len(clean_line.queue_log_rows("ENTERQUEUE")), len(clean_line.cel_payloads(UserEvent.DUTY))
    async with centre_phones(phones_of(clean_line), PORT, {DUTY_NUMBER: Behaviour.ACCEPTS}, calls=1):
        caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("0"), ExpectBye(timeout_ms=60_000))
        await caller.succeeded()
    call_id = clean_line.calls_that_came()[-1]
    connect = clean_line.queue_log_rows("CONNECT")[-1]
    assert (connect.queue, connect.agent, connect.uniqueid) == ("chernivtsi", DUTY_MEMBER, call_id)
    assert steps_of(clean_line, since) == [("answered", ""), ("accepted", "")]
    assert len(clean_line.queue_log_rows("ENTERQUEUE")) == entered + 1
    journey = await clean_line.ended_call(call_id)
    assert (journey.outcome, journey.operator, journey.hung_up_by) == ("answered", DUTY_MEMBER, "operator")


async def test_the_number_stands_in_no_evidence_and_no_log(clean_line: Line) -> None:
    await until("somebody was called", lambda: seen_by(clean_line), lambda text: UserEvent.DUTY in text)
    assert DUTY_NUMBER.removeprefix("+380") not in await seen_by(clean_line)


async def seen_by(line: Line) -> str:
    """Gives the evidence and the service's log."""
    files = (line.paths.cel_file, line.paths.queue_log_file, line.paths.logs / "ivr.jsonl")
    return "".join(each.read_text("utf-8") for each in files)
