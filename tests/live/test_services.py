"""Each service of the shipped plan as a caller keys it, on a real Asterisk: what is read out, and where it ends."""

import pytest

from hotline.line import SHIPPED_PLAN
from routing.plan import Plan
from routing.plan_files import read_plan
from tests.live.arrivals import TUESDAY_11, follow
from tests.live.line import Line, quick
from tests.live.sipp import Dtmf, Pause, Step

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

LONG_MS = 20_000
FAST_MS = 110
"""From one press, 100 ms long, to the next: nobody types faster."""
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
    ("keys", "answers", "service"), [("5540", "5,54,0", "centres"), ("5,5,4,4", "5,54,4", "detention")]
)
async def test_keys_typed_as_fast_as_fingers_can_are_all_used_in_their_order(
    clean_line: Line, keys: str, answers: str, service: str
) -> None:
    clean_line.set_clock(TUESDAY_11)
    for _ in range(10):
        arrival = await follow(clean_line, *pressed(keys.replace(",", ""), FAST_MS))
        assert (arrival.journey.keys, arrival.journey.service) == (answers, service)


async def test_a_lone_4_while_a_code_is_asked_for_is_a_detention(clean_line: Line) -> None:
    clean_line.set_clock(TUESDAY_11)
    arrival = await follow(clean_line, *pressed("54"))
    assert (arrival.journey.service, arrival.journey.keys) == ("detention", "5,4")
