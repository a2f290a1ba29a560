from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.projection.events import Event, whole_number
from api.projection.fold import endpoint_of, fold_call
from api.projection.rows import CallRecord
from api.projection.words import CallOutcome, HungUpBy, LegRole, VisitEnding
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import Line, cel, moment, queue_log

SCENARIOS = {
    "node1-1.1": calls.ANSWERED,
    "node1-1.3": calls.ABANDONED_IN_MENU,
    "node1-1.4": calls.ABANDONED_RINGING,
    "node1-1.6": calls.ABANDONED_IN_QUEUE,
    "node1-1.7": calls.OVERFLOW,
    "node1-1.9": calls.BY_SCRIPT,
    "node1-1.10": calls.STATIC,
    "node1-1.21": calls.TO_NUMBER,
}


def events(lines: list[Line]) -> list[Event]:
    return [line.event() for line in lines]


def folded(call_id: str, lines: list[Line]) -> CallRecord:
    record = fold_call(call_id, events(lines), [])
    assert record is not None
    return record


@pytest.mark.parametrize("call_id", SCENARIOS)
@given(data=st.data())
def test_the_order_of_evidence_changes_nothing(call_id: str, data: st.DataObject) -> None:
    ordered = events(SCENARIOS[call_id])
    shuffled = data.draw(st.permutations(ordered))
    assert fold_call(call_id, shuffled, []) == fold_call(call_id, ordered, [])


@given(st.sampled_from(sorted(SCENARIOS)), st.data())
def test_any_part_of_the_evidence_folds_to_a_call_or_none(call_id: str, data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(events(SCENARIOS[call_id]))))
    record = fold_call(call_id, some, [])
    cel_types = {event.type for event in some if event.source == "cel"}
    assert (record is not None) == bool(cel_types & {"CHAN_START", "HOTLINE_ENTRY"} and _has_caller(some))


def _has_caller(some: list[Event]) -> bool:
    """A leg that we call by a trunk begins in its context too, but has its call's linkedid."""
    return any(
        event.type == "HOTLINE_ENTRY"
        or (
            event.type == "CHAN_START"
            and event.text("context") == "from-trunk"
            and event.linkedid in (None, event.uniqueid)
        )
        for event in some
    )


def test_a_call_whose_entry_is_lost_is_a_call_all_the_same() -> None:
    lines = [line for line in calls.ANSWERED if "HOTLINE_ENTRY" not in line.text]
    call = folded("node1-1.1", lines).call
    assert (call.outcome, call.did, call.operator) == (CallOutcome.ANSWERED, None, "s01")


def test_an_operators_code_is_no_call() -> None:
    assert fold_call("node1-1.0", events(calls.OPERATOR_LOGS_IN), []) is None


def test_queue_log_of_another_channel_is_not_the_callers() -> None:
    strange = queue_log("09:00:06|node1-1.2|chernivtsi|NONE|ENTERQUEUE|||1")
    assert folded("node1-1.1", calls.ANSWERED + strange) == folded("node1-1.1", calls.ANSWERED)


def test_a_ring_that_was_missed_is_counted_and_its_leg_is_an_operators() -> None:
    visit = folded("node1-1.6", calls.ABANDONED_IN_QUEUE).visits[0]
    assert (visit.missed_rings, visit.position) == (1, 2)


def test_ringing_is_told_though_its_line_comes_after_the_abandon() -> None:
    *rest, cancelled, abandon = calls.ABANDONED_RINGING
    swapped = [replace(abandon, offset=cancelled.offset), replace(cancelled, offset=abandon.offset)]
    assert folded("node1-1.4", rest + swapped).call.outcome is CallOutcome.ABANDONED_RINGING


def test_legs_tell_whose_they_are() -> None:
    legs = folded("node1-1.7", calls.OVERFLOW).legs
    assert [(leg.role, leg.operator) for leg in legs] == [(LegRole.CALLER, None), (LegRole.OPERATOR, "c01")]


@pytest.mark.parametrize(
    ("source", "expected", "outcome"),
    [
        ("PJSIP/trunk-selftest-00000003", HungUpBy.CALLER, CallOutcome.ABANDONED_IN_MENU),
        ("dialplan/builtin", HungUpBy.SYSTEM, CallOutcome.FAILED),
        ("", HungUpBy.UNKNOWN, CallOutcome.ABANDONED_IN_MENU),
        ("PJSIP/other-00000009", HungUpBy.UNKNOWN, CallOutcome.ABANDONED_IN_MENU),
    ],
)
def test_the_hangup_source_tells_the_side(source: str, expected: HungUpBy, outcome: CallOutcome) -> None:
    told = 'hangupsource\\":\\"'
    lines = [
        replace(line, text=line.text.replace(f"{told}PJSIP/trunk-selftest-00000003", f"{told}{source}"))
        for line in calls.ABANDONED_IN_MENU
    ]
    call = folded("node1-1.3", lines).call
    assert (call.hung_up_by, call.outcome) == (expected, outcome)


@pytest.mark.parametrize(
    ("told", "source", "expected"),
    [
        (0, "PJSIP/trunk-selftest-00000003", 16),
        (0, "", None),
        (0, "dialplan/builtin", None),
        (16, "PJSIP/trunk-selftest-00000003", 16),
        (102, "PJSIP/trunk-selftest-00000003", 102),
    ],
)
def test_a_plain_goodbye_is_normal_clearing_and_a_cause_that_nobody_told_is_unknown(
    told: int, source: str, expected: int | None
) -> None:
    lines = [
        replace(
            line,
            text=line.text.replace('hangupcause\\":16', f'hangupcause\\":{told}').replace(
                'hangupsource\\":\\"PJSIP/trunk-selftest-00000003', f'hangupsource\\":\\"{source}'
            ),
        )
        for line in calls.ABANDONED_IN_MENU
    ]
    record = folded("node1-1.3", lines)
    assert (record.call.hangup_cause, record.legs[0].hangup_cause) == (expected, expected)


def test_who_hangs_up_in_the_announcement_was_decided_but_not_queued() -> None:
    lines = [line for line in calls.ABANDONED_IN_QUEUE if line.source == "cel"]
    assert folded("node1-1.6", lines).call.outcome is CallOutcome.ABANDONED_BEFORE_QUEUE


def test_a_conversation_that_a_crash_ended_has_its_talk_time() -> None:
    cut = [
        line
        for line in calls.ANSWERED
        if not any(word in line.text for word in ("COMPLETE", "HANGUP", "CHAN_END", "LINKEDID_END"))
    ]
    late = cel("09:00:42.500 | BRIDGE_EXIT | PJSIP/trunk-selftest-00000001 | node1-1.1 | s@handover |")
    record = fold_call("node1-1.1", events(cut + late), [moment("09:05:00")])
    assert record is not None
    assert (record.call.outcome, record.call.ended_at) == (CallOutcome.LOST_NODE, moment("09:00:42.500"))
    assert (record.visits[0].ending, record.call.talk_s) == (VisitEnding.LOST, 30)


def test_a_restart_before_the_call_does_not_end_it() -> None:
    record = fold_call("node1-1.10", events(calls.STATIC), [moment("10:20:00")])
    assert record is not None
    assert record.call.outcome is CallOutcome.IN_PROGRESS


@pytest.mark.parametrize(
    ("channel", "endpoint"),
    [("PJSIP/c01-0000002a", "c01"), ("PJSIP/trunk-a-00000001", "trunk-a"), ("Local/x@y;1", None), (None, None)],
)
def test_an_endpoint_is_read_from_its_channel(channel: str | None, endpoint: str | None) -> None:
    assert endpoint_of(channel) == endpoint


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("-1", None),
        ("9e9", None),
        ("٣", None),
        (None, None),
    ],
)
def test_a_number_that_no_column_holds_is_unknown(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number


def test_the_duty_officers_number_that_answered_is_an_answered_call_without_an_operator() -> None:
    call = folded("node1-1.21", calls.TO_NUMBER).call
    assert (call.outcome, call.operator, call.talk_s, call.wait_s) == (CallOutcome.ANSWERED, None, 90, None)
    assert (call.answered_at, call.hung_up_by) == (moment("10:20:09.000"), HungUpBy.CALLER)


def test_a_number_that_did_not_answer_is_no_answer() -> None:
    lines = [line for line in calls.TO_NUMBER if '"ANSWER"' not in line.text]
    assert len(lines) == len(calls.TO_NUMBER) - 1
    call = folded("node1-1.21", lines).call
    assert (call.outcome, call.talk_s) == (CallOutcome.ABANDONED_BEFORE_QUEUE, None)


@pytest.mark.parametrize(("restarted_at", "outcome"), [
    ("10:20:05", CallOutcome.IN_PROGRESS), ("10:20:09", CallOutcome.LOST_NODE), ("10:20:10", CallOutcome.LOST_NODE),
])  # fmt: skip
def test_a_restart_in_the_second_of_the_last_evidence_ends_the_call(restarted_at: str, outcome: CallOutcome) -> None:
    cut = [line for line in calls.TO_NUMBER if line.event().occurred_at <= moment("10:20:09.010")]
    record = fold_call("node1-1.21", events(cut), [moment(restarted_at)])
    assert record is not None
    assert record.call.outcome == outcome
