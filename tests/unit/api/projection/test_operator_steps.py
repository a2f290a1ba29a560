from hypothesis import given
from hypothesis import strategies as st

from api.projection.events import Event
from api.projection.operator_steps import OperatorState, StateRow, fold_states
from tests.contract.api.scenarios.tables import moment, queue_log

DAY = queue_log("""
08:00:00|node1-1.0|sumy|PJSIP/s01|ADDMEMBER|
08:00:00|node1-1.0|chernivtsi|PJSIP/s01|ADDMEMBER|
09:00:00|node1-1.1|NONE|PJSIP/s01|PAUSEALL|3
09:00:00|node1-1.1|sumy|PJSIP/s01|PAUSE|3
09:15:00|node1-1.2|NONE|PJSIP/s01|UNPAUSEALL|
09:15:00|node1-1.2|sumy|PJSIP/s01|UNPAUSE|
10:00:00|NONE|NONE|NONE|QUEUESTART|
12:00:00|node1-1.3|chernivtsi|PJSIP/s01|REMOVEMEMBER|
16:00:00|node1-1.4|sumy|PJSIP/s01|REMOVEMEMBER|
""")
EVENTS = [line.event() for line in DAY]


def states(events: list[Event], before: StateRow | None = None) -> list[StateRow]:
    return fold_states("node1", "s01", before, events)


def test_a_day_of_an_operator_is_told_without_a_hole() -> None:
    rows = states(EVENTS)
    assert [(row.started_at, row.state, row.reason, row.queues) for row in rows] == [
        (moment("08:00:00"), OperatorState.AVAILABLE, None, ("chernivtsi", "sumy")),
        (moment("09:00:00"), OperatorState.PAUSED, "3", ("chernivtsi", "sumy")),
        (moment("09:15:00"), OperatorState.AVAILABLE, None, ("chernivtsi", "sumy")),
        (moment("12:00:00"), OperatorState.AVAILABLE, None, ("sumy",)),
        (moment("16:00:00"), OperatorState.LOGGED_OUT, None, ()),
    ]
    assert [row.ended_at for row in rows] == [*(row.started_at for row in rows[1:]), None]


@given(st.permutations(EVENTS))
def test_the_order_of_evidence_changes_nothing(shuffled: list[Event]) -> None:
    assert states(shuffled) == states(EVENTS)


@given(st.sampled_from(["08:30:00", "09:00:00", "09:15:00", "12:00:00", "17:00:00"]))
def test_folding_goes_on_from_any_stretch_that_was_kept(cut: str) -> None:
    whole = states(EVENTS)
    kept = [row for row in whole if row.started_at < moment(cut)]
    rest = [event for event in EVENTS if event.occurred_at >= moment(cut)]
    assert kept[:-1] + states(rest, kept[-1]) == whole


def test_who_leaves_without_having_come_leaves_no_trace() -> None:
    assert states([event for event in EVENTS if event.type == "REMOVEMEMBER"]) == []
