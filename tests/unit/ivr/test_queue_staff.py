"""Who should stand in which queue: after a login, after a publish, and when somebody waits too long."""

from dataclasses import replace

import pytest

from ivr.ami.frames import Frame, parse_frame
from ivr.queues.places import Member, Places, Waiting, places_of
from ivr.queues.staff import StaffChange, staff_changes
from routing.plan import OfficeId, OperatorId, Plan, QueueName
from routing.waiting import HELPER_PENALTY, Escalation, QueueWaiting
from tests.plans import CHERNIVTSI, SUMY, small_plan

LAWYER = OperatorId("sumy01")
HELPER = OperatorId("sumy02")


def member(queue: QueueName, operator: OperatorId, penalty: int = 0, *, paused: bool = False) -> Member:
    return Member(queue=queue, operator=operator, penalty=penalty, is_paused=paused, is_reachable=True)


def places(*members: Member, wait_s: int | None = None) -> Places:
    waiting = () if wait_s is None else (Waiting(queue=CHERNIVTSI, channel="PJSIP/trunk-a-1", wait_s=wait_s),)
    return Places(queues=frozenset({SUMY, CHERNIVTSI}), waiting=waiting, members=members)


def helped_plan() -> Plan:
    """The small plan with another lawyer, who answers in Sumy alone, and help for Chernivtsi after two minutes."""
    plan = small_plan()
    waiting = QueueWaiting(
        music="default",
        penalties=(),
        speech=None,
        closing_announcement=None,
        empty_announcement=None,
        escalation=Escalation(after_s=120, offices=(OfficeId("sumy"),), number=None),
    )
    first = plan.operators[LAWYER]
    helper = replace(first, id=HELPER, memberships=first.memberships[:1])
    queues = {**plan.queues, CHERNIVTSI: replace(plan.queues[CHERNIVTSI], waiting=waiting)}
    return replace(plan, queues=queues, operators={**plan.operators, HELPER: helper})


def test_nobody_who_is_logged_out_is_touched() -> None:
    assert staff_changes(helped_plan(), places()) == set()


def test_who_stands_where_the_plan_says_stays() -> None:
    assert staff_changes(helped_plan(), places(member(SUMY, LAWYER), member(CHERNIVTSI, LAWYER, 1))) == set()


def test_a_queue_that_a_publish_gave_is_joined_with_the_pause() -> None:
    assert staff_changes(helped_plan(), places(member(SUMY, LAWYER, paused=True))) == {
        StaffChange(action="QueueAdd", queue=CHERNIVTSI, operator=LAWYER, penalty=1, is_paused=True)
    }


def test_a_queue_that_a_publish_took_is_left_and_a_penalty_is_changed() -> None:
    standing = places(member(SUMY, HELPER, 7), member(CHERNIVTSI, HELPER))
    assert staff_changes(helped_plan(), standing) == {
        StaffChange(action="QueuePenalty", queue=SUMY, operator=HELPER),
        StaffChange(action="QueueRemove", queue=CHERNIVTSI, operator=HELPER),
    }


def test_an_operator_whom_the_plan_no_longer_knows_leaves() -> None:
    stranger = OperatorId("nobody")
    assert staff_changes(helped_plan(), places(member(SUMY, stranger))) == {
        StaffChange(action="QueueRemove", queue=SUMY, operator=stranger)
    }


@pytest.mark.parametrize(("wait_s", "helps"), [(119, False), (120, True), (4_000, True)])
def test_another_office_is_called_in_when_somebody_has_waited_too_long(wait_s: int, helps: bool) -> None:
    added = StaffChange(action="QueueAdd", queue=CHERNIVTSI, operator=HELPER, penalty=HELPER_PENALTY)
    assert (staff_changes(helped_plan(), places(member(SUMY, HELPER), wait_s=wait_s)) == {added}) is helps


def test_the_duty_officer_is_called_where_a_trunk_takes_calls_out_and_the_number_is_not_told() -> None:
    plan = helped_plan()
    waiting = plan.queues[CHERNIVTSI].waiting
    assert waiting is not None
    duty = Escalation(after_s=120, offices=(), number="+380000000042")
    queue = replace(plan.queues[CHERNIVTSI], waiting=replace(waiting, escalation=duty))
    plan = replace(plan, queues={**plan.queues, CHERNIVTSI: queue})
    assert staff_changes(plan, places(wait_s=120)) == staff_changes(plan, places(), has_outbound=True) == set()
    (change,) = staff_changes(plan, places(wait_s=120), has_outbound=True)
    assert change.is_duty
    assert change.fields() == {
        "Queue": "chernivtsi",
        "Interface": "Local/chernivtsi@duty/n",
        "Penalty": "100",
        "Paused": "false",
        "MemberName": "duty",
        "StateInterface": "Local/chernivtsi@duty",
    }
    standing = member(CHERNIVTSI, change.operator, HELPER_PENALTY)
    assert staff_changes(plan, places(standing, wait_s=120), has_outbound=True) == set()
    (removal,) = staff_changes(plan, places(standing), has_outbound=True)
    assert removal.fields() == {"Queue": "chernivtsi", "Interface": "Local/chernivtsi@duty/n"}


def test_help_ends_when_the_helper_logs_out() -> None:
    standing = places(member(CHERNIVTSI, HELPER, HELPER_PENALTY), wait_s=500)
    assert staff_changes(helped_plan(), standing) == {
        StaffChange(action="QueueRemove", queue=CHERNIVTSI, operator=HELPER)
    }


def test_an_action_names_what_asterisk_needs() -> None:
    change = StaffChange(action="QueueAdd", queue=SUMY, operator=LAWYER, penalty=3, is_paused=True)
    assert change.fields() == {"Queue": "sumy", "Interface": "PJSIP/sumy01", "Penalty": "3", "Paused": "true"}
    assert "Paused" not in replace(change, action="QueuePenalty").fields()
    assert replace(change, action="QueueRemove").fields() == {"Queue": "sumy", "Interface": "PJSIP/sumy01"}


def frame(text: str) -> Frame:
    return parse_frame(text.replace("\n", "\r\n").encode())


def test_the_list_of_queues_tells_who_waits_and_who_can_answer() -> None:
    told = places_of(
        [
            frame("Event: QueueParams\nQueue: sumy"),
            frame("Event: QueueMember\nQueue: sumy\nLocation: PJSIP/sumy01\nPenalty: 2\nPaused: 0\nStatus: 5"),
            frame("Event: QueueMember\nQueue: sumy\nLocation: Local/x@y\nPenalty: 0\nPaused: 0\nStatus: 1"),
            frame("Event: QueueMember\nQueue: chernivtsi\nLocation: Local/chernivtsi@duty/n\nPenalty: 100\nStatus: 1"),
            frame("Event: QueueEntry\nQueue: sumy\nChannel: PJSIP/trunk-a-1\nWait: 12"),
        ]
    )
    assert told.queues == {SUMY}
    assert [(each.operator, each.penalty, each.is_reachable) for each in told.members] == [
        (LAWYER, 2, False),
        ("chernivtsi@duty", 100, True),
    ]
    assert (told.longest_wait_s(SUMY), told.longest_wait_s(CHERNIVTSI), told.is_staffed(SUMY)) == (12, 0, False)


@pytest.mark.parametrize(("status", "paused", "staffed"), [("1", "0", True), ("2", "0", True), ("1", "1", False)])
def test_a_queue_is_staffed_by_who_can_be_reached_and_is_not_on_a_pause(
    status: str, paused: str, staffed: bool
) -> None:
    line = f"Event: QueueMember\nQueue: sumy\nLocation: PJSIP/sumy01\nPenalty: 0\nPaused: {paused}\nStatus: {status}"
    assert places_of([frame(line)]).is_staffed(SUMY) is staffed
