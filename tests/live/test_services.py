"""Each service of the shipped plan as a caller keys it, on a real Asterisk: what is read out, and where it ends."""

import pytest

from api.calls.schemas import Decision
from asterisk_conf.names import UserEvent
from hotline.line import IVR, SHIPPED_PLAN
from routing.languages import Language
from routing.plan import Plan
from routing.plan_files import read_plan
from tests.live.arrivals import TUESDAY_11, entered_queues, follow
from tests.live.line import Line, quick
from tests.live.promises import Promises
from tests.live.sipp import Dtmf, ExpectBye, Hangup, Invite, Pause, Step, WaitAnswer
from tests.live.sounds import SHORT_MS, write_tone
from tests.live.waiting import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LONG_MS = 20_000
FAST_MS = 160
"""From one press, 100 ms long, to the next: as fast as fingers can."""
WALK_S = 60.0
"""Longest walk through a menu in which a caller says nothing, on a busy machine."""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quick(read_plan(SHIPPED_PLAN))


def pressed(keys: str, gap_ms: int = 300) -> tuple[Step, ...]:
    return tuple(step for key in keys for step in (Pause(gap_ms), Dtmf(key)))


@pytest.mark.parametrize(
    ("keys", "service", "answers"),
    [
        ("20", "aid_info", "2,0"),
        ("2110", "aid_info", "2,1,1,0"),
        ("24", "detention", "2,4"),
        ("2#1", "consultation", "2,#,1"),
        ("30", "hotlines", "3,0"),
        ("31*10", "hotlines", "3,1,*,1,0"),
        ("34", "detention", "3,4"),
        ("50", "centres", "5,0"),
        ("5540", "centres", "5,54,0"),
        ("5542370", "centres", "5,54,2,37,0"),
        ("554#4", "detention", "5,54,#,4"),
        ("5544", "detention", "5,54,4"),
        ("544#0", "centres", "5,44,#,0"),
        ("5#1", "consultation", "5,#,1"),
        ("59#1", "consultation", "5,9,#,1"),
        ("9554*0", "centres", "9,5,54,*,0"),
    ],
)
async def test_keys_lead_through_the_menus_of_the_services(
    clean_line: Line, keys: str, service: str, answers: str
) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line, *pressed(keys))
    assert (arrival.journey.service, arrival.journey.keys) == (service, answers)


@pytest.mark.parametrize(
    ("keys", "answers", "service"), [("5540", "5,54,0", "centres"), ("5544", "5,54,4", "detention")]
)
async def test_keys_typed_as_fast_as_fingers_can_are_all_used_in_their_order(
    clean_line: Line, keys: str, answers: str, service: str
) -> None:
    clean_line.set_clock(TUESDAY_11)
    for _ in range(10):
        arrival = await follow(clean_line, *pressed(keys, FAST_MS))
        assert (arrival.journey.keys, arrival.journey.service) == (answers, service)


async def test_keys_that_come_while_the_service_stands_still_are_used_when_it_goes_on(clean_line: Line) -> None:
    greeting = clean_line.sound("greeting")
    clean_line.set_clock(TUESDAY_11)
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    write_tone(greeting, LONG_MS)
    caller = await clean_line.call(Invite(), WaitAnswer(), Pause(3_000), *pressed("5540"), ExpectBye())

    async def variables() -> str:
        names = await clean_line.channels()
        return await clean_line.asterisk_cli(f"core show channel {names[0]}") if names else ""

    await until("the greeting plays", variables, lambda shown: "HOTLINE_MENU=main" in shown)
    async with clean_line.frozen(IVR):
        await until("every key is kept", variables, lambda shown: "HOTLINE_DIGITS=5540" in shown)
    (row,) = await entered_queues(clean_line, since)
    await clean_line.hang_up_all()
    await caller.succeeded()
    write_tone(greeting, SHORT_MS)
    journey = await clean_line.ended_call(row.uniqueid)
    assert ([decision.rung for decision in journey.decisions], journey.keys) == (["service"], "5,54,0")


async def test_a_lone_4_while_a_code_is_asked_for_is_a_detention(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line, *pressed("54"))
    assert (arrival.journey.service, arrival.journey.keys) == ("detention", "5,4")


@pytest.mark.parametrize(("did", "first", "count"), [("0800213103", "emergency", 9), ("+380443631041", "la-strada", 6)])
async def test_who_only_listens_hears_every_hotline_that_works_for_him_and_then_an_operator(
    clean_line: Line, did: str, first: str, count: int
) -> None:
    clean_line.set_clock(TUESDAY_11)
    since = len(clean_line.cel_payloads(UserEvent.INFO))
    arrival = await follow(clean_line, *pressed("3"), invite=Invite(did=did), deadline_s=WALK_S)
    heard = clean_line.cel_payloads(UserEvent.INFO)[since:]
    assert (arrival.journey.service, arrival.queue) == ("hotlines", "chernivtsi")
    assert [row["complete"] for row in heard] == ["1"] * count
    assert (heard[0]["info"], heard[0]["part"]) == ("hotlines", first)


async def test_a_part_that_a_key_ends_is_not_told_as_heard(clean_line: Line) -> None:
    part = clean_line.sound("aid-who")
    since = len(clean_line.cel_payloads(UserEvent.INFO))
    write_tone(part, LONG_MS)
    try:
        await follow(clean_line, *pressed("2"), Pause(1_000), Dtmf("0"))
    finally:
        write_tone(part, SHORT_MS)
    assert clean_line.cel_payloads(UserEvent.INFO)[since:] == [{"info": "aid-info", "part": "who", "complete": "0"}]


async def test_who_hangs_up_after_a_part_has_left_word_that_it_was_heard(clean_line: Line, promises: Promises) -> None:
    heard = promises.make("the part was told as heard while the question still played")
    question = clean_line.sound("aid-next")
    since = len(clean_line.cel_payloads(UserEvent.INFO))
    write_tone(question, LONG_MS)
    caller = await clean_line.call(Invite(), WaitAnswer(), *pressed("2"), Pause(4_000), Hangup())

    async def parts() -> list[dict[str, str]]:
        return clean_line.cel_payloads(UserEvent.INFO)[since:]

    assert await until("a part was heard", parts) == [{"info": "aid-info", "part": "who", "complete": "1"}]
    heard.redeem()
    await caller.succeeded()
    write_tone(question, SHORT_MS)


async def test_a_service_killed_while_a_centre_is_read_out_leaves_the_call_to_an_operator_of_the_centres(
    clean_line: Line, promises: Promises
) -> None:
    contacts = clean_line.sound("contacts-sumy", Language.EN)
    keyed = promises.make("the code was logged before the service died")
    write_tone(contacts, LONG_MS)
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    steps_since = len(clean_line.cel_payloads(UserEvent.MENU))
    caller = await clean_line.call(Invite(), WaitAnswer(), *pressed("9554"), ExpectBye())

    async def steps() -> list[str]:
        return [step["key"] for step in clean_line.cel_payloads(UserEvent.MENU)[steps_since:]]

    assert await until("all keys are logged", steps, lambda keys: len(keys) == 3) == ["9", "5", "54"]
    keyed.redeem()
    clean_line.kill_process(IVR)
    (row,) = await entered_queues(clean_line, since)
    await clean_line.hang_up_all()
    await caller.succeeded()
    write_tone(contacts, SHORT_MS)
    journey = await clean_line.ended_call(row.uniqueid)
    (decision,) = journey.decisions
    assert (decision.rung, journey.service, journey.language, journey.keys) == ("script", "centres", "en", "9,5,54")
    assert "menu-left" in {reason.code for reason in decision.reasons}


@pytest.mark.parametrize("keys", ["A" * 8, "8" * 60, "5" + "99" * 10, "#" * 60, "9" * 40])
async def test_a_flood_of_keys_ends_at_an_operator(clean_line: Line, keys: str) -> None:
    decisions = await decisions_after(clean_line, keys)
    assert [(decision.rung, decision.queue) for decision in decisions] == [("service", "chernivtsi")]


async def test_a_flood_of_the_key_back_to_the_menu_ends_in_the_same_queue_each_time(clean_line: Line) -> None:
    first, *later = await decisions_after(clean_line, "3" + "*" * 40)
    assert (first.rung, first.queue, first.service) == ("service", "chernivtsi", "hotlines")
    assert later, "the star led from the queue to the menu"
    for decision in later:
        assert (decision.rung, decision.queue, decision.service) == ("service", "chernivtsi", "hotlines")
        assert decision.reasons[0].code == "back-to-queue"


async def decisions_after(clean_line: Line, keys: str) -> list[Decision]:
    """Gives the decisions on a caller who presses `keys` as fast as can be, in a queue too, and hangs up."""
    clean_line.set_clock(TUESDAY_11)
    since = len(clean_line.queue_log_rows("ENTERQUEUE"))
    # The pause is for a busy machine: who hangs up before the menus have come to their end enters no queue.
    caller = await clean_line.call(Invite(), WaitAnswer(), *pressed(keys, FAST_MS), Pause(8_000), Hangup())
    (row, *_) = await entered_queues(clean_line, since, deadline_s=WALK_S)
    await caller.succeeded()
    return (await clean_line.ended_call(row.uniqueid)).decisions
