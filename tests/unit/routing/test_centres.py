"""Which telephone is called next, and that every caller who asks for a centre comes to somebody."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.centres import CENTRE_PROMPTS, CentrePlace
from routing.decisions import CentreDestination, Decision, Facts, QueueDestination, decide
from routing.plan import Centre, CentreId, Plan
from tests.centres import (
    EAST,
    NORTH,
    NORTH_DEPUTY,
    NORTH_PHONE,
    SATURDAY_11,
    SOUTH,
    SOUTH_PHONE,
    TUESDAY_11,
    plan_with_centres,
)
from tests.plans import DETENTION, GUIDANCE

PLAN = plan_with_centres()


def asked(plan: Plan = PLAN, moment: datetime = TUESDAY_11, **facts: object) -> Decision:
    known = Facts(service=GUIDANCE, centre=NORTH)
    return decide(plan, replace(known, **facts), moment)  # type: ignore[arg-type]  # names are checked by replace


def called(plan: Plan = PLAN, moment: datetime = TUESDAY_11, dead: frozenset[str] = frozenset()) -> list[str]:
    """Gives the telephones that are called for a caller whom nobody accepts."""
    tried: tuple[CentrePlace, ...] = ()
    while True:
        destination = asked(plan, moment, centre_tried=tried, centre_status="BUSY", dead_numbers=dead).destination
        if not isinstance(destination, CentreDestination):
            return [f"{each.centre}.{each.place}" for each in tried]
        tried += (CentrePlace(centre=destination.centre, place=destination.place),)


def with_centre(centre: CentreId, **changes: object) -> Plan:
    changed: Centre = replace(PLAN.centres[centre], **changes)  # type: ignore[arg-type]  # names are checked by replace
    return replace(PLAN, centres={**PLAN.centres, centre: changed})


@pytest.mark.parametrize(
    ("plan", "moment", "dead", "places"),
    [
        (PLAN, TUESDAY_11, (), ["north.0", "north.1", "south.0"]),
        (PLAN, SATURDAY_11, (), ["north.1", "east.0"]),
        (PLAN, TUESDAY_11, (NORTH_PHONE,), ["north.1", "south.0", "east.0"]),
        (PLAN, TUESDAY_11, (NORTH_PHONE, NORTH_DEPUTY, SOUTH_PHONE), ["east.0"]),
        (with_centre(NORTH, is_sample=True), TUESDAY_11, (), ["south.0", "east.0"]),
        (with_centre(NORTH, valid_until=date(2026, 11, 24)), TUESDAY_11, (), ["south.0", "east.0"]),
        (with_centre(NORTH, valid_until=date(2026, 11, 25)), TUESDAY_11, (), ["north.0", "north.1", "south.0"]),
        (with_centre(NORTH, valid_from=date(2026, 11, 25)), TUESDAY_11, (), ["south.0", "east.0"]),
        (with_centre(SOUTH, phones=(NORTH_PHONE,)), TUESDAY_11, (), ["north.0", "north.1", "east.0"]),
        (with_centre(NORTH, neighbour=None), TUESDAY_11, (), ["north.0", "north.1"]),
        (with_centre(EAST, neighbour=NORTH), SATURDAY_11, (), ["north.1", "east.0"]),
    ],
)
def test_own_telephones_come_first_then_deputies_then_neighbours(
    plan: Plan, moment: datetime, dead: tuple[str, ...], places: list[str]
) -> None:
    assert called(plan, moment, frozenset(dead)) == places


def test_whom_no_centre_serves_an_operator_takes_with_priority() -> None:
    tried = tuple(CentrePlace(centre=each, place=0) for each in (NORTH, SOUTH, EAST))
    decision = asked(centre_tried=tried, centre_status="NOANSWER")
    assert decision.destination == QueueDestination(queue=decision.queue)
    assert decision.priority == asked(centre=None).priority + 20
    assert decision.priority < asked(service=DETENTION).priority
    assert decision.announcements == (CENTRE_PROMPTS[3],)


def test_the_caller_is_told_why_another_telephone_is_called() -> None:
    first = asked()
    elsewhere = asked(dead_numbers=frozenset({NORTH_PHONE}))
    following = asked(centre_tried=(CentrePlace(centre=NORTH, place=0),))
    assert [each.announcements[0] for each in (first, elsewhere, following)] == list(CENTRE_PROMPTS[:3])


def test_a_report_of_a_detention_never_goes_to_a_centre() -> None:
    assert isinstance(asked(service=DETENTION).destination, QueueDestination)


def test_a_plan_without_the_prompts_connects_all_the_same() -> None:
    plan = replace(PLAN, prompts={key: each for key, each in PLAN.prompts.items() if key not in CENTRE_PROMPTS})
    assert (asked(plan).destination, asked(plan).announcements) == (asked().destination, ())


@given(
    tried=st.lists(st.tuples(st.sampled_from(["north", "south", "east", "nowhere"]), st.integers(0, 9)), max_size=5),
    dead=st.frozensets(st.sampled_from([NORTH_PHONE, NORTH_DEPUTY, SOUTH_PHONE])),
    centre=st.sampled_from(["north", "south", "east", "nowhere"]),
)
def test_whatever_a_call_brings_along_it_goes_to_a_telephone_of_the_directory_or_to_a_queue(
    tried: list[tuple[str, int]], dead: frozenset[str], centre: str
) -> None:
    places = tuple(CentrePlace(centre=CentreId(name), place=place) for name, place in tried)
    decision = asked(centre=CentreId(centre), centre_tried=places, dead_numbers=dead)
    match decision.destination:
        case CentreDestination(centre=chosen, place=place):
            known = PLAN.centres[chosen]
            number = (*known.phones, *known.deputy_phones)[place]
            assert number not in dead
            assert len(tried) < 3
        case destination:
            assert destination == QueueDestination(queue=decision.queue)
