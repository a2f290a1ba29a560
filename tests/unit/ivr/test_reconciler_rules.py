"""What is repaired when Asterisk does not show what the node knows: tables of pictures and repairs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from asterisk_conf.state_files import StateError
from ivr.queues.places import Member, Places
from ivr.reconciler.notices import MISSED_RINGS_REASON, Notice, NoticeKind, Notices, still_holds
from ivr.reconciler.record import Record, Standing, read_record, record_of, write_record
from ivr.reconciler.repairs import RepairKind, freeing, may_be_paused, restorations
from ivr.reconciler.suspects import LOOKS, Findings, MissedRings, StuckMembers
from routing.plan import OperatorId, QueueName
from tests.plans import CHERNIVTSI, SUMY, small_plan

LAWYER = OperatorId("sumy01")
FIRST = OperatorId("chernivtsi01")
SECOND = OperatorId("chernivtsi02")
DUTY = OperatorId("+380000000042@trunk-duty")
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def member(operator: OperatorId, queue: QueueName = CHERNIVTSI, paused: str | None = None) -> Member:
    return Member(
        queue=queue,
        operator=operator,
        penalty=3,
        is_paused=paused is not None,
        is_reachable=True,
        pause_reason=paused or "",
    )


def places(*members: Member) -> Places:
    return Places(queues=frozenset({SUMY, CHERNIVTSI}), waiting=(), members=members)


def known(*members: Member) -> Record:
    return record_of(places(*members), "boot 1")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([member(FIRST)], [member(FIRST)], []),
        ([member(FIRST, paused="2")], [member(FIRST, paused="2")], []),
        ([member(FIRST, paused="2")], [member(FIRST)], [(RepairKind.PAUSE, FIRST)]),
        ([member(FIRST)], [member(FIRST, paused="2")], [(RepairKind.UNPAUSE, FIRST)]),
        ([member(FIRST)], [], [(RepairKind.LOG_IN, FIRST)]),
        ([], [member(FIRST)], []),
        ([member(OperatorId("left-the-plan"))], [], []),
        ([member(FIRST, paused="2"), member(SECOND)], [], [(RepairKind.LOG_IN, FIRST), (RepairKind.LOG_IN, SECOND)]),
        ([member(DUTY)], [], []),
    ],
)
def test_what_a_crash_lost_comes_back(
    before: list[Member], after: list[Member], expected: list[tuple[RepairKind, OperatorId]]
) -> None:
    found = restorations(known(*before), places(*after), small_plan())
    assert [(each.kind, each.operator) for each in found] == expected


def test_a_pause_comes_back_with_its_reason() -> None:
    (repair,) = restorations(known(member(FIRST, paused="2")), places(member(FIRST)), small_plan())
    (action,) = repair.actions
    assert (action.name, action.fields) == (
        "QueuePause",
        {"Interface": "PJSIP/chernivtsi01", "Paused": "true", "Reason": "2"},
    )


def test_a_login_comes_back_with_the_plans_penalties_and_the_pause() -> None:
    lost = known(member(LAWYER, SUMY, "5"), member(LAWYER, CHERNIVTSI, "5"))
    (repair,) = restorations(lost, places(), small_plan())
    assert [(each.name, each.fields.get("Queue"), each.fields.get("Penalty")) for each in repair.actions] == [
        ("QueueAdd", "sumy", "0"),
        ("QueueAdd", "chernivtsi", "1"),
        ("QueuePause", None, None),
    ]
    assert {each.fields["Paused"] for each in repair.actions} == {"true"}


def test_nobody_is_logged_in_to_a_queue_that_is_gone() -> None:
    without_sumy = replace(places(), queues=frozenset({CHERNIVTSI}))
    assert restorations(known(member(LAWYER, SUMY)), without_sumy, small_plan()) == ()


def test_who_hangs_leaves_and_comes_back_with_penalty_and_pause() -> None:
    repair = freeing(FIRST, places(member(FIRST, paused="2"), member(SECOND)))
    assert [each.name for each in repair.actions] == ["QueueRemove", "QueueAdd", "QueuePause"]
    assert repair.actions[1].fields == {
        "Queue": "chernivtsi",
        "Interface": "PJSIP/chernivtsi01",
        "Penalty": "3",
        "Paused": "true",
    }
    assert repair.actions[2].fields["Queue"] == "chernivtsi"


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], False),
        ([member(SECOND, paused="1")], False),
        ([replace(member(SECOND), is_reachable=False)], False),
        ([member(SECOND, SUMY)], False),
        ([member(SECOND)], True),
    ],
)
def test_the_last_one_who_can_answer_round_the_clock_is_not_paused(others: list[Member], expected: bool) -> None:
    shown = places(member(FIRST), *others)
    assert may_be_paused(FIRST, shown, record_of(shown, "boot 1"), small_plan()) is expected


def test_who_began_a_pause_after_the_last_list_counts_as_paused() -> None:
    shown = places(member(FIRST), member(SECOND))
    newer = record_of(shown, "boot 1").paused(SECOND, is_paused=True, reason="1")
    assert not may_be_paused(FIRST, shown, newer, small_plan())


def test_an_operator_of_another_queue_is_paused_even_alone() -> None:
    shown = places(member(LAWYER, SUMY))
    assert may_be_paused(LAWYER, shown, record_of(shown, "boot 1"), small_plan())


def test_busy_without_a_channel_is_freed_then_alarmed_and_then_over() -> None:
    stuck = StuckMembers()
    looks = [stuck.look({FIRST}, set()) for _ in range(2 * LOOKS + 1)]
    assert [each.to_free for each in looks] == [(FIRST,) if look == LOOKS - 1 else () for look in range(len(looks))]
    assert [each.to_alarm for each in looks] == [
        (FIRST,) if look == 2 * LOOKS - 1 else () for look in range(len(looks))
    ]
    assert stuck.alarmed == (FIRST,)
    assert stuck.look(set(), set()) == Findings(over=(FIRST,))


@pytest.mark.parametrize("between", [(set[OperatorId](), set[OperatorId]()), ({FIRST}, {FIRST})])
def test_one_look_at_which_all_is_right_begins_the_count_anew(
    between: tuple[set[OperatorId], set[OperatorId]],
) -> None:
    stuck = StuckMembers()
    looks = [({FIRST}, set[OperatorId]())] * (LOOKS - 1)
    assert all(stuck.look(*look).to_free == () for look in [*looks, between, *looks])


def test_missed_rings_in_a_row_count_and_an_answer_begins_anew() -> None:
    rings = MissedRings(limit=3)
    assert [rings.missed(FIRST), rings.missed(FIRST), rings.missed(SECOND)] == [False, False, False]
    rings.forget(FIRST)
    assert [rings.missed(FIRST) for _ in range(4)] == [False, False, True, True]


def test_the_record_follows_what_people_do() -> None:
    record = Record(boot_id="boot 1").joined(FIRST, SUMY, is_paused=False).joined(FIRST, CHERNIVTSI, is_paused=False)
    record = record.paused(FIRST, is_paused=True, reason="4")
    assert record.standings == {FIRST: Standing(queues=(CHERNIVTSI, SUMY), is_paused=True, reason="4")}
    assert record.paused(FIRST, is_paused=False, reason="4").standings[FIRST].reason == ""
    assert record.paused(SECOND, is_paused=True, reason="4") == record == record.left(SECOND, SUMY)
    assert record.left(FIRST, SUMY).left(FIRST, CHERNIVTSI).standings == {}


def test_a_pause_in_one_queue_alone_is_none() -> None:
    record = known(member(LAWYER, SUMY, "1"), member(LAWYER, CHERNIVTSI))
    assert record.standings[LAWYER] == Standing(queues=(CHERNIVTSI, SUMY), is_paused=False, reason="")


def test_the_record_survives_on_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "state" / "operators.json"
    assert read_record(file) == Record()
    for record in (Record(), known(member(FIRST, paused="7"), member(LAWYER, SUMY))):
        write_record(file, record)
        assert read_record(file) == record


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"boot_id": "b", "operators": [{}]}', "[" * 100_000])
def test_a_record_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "operators.json"
    file.write_text(text)
    with pytest.raises(StateError, match="operators"):
        read_record(file)


@pytest.mark.parametrize(
    ("kind", "standing", "expected"),
    [
        (NoticeKind.MISSED_RINGS, Standing(queues=(SUMY,), is_paused=True, reason=MISSED_RINGS_REASON), True),
        (NoticeKind.MISSED_RINGS, Standing(queues=(SUMY,), is_paused=True, reason="2"), False),
        (NoticeKind.MISSED_RINGS, Standing(queues=(SUMY,), is_paused=False, reason=""), False),
        (NoticeKind.RINGS_UNANSWERED, Standing(queues=(SUMY,), is_paused=False, reason=""), True),
        (NoticeKind.RINGS_UNANSWERED, Standing(queues=(SUMY,), is_paused=True, reason="2"), False),
        (NoticeKind.STUCK, Standing(queues=(SUMY,), is_paused=True, reason="2"), True),
        (NoticeKind.STUCK, None, False),
    ],
)
def test_a_notice_lasts_as_long_as_it_is_true(kind: NoticeKind, standing: Standing | None, expected: bool) -> None:
    assert still_holds(Notice(operator=FIRST, kind=kind, since_at=NOW), standing) is expected


def test_a_notice_is_raised_once_and_taken_back_once() -> None:
    notices = Notices(lambda: NOW)
    assert [notices.raise_for(FIRST, NoticeKind.STUCK) for _ in range(2)] == [True, False]
    assert [each.operator for each in notices.current()] == [FIRST]
    assert [notices.take_back(FIRST, NoticeKind.STUCK) for _ in range(2)] == [True, False]
