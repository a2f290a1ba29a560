"""How calls end: one row a scenario of `scenarios.ends`."""

import random

import pytest

from api.projection.fold import fold_call
from api.projection.rows import CallRecord
from api.projection.words import CallOutcome, HungUpBy, LegRole, VisitEnding
from tests.contract.api.scenarios import ends
from tests.contract.api.scenarios.tables import Line, moment

RESTARTED_AT = "13:10:00"


def folded(lines: list[Line]) -> CallRecord:
    record = fold_call(ends.CALL_ID, [line.event() for line in lines], [moment(RESTARTED_AT)])
    assert record is not None
    return record


ENDINGS: dict[str, tuple[list[Line], CallOutcome, HungUpBy, int]] = {
    "moved at closing time": (ends.MOVED_AT_CLOSING, CallOutcome.ANSWERED, HungUpBy.CALLER, 1),
    "second queue": (ends.SECOND_QUEUE_ABANDONED, CallOutcome.ABANDONED_IN_QUEUE, HungUpBy.CALLER, 1),
    "between queues": (ends.BETWEEN_QUEUES, CallOutcome.OVERFLOWED, HungUpBy.CALLER, 1),
    "left by a key": (ends.LEFT_BY_KEY, CallOutcome.ABANDONED_BEFORE_QUEUE, HungUpBy.CALLER, 0),
    "centre accepted": (ends.CENTRE_ACCEPTED, CallOutcome.TRANSFERRED, HungUpBy.CENTRE, 0),
    "busy, then neighbour": (ends.CENTRE_BUSY_THEN_NEIGHBOUR, CallOutcome.TRANSFERRED, HungUpBy.CENTRE, 0),
    "machine, then operator": (ends.CENTRE_REFUSED_THEN_OPERATOR, CallOutcome.ANSWERED, HungUpBy.CALLER, 0),
    "while a centre rings": (ends.GONE_WHILE_CENTRE_RINGS, CallOutcome.ABANDONED_RINGING, HungUpBy.CALLER, 0),
    "in the accept dialogue": (ends.GONE_IN_ACCEPT_DIALOGUE, CallOutcome.ABANDONED_RINGING, HungUpBy.CALLER, 0),
    "Asterisk killed": (ends.KILLED_IN_CENTRE_TALK, CallOutcome.LOST_NODE, HungUpBy.UNKNOWN, 0),
    "informed": (ends.INFORMED, CallOutcome.INFORMED, HungUpBy.CALLER, 0),
    "informed to the end": (ends.INFORMED_TO_THE_END, CallOutcome.INFORMED, HungUpBy.SYSTEM, 0),
    "in information": (ends.GONE_IN_INFORMATION, CallOutcome.ABANDONED_IN_MENU, HungUpBy.CALLER, 0),
    "informed, then asked": (ends.INFORMED_THEN_ASKED, CallOutcome.ABANDONED_BEFORE_QUEUE, HungUpBy.CALLER, 0),
    "before any key": (ends.GONE_BEFORE_ANY_KEY, CallOutcome.ABANDONED_IN_MENU, HungUpBy.CALLER, 0),
    "detention": (ends.DETENTION_RECORDED, CallOutcome.ANSWERED, HungUpBy.CALLER, 0),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_each_ending_has_its_word_its_side_and_its_overflows(name: str) -> None:
    lines, *expected = ENDINGS[name]
    call = folded(lines).call
    assert [call.outcome, call.hung_up_by, call.overflows] == expected


@pytest.mark.parametrize("name", ENDINGS)
def test_the_order_of_evidence_changes_no_ending(name: str) -> None:
    lines = ENDINGS[name][0]
    expected = folded(lines)
    for seed in range(5):
        assert folded(random.Random(seed).sample(lines, len(lines))) == expected


def test_a_centre_talks_from_its_acceptance_not_from_its_answer() -> None:
    record = folded(ends.CENTRE_ACCEPTED)
    assert (record.call.answered_at, record.call.talk_s) == (moment("13:00:40.000"), 260)
    assert (record.call.centre, record.call.centre_asked, record.call.duration_s) == ("sumy", "sumy", 299)
    assert [leg.role for leg in record.legs] == [LegRole.CALLER, LegRole.CENTRE]


def test_the_neighbour_that_accepted_is_the_centre_and_the_busy_one_was_asked() -> None:
    record = folded(ends.CENTRE_BUSY_THEN_NEIGHBOUR)
    assert (record.call.centre, record.call.centre_asked, record.call.talk_s) == ("poltava", "sumy", 120)
    assert [(step.subject, step.state, step.detail) for step in record.steps] == [
        ("sumy", "dial", None),
        ("sumy", "failed", "BUSY"),
        ("poltava", "dial", None),
        ("poltava", "answered", None),
        ("poltava", "accepted", None),
    ]


def test_a_machine_that_answered_is_no_conversation() -> None:
    call = folded(ends.CENTRE_REFUSED_THEN_OPERATOR).call
    assert (call.centre, call.centre_asked, call.operator, call.talk_s) == (None, "sumy", "c01", 230)
    assert call.answered_at == moment("13:01:10")


def test_a_call_killed_in_a_conversation_with_a_centre_ends_at_its_last_evidence() -> None:
    call = folded(ends.KILLED_IN_CENTRE_TALK).call
    assert (call.ended_at, call.answered_at, call.talk_s) == (moment("13:00:40.000"), moment("13:00:40.000"), 0)


def test_a_move_at_closing_time_shows_both_queues_and_why() -> None:
    record = folded(ends.MOVED_AT_CLOSING)
    assert [(visit.queue, visit.ending) for visit in record.visits] == [
        ("sumy", VisitEnding.WITHDRAWN),
        ("chernivtsi", VisitEnding.COMPLETED_BY_CALLER),
    ]
    assert [(step.kind, step.subject, step.state) for step in record.steps] == [("moved", "sumy", "closing")]
    assert (record.call.queue, record.call.wait_s) == ("chernivtsi", 64)


def test_a_registration_number_and_a_recording_are_steps() -> None:
    steps = [(step.kind, step.subject, step.state) for step in folded(ends.DETENTION_RECORDED).steps]
    assert steps == [
        ("detention", "01-261124-0001-3", "given"),
        ("recording", "node1-3.1.wav", "started"),
        ("recording", "node1-3.1.wav", "stopped"),
    ]


def test_a_queue_without_an_operator_is_a_step() -> None:
    steps = [(step.kind, step.subject, step.state) for step in folded(ends.TO_AN_EMPTY_QUEUE).steps]
    assert steps == [("unstaffed", "chernivtsi", "no_operator")]


def test_a_centre_leg_that_goes_on_has_no_talk_time_yet() -> None:
    record = fold_call(ends.CALL_ID, [line.event() for line in ends.KILLED_IN_CENTRE_TALK], [])
    assert record is not None
    assert (record.call.outcome, record.call.talk_s, record.call.duration_s) == (CallOutcome.IN_PROGRESS, None, None)
