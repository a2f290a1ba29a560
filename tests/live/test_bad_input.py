"""Callers who hang up in every state, flood keys and press what no menu has: one table walks them all at once.

A new state of the line is a new row: its steps, and what the call log must say. Rows with a lawyer go one after the
other, because one lawyer answers one call at a time; all others go side by side.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from api.calls.schemas import CallJourney
from asterisk_conf.names import OperatorCode
from hotline.line import IVR
from hotline.softphone import Softphone
from routing.languages import Language, Text
from routing.plan import MenuId, MenuOption, OperatorId, Plan, PromptId, ToMenu
from tests.live.arrivals import TUESDAY_11
from tests.live.bare_caller import OK, TERMINATED, bare_caller
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, quick, running_line
from tests.live.sounds import write_tone
from tests.live.waiting import until
from tests.live.walks import (
    Act,
    Evidence,
    Walk,
    both_hang_up,
    dials,
    evidence_of,
    flood_is_over,
    floods,
    hangs_up,
    hangs_up_without_ack,
    hears,
    hears_nothing,
    lawyer_answers,
    lawyer_hangs_up,
    phone_rings,
    presses,
    presses_before_the_ack,
    sends_info,
    takes_it_back,
    types_ahead,
    waits,
)
from tests.plans import MAIN_MENU, SUMY, small_plan

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LAWYER = OperatorId("sumy01")
AFTER_MENU = MenuId("more")
LONG_MS = 15_000
LONG_PROMPTS = {"greeting": Language.UK, "wrong-key": Language.UK, "more-menu": Language.UK, "main-menu": Language.EN}
"""Long enough to be hung up on; all others are short, so that silence comes soon."""
SILENCE_S = 3
FLOOD = 400
EARLY_CALLS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the call log must say."""

    outcome: str
    hung_up_by: tuple[str, ...] = ("caller",)
    """One of these."""
    keys: str | None = None
    answers: tuple[str, ...] = ()
    """Outcomes of the answers to menus."""
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One caller."""

    acts: tuple[Act, ...]
    told: Told
    needs_lawyer: bool = False


IN_MENU = Told(outcome="abandoned_in_menu")
WRONG = Told(
    outcome="abandoned_in_queue", keys="8,8,8", answers=("no_match", "no_match", "no_match"), queue="chernivtsi"
)
WAITING = Told(outcome="abandoned_in_queue", keys="0", answers=("match",), queue="chernivtsi")
DETENTION = replace(WAITING, keys="4")
ANSWERED = Told(outcome="answered", keys="1", answers=("match",), queue="sumy")
TO_LAWYER = (dials, presses("1"))

ROWS: Mapping[str, Row] = {
    # before the answer
    "takes the call back while it is answered": Row(acts=(takes_it_back,), told=IN_MENU),
    "hangs up and never acknowledged": Row(acts=(hangs_up_without_ack,), told=IN_MENU),
    "presses a key before the acknowledgement": Row(acts=(presses_before_the_ack, waits, hangs_up), told=DETENTION),
    # in each prompt, and in the silence after it
    "hangs up in the greeting": Row(acts=(dials, hears, hangs_up), told=IN_MENU),
    "hangs up in the silence after the menu": Row(
        acts=(dials, hears, presses("*"), hears_nothing, hangs_up), told=replace(IN_MENU, keys="*", answers=("match",))
    ),
    "hangs up in the English menu": Row(
        acts=(dials, hears, presses("9"), hangs_up), told=replace(IN_MENU, keys="9", answers=("match",))
    ),
    "hangs up while told of a wrong key": Row(
        acts=(dials, hears, presses("8"), hangs_up), told=replace(IN_MENU, keys="8", answers=("no_match",))
    ),
    "hangs up in the menu below": Row(
        acts=(dials, hears, presses("3"), hangs_up), told=replace(IN_MENU, keys="3", answers=("match",))
    ),
    "goes down, up again and hangs up": Row(
        acts=(dials, hears, presses("3#"), hangs_up), told=replace(IN_MENU, keys="3,#", answers=("match", "match"))
    ),
    "keys detention in the menu below": Row(
        acts=(dials, hears, presses("34"), waits, hangs_up),
        told=replace(WAITING, keys="3,4", answers=("match", "match")),
    ),
    # in the queue
    "hangs up in the queue": Row(acts=(dials, hears, presses("0"), waits, hangs_up), told=WAITING),
    "floods keys in the queue": Row(
        acts=(dials, hears, presses("0"), waits, floods("87" * FLOOD), sends_info("87" * 50), hangs_up), told=WAITING
    ),
    # silence and wrong keys
    "says nothing at all": Row(acts=(dials, waits, hangs_up), told=replace(WAITING, keys="t", answers=("no_input",))),
    "says nothing in the menu": Row(
        acts=(dials, hears, presses("*"), waits, hangs_up),
        told=replace(WAITING, keys="*,t", answers=("match", "no_input")),
    ),
    "presses wrong keys": Row(acts=(dials, hears, presses("888"), waits, hangs_up), told=WRONG),
    "types ahead while it is answered": Row(acts=(dials, types_ahead("888"), waits, hangs_up), told=WRONG),
    "presses A, B, C and D where a key is asked for": Row(
        acts=(dials, hears, presses("*"), hears_nothing, presses("A"), hangs_up),
        told=replace(IN_MENU, keys="*,A", answers=("match", "no_match")),
    ),
    "presses A to D in a prompt": Row(
        acts=(dials, hears, types_ahead("ABCD"), presses("4"), waits, hangs_up), told=DETENTION
    ),
    "floods keys (RFC 4733)": Row(acts=(dials, hears, floods("8" * FLOOD), waits, hangs_up), told=WRONG),
    "floods keys (SIP INFO)": Row(acts=(dials, hears, sends_info("8" * FLOOD), waits, hangs_up), told=WRONG),
    "floods A to D": Row(
        acts=(
            dials,
            hears,
            floods("ABCD" * 100),
            sends_info("ABCD" * 25),
            flood_is_over,
            presses("4"),
            waits,
            hangs_up,
        ),
        told=DETENTION,
    ),
    # with a lawyer
    "hangs up while the lawyer's phone rings": Row(
        acts=(*TO_LAWYER, phone_rings, hangs_up),
        told=replace(ANSWERED, outcome="abandoned_ringing"),
        needs_lawyer=True,
    ),
    "presses keys while the lawyer's phone rings": Row(
        acts=(*TO_LAWYER, phone_rings, floods("87A" * 20), lawyer_answers, hangs_up), told=ANSWERED, needs_lawyer=True
    ),
    "hangs up while talking": Row(acts=(*TO_LAWYER, lawyer_answers, hangs_up), told=ANSWERED, needs_lawyer=True),
    "floods keys while talking": Row(
        acts=(*TO_LAWYER, lawyer_answers, floods("1234567890*#" * 20), sends_info("*#" * 20), hangs_up),
        told=ANSWERED,
        needs_lawyer=True,
    ),
    "is hung up on by the lawyer": Row(
        acts=(*TO_LAWYER, lawyer_answers, lawyer_hangs_up),
        told=replace(ANSWERED, hung_up_by=("operator",)),
        needs_lawyer=True,
    ),
    "hangs up in the same moment as the lawyer": Row(
        acts=(*TO_LAWYER, lawyer_answers, both_hang_up),
        told=replace(ANSWERED, hung_up_by=("caller", "operator")),
        needs_lawyer=True,
    ),
}


def number_of(row: str) -> str:
    """Gives the caller's number of a row: a sample, because the area code 00 does not exist."""
    return f"+38000{list(ROWS).index(row):07d}"


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The small plan with a menu below the first, and a lawyer who answers in Sumy alone."""
    small = quick(small_plan())
    main = small.menus[MAIN_MENU]
    more = replace(main, id=AFTER_MENU, prompt=PromptId("more-menu"), timeout_s=SILENCE_S)
    title = Text(uk="Далі", en="More")
    option = MenuOption(key="3", title=title, target=ToMenu(menu=AFTER_MENU))
    menus = {MAIN_MENU: replace(main, options=(*main.options, option), timeout_s=SILENCE_S), AFTER_MENU: more}
    lawyer = small.operators[LAWYER]
    places = tuple(place for place in lawyer.memberships if place.queue == SUMY)
    prompt = replace(small.prompts[PromptId("main-menu")], id=PromptId("more-menu"))
    return replace(
        small,
        menus=menus,
        operators=small.operators | {LAWYER: replace(lawyer, memberships=places)},
        prompts=small.prompts | {prompt.id: prompt},
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    """A line whose prompts are long where somebody hangs up in them."""
    async with running_line(plan) as running:
        assert running.error_lines() == ()
        for prompt, language in LONG_PROMPTS.items():
            write_tone(running.sound(prompt, language), LONG_MS)
        running.set_clock(TUESDAY_11)
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        yield running


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What became of all rows."""

    call_ids: dict[str, str]
    problems: dict[str, BaseException]
    """Rows that could not be walked to their end."""
    lost: tuple[str, ...]
    """Channels that were left, and errors in Asterisk's log."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def walked(line: Line) -> Walked:
    """Walks every row, once."""
    evidence = evidence_of(line)
    alone = [walk(line, evidence, name) for name, row in ROWS.items() if not row.needs_lawyer]
    with_lawyer = [name for name, row in ROWS.items() if row.needs_lawyer]
    async with line.operator_phone(LAWYER) as phone:
        await line.dial_code(phone, OperatorCode.LOGIN)
        lawyers = one_by_one([walk(line, evidence, name, phone) for name in with_lawyer])
        side_by_side, in_turn = await asyncio.gather(asyncio.gather(*alone, return_exceptions=True), lawyers)
        await line.dial_code(phone, OperatorCode.LOGOUT)
    names = [name for name, row in ROWS.items() if not row.needs_lawyer] + with_lawyer
    results = dict(zip(names, [*side_by_side, *in_turn], strict=True))
    return Walked(
        call_ids={name: each for name, each in results.items() if isinstance(each, str)},
        problems={name: each for name, each in results.items() if isinstance(each, BaseException)},
        lost=(*await left_channels(line), *line.error_lines()),
    )


async def walk(line: Line, evidence: Evidence, name: str, phone: Softphone | None = None) -> str:
    """Walks one row; gives the id of its call."""
    async with bare_caller(number_of(name), line.site.sip_port) as caller:
        one = Walk(caller=caller, line=line, evidence=evidence, phone=phone, mark=phone.mark() if phone else 0)
        for act in ROWS[name].acts:
            await act(one)
        return one.call_id


async def one_by_one(walks: list[Awaitable[str]]) -> list[str | BaseException]:
    """Walks rows one after the other; one that fails does not keep the next from its turn."""
    return [(await asyncio.gather(each, return_exceptions=True))[0] for each in walks]


async def left_channels(line: Line) -> tuple[str, ...]:
    """Gives the channels that are still there when all have had time to go."""
    try:
        return await until("no channel is left", line.channels, lambda names: not names, deadline_s=10)
    except AssertionError:
        return await line.channels()


@pytest.mark.parametrize("name", ROWS)
async def test_the_log_tells_what_the_caller_did(line: Line, walked: Walked, name: str) -> None:
    if name in walked.problems:
        raise walked.problems[name]
    journey = await line.ended_call(walked.call_ids[name])
    told = ROWS[name].told
    assert (journey.outcome, journey.keys, answers_of(journey), journey.queue) == (
        told.outcome,
        told.keys,
        told.answers,
        told.queue,
    )
    assert journey.hung_up_by in told.hung_up_by


def answers_of(journey: CallJourney) -> tuple[str | None, ...]:
    return tuple(step.outcome for step in journey.menu_steps)


async def test_nothing_is_left_and_asterisk_logged_no_error(walked: Walked) -> None:
    assert walked.lost == ()


async def test_every_call_of_the_table_is_in_the_log_once(line: Line, walked: Walked) -> None:
    expected = line.calls_that_came()
    assert len(expected) == len(ROWS) == len(set(walked.call_ids.values()))
    logged = await until("all calls are logged", line.calls, lambda calls: len(calls) >= len(expected))
    assert sorted(call.call_id for call in logged) == expected


async def test_calls_taken_back_in_their_first_moment_stand_in_the_log_as_far_as_they_came(
    clean_line: Line, walked: Walked
) -> None:
    assert walked.lost == ()
    known = clean_line.calls_that_came()
    for order in range(EARLY_CALLS):
        async with bare_caller(f"+38000{9_000_000 + order}", clean_line.site.sip_port) as caller:
            caller.invite()
            assert await caller.take_back() in {OK, TERMINATED}
    await until("no channel is left", clean_line.channels, lambda names: not names)
    logged = await until("all calls are logged", clean_line.calls, lambda calls: len(calls) >= count_of(clean_line))
    early = [await clean_line.ended_call(call.call_id) for call in logged if call.call_id not in known]
    assert {(each.outcome, each.hung_up_by) for each in early} <= {("abandoned_in_menu", "caller")}
    assert sorted(call.call_id for call in logged) == clean_line.calls_that_came()


def count_of(line: Line) -> int:
    return len(line.calls_that_came())


async def test_an_operator_who_hangs_up_in_the_dialogue_of_the_switch_leaves_nothing(
    clean_line: Line, walked: Walked
) -> None:
    assert walked.lost == ()
    pin = clean_line.prepared.secrets.override_pin.get_secret_value()
    for keys in ("", "1", pin, f"{pin}1", "ABCD#*" * 20):
        await hang_up_in_the_dialogue(clean_line, keys)
    assert await clean_line.channels() == ()


async def hang_up_in_the_dialogue(line: Line, keys: str) -> None:
    """Has the lawyer dial `*80`, key, and hang up at once."""
    known = await ended_calls(line)
    async with line.operator_phone(LAWYER) as phone:
        await phone.dial(f"sip:{OperatorCode.OVERRIDE}@127.0.0.1:{line.site.sip_port}")
        await until("the service speaks", line.channel_rows, lambda rows: any("AGI" in row for row in rows))
        if keys:
            await phone.send_keys(keys)
        await phone.hang_up()
        await until("it is over", lambda: ended_calls(line), lambda count: count > known)


async def ended_calls(line: Line) -> int:
    return len(line.cel_rows("LINKEDID_END"))
