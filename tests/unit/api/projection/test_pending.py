import pytest

from api.projection.events import Event
from api.projection.fold import fold_call
from api.projection.rows import CallRecord
from api.projection.words import CallOutcome, VisitEnding
from asterisk_conf.names import Source
from tests.contract.api.scenarios.recorded_day import recorded

WAITED = "node1-1795531940.4"
ANSWERED = "node1-1795531937.1"


def folded(call_id: str, *missing: str, is_settled: bool = False) -> CallRecord:
    """Folds a recorded call without the lines of queue_log of some types."""
    events: list[Event] = [line.event() for line in recorded(Source.CEL, Source.QUEUE_LOG)]
    of_call = [
        event
        for event in events
        if (event.linkedid or event.uniqueid) == call_id
        and not (event.source is Source.QUEUE_LOG and event.type in missing)
    ]
    record = fold_call(call_id, of_call, [], is_settled=is_settled)
    assert record is not None
    return record


@pytest.mark.parametrize("missing", [("ENTERQUEUE", "ABANDON"), ("ABANDON",)])
def test_a_call_whose_queue_log_has_not_come_yet_is_pending(missing: tuple[str, ...]) -> None:
    record = folded(WAITED, *missing)
    assert record.call.outcome is CallOutcome.PENDING
    assert record.call.ended_at is not None
    assert [visit.ending for visit in record.visits if visit.ended_at is None] == [
        VisitEnding.WAITING for _ in record.visits
    ]


@pytest.mark.parametrize("missing", [("ENTERQUEUE", "ABANDON"), ("ABANDON",)])
def test_a_call_whose_queue_log_never_came_was_left_in_the_queue(missing: tuple[str, ...]) -> None:
    assert folded(WAITED, *missing, is_settled=True).call.outcome is CallOutcome.ABANDONED_IN_QUEUE


def test_a_conversation_whose_end_has_not_come_yet_was_answered_all_the_same() -> None:
    record = folded(ANSWERED, "COMPLETECALLER")
    assert (record.call.outcome, record.visits[0].ending) == (CallOutcome.ANSWERED, VisitEnding.TALKING)
    settled = folded(ANSWERED, "COMPLETECALLER", is_settled=True)
    assert (settled.visits[0].ending, settled.call.talk_s) == (VisitEnding.LOST, 3)


def test_with_all_of_queue_log_nothing_is_pending() -> None:
    assert folded(WAITED).call.outcome is CallOutcome.ABANDONED_IN_QUEUE
    assert folded(WAITED) == folded(WAITED, is_settled=True)
