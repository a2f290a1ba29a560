"""A decision's reasons, told in parts: joined whatever the order, and never told cut."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.projection.events import LONGEST_TEXT_CHARS, Event
from api.projection.fold import fold_call
from api.projection.rows import DecisionRow
from asterisk_conf.names import UserEvent
from asterisk_conf.payload import REASONS_LIMIT_CHARS, REASONS_PART_CHARS, encode_payload, encode_reasons
from routing.reasons import Reason
from tests.contract.api.scenarios import calls
from tests.contract.api.scenarios.tables import Line, cel

CHANNEL = "PJSIP/trunk-selftest-00000007"
CALL = "node1-1.7"
FIRST_DECISION, LAST_DECISION = "10:00:03.1", "10:00:03.8"
"""Times of the two decisions of the scenario, to a tenth of a second."""
texts = st.text(alphabet="абвіїєґ «»'.-_+:;,%\\\"\n", max_size=40)
trails = st.lists(
    st.builds(
        lambda code, why: Reason(code=code, details=(("why", why),)),
        st.sampled_from(["override", "hours", "queue-left"]),
        texts,
    ),
    max_size=12,
)


def parts_of(trail: list[Reason], after: str = LAST_DECISION) -> list[Line]:
    """Gives the events that the dialplan writes after a decision."""
    value = encode_reasons(trail)
    rows = [
        f"{after}{number:02} | {UserEvent.REASONS} | {CHANNEL} | {CALL} | s@handover | "
        + encode_payload({"part": number, "chars": len(value), "text": value[start : start + REASONS_PART_CHARS]})
        for number, start in enumerate(range(0, len(value), REASONS_PART_CHARS), start=1)
    ]
    return cel("\n".join(rows)) if rows else []


def told(events: list[Event]) -> list[DecisionRow]:
    record = fold_call(CALL, events, [])
    assert record is not None
    return list(record.decisions)


def events_of(lines: list[Line]) -> list[Event]:
    return [line.event() for line in lines]


def rows_of(trail: list[Reason]) -> list[tuple[str, dict[str, str]]]:
    return [(reason.code, dict(reason.details)) for reason in trail]


def kept(trail: list[Reason]) -> list[Reason]:
    """Gives what of a trail fits into the variable."""
    while len(encode_reasons(trail)) > REASONS_LIMIT_CHARS:
        trail = trail[:-1]
    return trail


@given(first=trails, second=trails, data=st.data())
def test_each_decision_gets_its_own_reasons_in_whatever_order_events_come(
    first: list[Reason], second: list[Reason], data: st.DataObject
) -> None:
    moved = [
        replace(line, text=line.text.replace("reasons=round-the-clock:of:operator", "reasons="))
        for line in calls.OVERFLOW
    ]
    lines = moved + parts_of(first, after=FIRST_DECISION) + parts_of(second, after=LAST_DECISION)
    shuffled = data.draw(st.permutations(events_of(lines)))
    assert [row.reasons for row in told(shuffled)] == [rows_of(kept(first)), rows_of(kept(second))]


LONG = [Reason(code="override", details=(("why", "немає світла у Сумах. " * 5),)) for _ in range(4)]


def test_a_long_trail_in_ukrainian_comes_in_several_parts_and_whole() -> None:
    lines = parts_of(LONG)
    assert len(lines) > 3
    assert told(events_of(calls.OVERFLOW + lines))[-1].reasons == rows_of(LONG)


@pytest.mark.parametrize("missing", [0, 1, 2, -1])
def test_of_a_trail_with_a_missing_part_only_whole_reasons_are_told(missing: int) -> None:
    lines = parts_of(LONG)
    del lines[missing]
    reasons = told(events_of(calls.OVERFLOW + lines))[-1].reasons
    assert reasons == rows_of(LONG)[: len(reasons)]
    assert len(reasons) < len(LONG)


def test_a_part_that_is_repeated_changes_nothing() -> None:
    lines = parts_of(LONG)
    assert told(events_of(calls.OVERFLOW + lines + lines))[-1].reasons == rows_of(LONG)


def test_reasons_inside_the_decision_are_read_as_before() -> None:
    assert told(events_of(calls.OVERFLOW))[0].reasons == [("round-the-clock", {"of": "operator"})]


@pytest.mark.parametrize("payload", ["", "part=1", "text=a", "part=x;chars=1;text=a", "part=1;chars=1;text=%"])
def test_a_part_that_does_not_fit_leaves_the_reasons_out(payload: str) -> None:
    strange = cel(f"10:00:04.900 | {UserEvent.REASONS} | {CHANNEL} | {CALL} | s@handover | {payload}")
    assert told(events_of(calls.OVERFLOW + strange))[-1].reasons == []


def test_reasons_without_a_decision_are_passed_over() -> None:
    lines = [line for line in calls.OVERFLOW if "HOTLINE_DECISION" not in line.text]
    assert told(events_of(lines + parts_of(LONG))) == []


def test_a_part_fits_into_what_is_kept_of_a_value() -> None:
    assert REASONS_PART_CHARS <= LONGEST_TEXT_CHARS


def test_a_part_fits_into_a_line_of_cel() -> None:
    names = {"uniqueid": "n" * 31 + "-1795528260.100000", "linkedid": "n" * 31 + "-1795528260.100000"}
    fields = json.loads(parts_of(LONG)[0].text) | names | {"channame": "PJSIP/trunk-" + "t" * 20 + "-0000000a"}
    assert len(json.dumps(fields, separators=(",", ":"))) <= 1_023
