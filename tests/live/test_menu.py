"""What callers key, at which moment, and which queue they reach."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from asterisk_conf import state_files
from asterisk_conf.names import OperatorCode
from routing.overrides import Override, OverrideAction, OverrideScope
from routing.plan import OperatorId
from tests.live.arrivals import SATURDAY_11, TUESDAY_11, TUESDAY_18, follow
from tests.live.line import Line
from tests.live.promises import Promises
from tests.live.sipp import Dtmf, ExpectBye, Hangup, Invite, Pause, Step, WaitAnswer
from tests.live.sounds import SHORT_MS, write_tone
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LONG_MS = 20_000


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def lawyer(line: Line) -> AsyncIterator[None]:
    """A lawyer of Sumy who is logged in and lets the phone ring."""
    async with line.operator_phone(OperatorId("sumy01")) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        yield


@pytest.mark.parametrize(
    ("moment", "keys", "queue", "service", "is_open"),
    [
        (TUESDAY_11, "1", "sumy", "consultation", True),
        (TUESDAY_18, "1", "chernivtsi", "consultation", False),
        (SATURDAY_11, "1", "chernivtsi", "consultation", False),
        (TUESDAY_11, "2", "chernivtsi", "guidance", True),
        (TUESDAY_11, "4", "chernivtsi", "detention", True),
        (SATURDAY_11, "4", "chernivtsi", "detention", True),
        (TUESDAY_11, "0", "chernivtsi", "operator", True),
        (TUESDAY_11, "*1", "sumy", "consultation", True),
    ],
)
async def test_a_key_leads_to_its_queue_at_that_moment(
    clean_line: Line, moment: datetime, keys: str, queue: str, service: str, *, is_open: bool
) -> None:
    clean_line.set_clock(moment)
    arrival = await follow(clean_line, *pressed(keys))
    (decision,) = arrival.journey.decisions
    assert arrival.queue == queue
    assert (decision.rung, decision.service, decision.queue) == ("service", service, queue)
    assert decision.is_open is is_open
    assert arrival.journey.keys == ",".join(keys)
    assert arrival.journey.plan_version == clean_line.prepared.plan.version


def pressed(keys: str) -> tuple[Step, ...]:
    return tuple(step for key in keys for step in (Pause(300), Dtmf(key)))


async def test_silence_leads_to_an_operator(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line)
    assert (arrival.queue, arrival.journey.service, arrival.journey.keys) == ("chernivtsi", "operator", "t")
    assert [step.outcome for step in arrival.journey.menu_steps] == ["no_input"]
    assert "silence" in {reason.code for reason in arrival.journey.decisions[0].reasons}


async def test_three_wrong_keys_lead_to_an_operator(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line, *pressed("888"))
    assert (arrival.queue, arrival.journey.service) == ("chernivtsi", "operator")
    assert [step.outcome for step in arrival.journey.menu_steps] == ["no_match"] * 3
    assert [step.attempt for step in arrival.journey.menu_steps] == [1, 2, 3]


async def test_nine_then_one_is_an_english_consultation(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line, *pressed("91"))
    assert (arrival.queue, arrival.journey.language, arrival.journey.keys) == ("sumy", "en", "9,1")
    assert [(step.key, step.outcome) for step in arrival.journey.menu_steps] == [("9", "match"), ("1", "match")]


async def test_a_digit_interrupts_the_greeting_and_answers_the_menu(clean_line: Line) -> None:
    greeting = clean_line.sound("greeting")
    clean_line.set_clock(TUESDAY_11)
    write_tone(greeting, LONG_MS)
    try:
        arrival = await follow(clean_line, *pressed("4"), deadline_s=LONG_MS / 2_000)
    finally:
        write_tone(greeting, SHORT_MS)
    assert arrival.journey.service == "detention"


async def test_who_calls_after_hours_hears_when_the_lawyers_work(clean_line: Line, promises: Promises) -> None:
    heard = promises.make("the announcement is played before the queue")
    announcement = clean_line.sound("sumy-closed")
    clean_line.set_clock(TUESDAY_18)
    write_tone(announcement, 2_000)
    caller = await clean_line.call(Invite(), WaitAnswer(), *pressed("1"), ExpectBye())
    await until(
        "the announcement plays",
        clean_line.channel_rows,
        lambda rows: any("Playback" in row and f"hotline/{announcement.stem}" in row for row in rows),
    )
    heard.redeem()
    await until("then the queue", clean_line.channel_rows, lambda rows: any("Queue" in row for row in rows))
    await clean_line.hang_up_all()
    await caller.succeeded()
    write_tone(announcement, SHORT_MS)


async def test_a_missing_prompt_costs_a_text_and_not_the_call(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    for prompt in ("greeting", "main-menu"):
        clean_line.sound(prompt).unlink()
    try:
        arrival = await follow(clean_line, *pressed("4"))
    finally:
        for prompt in ("greeting", "main-menu"):
            write_tone(clean_line.sound(prompt), SHORT_MS)
    assert arrival.journey.service == "detention"


async def test_a_switch_by_hand_is_told_whole_in_the_log(clean_line: Line) -> None:
    why = ("Евакуація, повітряна тривога: юристи в укритті; " * 3)[:120]
    now = datetime.now(UTC)
    switch = Override(
        id="o1",
        scope=OverrideScope.QUEUE,
        target="sumy",
        action=OverrideAction.CLOSED,
        destination=None,
        until=now + timedelta(days=3_650),
        reason=why,
        author="Черговий адміністратор центру",
        created_at=now - timedelta(days=3_650),
    )
    clean_line.set_clock(TUESDAY_11)
    state_files.write_overrides(clean_line.paths.state, [switch])
    try:
        arrival = await follow(clean_line, *pressed("1"))
    finally:
        state_files.write_overrides(clean_line.paths.state, [])
    (decision,) = arrival.journey.decisions
    told = {reason.code: reason for reason in decision.reasons}
    assert (arrival.queue, decision.is_open) == ("chernivtsi", False)
    assert told["override"].details["why"] == why
    assert why in told["override"].uk


async def test_who_hangs_up_in_the_menu_stands_in_the_log_as_that(clean_line: Line) -> None:
    greeting = clean_line.sound("greeting")
    known = {call.call_id for call in await clean_line.calls()}
    write_tone(greeting, LONG_MS)
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(500), Hangup())
    await caller.succeeded()
    (call_id,) = await until(
        "the call stands in the log", lambda: new_calls(clean_line, known), lambda found: len(found) == 1
    )
    write_tone(greeting, SHORT_MS)
    journey = await clean_line.ended_call(call_id)
    assert (journey.outcome, journey.hung_up_by) == ("abandoned_in_menu", "caller")
    assert (journey.queue, journey.queue_visits) == (None, [])


async def new_calls(line: Line, known: set[str]) -> tuple[str, ...]:
    return tuple(call.call_id for call in await line.calls() if call.call_id not in known)
