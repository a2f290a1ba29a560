"""Registration numbers of detentions, and recordings, on a real Asterisk."""

import wave
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from asterisk_conf.names import Context, OperatorCode, UserEvent, Variable
from hotline.line import API, IVR
from hotline.softphone import PhoneEventType, Softphone
from routing.plan import OperatorId, Plan
from routing.registration import is_registration_number
from tests.centres import plan_with_centres
from tests.live.arrivals import entered_queues, follow
from tests.live.line import Line, quick
from tests.live.sipp import Dtmf, ExpectBye, Hangup, Invite, Pause, Step, WaitAnswer
from tests.live.waiting import until
from tests.plans import GUIDANCE

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

OPERATOR = OperatorId("chernivtsi01")
FILE_HEADER_BYTES = 44


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Conversations of guidance are recorded."""
    plan = quick(plan_with_centres())
    return replace(plan, services={**plan.services, GUIDANCE: replace(plan.services[GUIDANCE], is_recorded=True)})


@pytest_asyncio.fixture(loop_scope="module")
async def phone(clean_line: Line) -> AsyncIterator[Softphone]:
    """An operator of Chernivtsi who is logged in and takes every call."""
    async with clean_line.operator_phone(OPERATOR, answers=True) as phone:
        await clean_line.dial_code(phone, OperatorCode.LOGIN)
        yield phone
        await clean_line.dial_code(phone, OperatorCode.LOGOUT)


def numbers_of(line: Line) -> list[str]:
    return [row["number"] for row in line.cel_payloads(UserEvent.DETENTION)]


async def number_of_report(line: Line, call_id: str) -> str | None:
    async def look() -> list[dict[str, str | None]]:
        answer = await line.ask("GET", f"/api/v1/detention-reports?call_id={call_id}")
        rows: list[dict[str, str | None]] = answer.json()["reports"] if answer.is_success else []
        return rows

    (report,) = await until("the report is there", look, lambda rows: rows and rows[0]["number"])
    return report["number"]


async def test_who_reports_a_detention_has_a_number_before_anybody_answers(clean_line: Line) -> None:
    before = len(numbers_of(clean_line))
    arrival = await follow(clean_line, Pause(300), Dtmf("4"))
    (number,) = numbers_of(clean_line)[before:]
    order = [row["eventtype"] for row in clean_line.cel_rows() if row["linkedid"] == arrival.journey.call_id]
    assert is_registration_number(number)
    assert number.startswith("01-")
    assert order.index(UserEvent.DETENTION) < order.index("APP_START")
    assert await number_of_report(clean_line, arrival.journey.call_id) == number


async def test_the_script_goes_on_where_the_service_stopped_counting(clean_line: Line) -> None:
    await follow(clean_line, Pause(300), Dtmf("4"))
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    await clean_line.asterisk_cli(f"dialplan set global {Variable.SERVICE} detention")
    async with clean_line.stopped(IVR):
        caller = await clean_line.call(Invite(), WaitAnswer(), ExpectBye())
        (row,) = await entered_queues(clean_line, since)
        await clean_line.hang_up_all()
        await caller.succeeded()
    await clean_line.asterisk_cli(f"dialplan set global {Variable.SERVICE} ")
    by_service, by_script = numbers_of(clean_line)[-2:]
    assert int(by_script.split("-")[2]) == int(by_service.split("-")[2]) + 1
    assert await number_of_report(clean_line, row.uniqueid) == by_script


async def test_with_the_api_down_the_number_is_given_and_the_report_comes_later(clean_line: Line) -> None:
    since, before = len(clean_line.queue_log_rows("ENTERQUEUE")), len(numbers_of(clean_line))
    async with clean_line.stopped(API):
        caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("4"), ExpectBye())
        (row,) = await entered_queues(clean_line, since)
        await clean_line.hang_up_all()
        await caller.succeeded()
        (number,) = numbers_of(clean_line)[before:]
    assert await number_of_report(clean_line, row.uniqueid) == number


async def test_after_the_conversation_the_number_is_said(clean_line: Line, phone: Softphone) -> None:
    async def places() -> set[str]:
        return {row[1] for row in await clean_line.channel_rows()}

    since = phone.mark()
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("4"), ExpectBye())
    await phone.wait_for(PhoneEventType.ESTABLISHED, since=since, deadline_s=15)
    await phone.hang_up()
    await until("the number is said", places, lambda seen: Context.DETENTION_NUMBER in seen)
    await caller.succeeded()


async def talk(line: Line, phone: Softphone, *keys: Step) -> str:
    """Has a caller talk with the operator and hang up; gives the call's id."""
    since = phone.mark()
    caller = await line.call(Invite(), WaitAnswer(), Pause(300), Dtmf("2"), *keys, Pause(5_000), Hangup())
    await phone.wait_for(PhoneEventType.ESTABLISHED, since=since, deadline_s=15)
    await caller.succeeded()
    return line.calls_that_came()[-1]


def states_of(line: Line, call_id: str) -> list[str]:
    rows = line.cel_payloads(UserEvent.RECORDING)
    return [row["state"] for row in rows if row["file"] == f"{call_id}.wav"]


async def test_who_presses_nothing_is_recorded_and_start_and_stop_are_evidence(
    clean_line: Line, phone: Softphone
) -> None:
    call_id = await talk(clean_line, phone)
    path = clean_line.paths.recordings / f"{call_id}.wav"

    async def states() -> list[str]:
        return states_of(clean_line, call_id)

    await until("the recording has ended", states, lambda seen: seen == ["started", "stopped"])
    with wave.open(str(path), "rb") as sound:
        samples = sound.readframes(sound.getnframes())
    assert any(samples)
    assert path.stat().st_mode & 0o777 == 0o640
    (told,) = (await clean_line.ended_call(call_id)).recordings
    assert (told.state, told.file, told.url) == ("stopped", path.name, f"/api/v1/recordings/{path.name}")
    heard = await clean_line.ask("GET", f"/api/v1/recordings/{told.file}")
    assert heard.content == path.read_bytes()


async def test_who_declines_is_not_recorded(clean_line: Line, phone: Softphone) -> None:
    call_id = await talk(clean_line, phone, Pause(900), Dtmf("3"))
    assert states_of(clean_line, call_id) == ["declined"]
    assert not (clean_line.paths.recordings / f"{call_id}.wav").exists()
    (told,) = (await clean_line.ended_call(call_id)).recordings
    assert (told.state, told.file, told.url) == ("declined", None, None)


async def test_the_detention_key_goes_before_the_question_of_recording(clean_line: Line) -> None:
    arrival = await follow(clean_line, Pause(300), Dtmf("2"), Pause(900), Dtmf("4"))
    assert [decision.service for decision in arrival.journey.decisions] == ["guidance", "detention"]
    assert states_of(clean_line, arrival.journey.call_id) == []
