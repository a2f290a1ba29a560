"""Waiting in the plan's files, in snapshots and in decisions: limits, closing time, keys."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_conf.handoff import NodeFacts, decide_call, facts_of
from routing import snapshot
from routing.decisions import Decision, Facts, MoveCause, decide, serving_queues
from routing.overrides import Override, OverrideAction, OverrideScope
from routing.plan import OfficeId, Plan, PromptId, ServiceId
from routing.plan_files import PlanError, read_plan
from routing.waiting import Escalation, LineWaiting, PenaltyStep, QueueSpeech, QueueWaiting, first_max_penalty
from tests.plans import CHERNIVTSI, CONSULTATION, DETENTION, SUMY, small_plan
from tests.unit.routing.plans import LEGAL_AID

TUESDAY_1755 = datetime(2026, 11, 24, 15, 55, tzinfo=UTC)
CLOSING = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
"""18:00 in Kyiv."""
WAITING = QueueWaiting(
    music="default",
    penalties=(PenaltyStep(after_s=0, max_penalty=0), PenaltyStep(after_s=30, max_penalty=5)),
    speech=QueueSpeech(
        every_s=60,
        position=PromptId("greeting"),
        next=PromptId("greeting"),
        expected_wait=None,
        comfort=(PromptId("greeting"),),
        comfort_every_s=45,
    ),
    closing_announcement=PromptId("sumy-closed"),
    empty_announcement=None,
    escalation=Escalation(after_s=120, offices=(OfficeId("sumy"),), number=None),
)


def waiting_plan(max_wait_s: int | None = 600) -> Plan:
    plan = small_plan()
    queues = {**plan.queues, SUMY: replace(plan.queues[SUMY], waiting=WAITING, max_wait_s=max_wait_s)}
    line = replace(plan.line, waiting=LineWaiting(menu_key="*", return_s=600))
    return replace(plan, queues=queues, line=line)


def override(scope: OverrideScope, target: str, action: OverrideAction, until: datetime) -> Override:
    return Override(
        id="o1",
        scope=scope,
        target=target,
        action=action,
        destination=None,
        until=until,
        reason="test",
        author="test",
        created_at=TUESDAY_1755,
    )


def consult(moment: datetime, *overrides: Override, status: str | None = None, waited_s: int = 0) -> Decision:
    """Decides for a consultation; with a status, for one that has left the queue of Sumy."""
    facts = Facts(
        service=CONSULTATION,
        overrides=overrides,
        tried_queues=() if status is None else (SUMY,),
        queue_status=status,
        waited_s=waited_s,
    )
    return decide(waiting_plan(), facts, moment)


def test_a_snapshot_keeps_all_that_is_said_of_waiting() -> None:
    plan = waiting_plan()
    assert snapshot.loads(snapshot.dumps(plan)) == plan


def test_a_plan_that_says_nothing_of_waiting_keeps_its_version() -> None:
    assert '"waiting"' not in snapshot.dumps(small_plan())


@pytest.mark.parametrize(
    ("moment", "limit_s"),
    [(CLOSING - timedelta(hours=1), 600), (TUESDAY_1755, 300), (CLOSING - timedelta(milliseconds=1), 1)],
)
def test_nobody_is_kept_waiting_beyond_closing_time(moment: datetime, limit_s: int) -> None:
    assert consult(moment).max_wait_s == limit_s


def test_a_queue_without_a_limit_has_one_at_closing_time() -> None:
    assert decide(waiting_plan(None), Facts(service=CONSULTATION), TUESDAY_1755).max_wait_s == 300


def test_the_last_resort_queue_never_has_a_limit() -> None:
    assert decide(waiting_plan(), Facts(service=DETENTION), TUESDAY_1755).max_wait_s is None


def test_a_queue_switched_open_beyond_closing_time_lets_callers_wait() -> None:
    longer = override(OverrideScope.QUEUE, SUMY, OverrideAction.OPEN, CLOSING + timedelta(hours=2))
    assert consult(TUESDAY_1755, longer).max_wait_s == 600


def test_the_end_of_a_switch_after_hours_ends_the_wait() -> None:
    moment = CLOSING + timedelta(minutes=10)
    longer = override(OverrideScope.QUEUE, SUMY, OverrideAction.OPEN, moment + timedelta(minutes=2))
    decision = consult(moment, longer)
    assert (decision.queue, decision.max_wait_s) == (SUMY, 120)


@pytest.mark.parametrize("status", ["TIMEOUT", "WITHDRAW"])
def test_who_waits_at_closing_time_is_told_and_moved_with_the_waiting_time(status: str) -> None:
    decision = consult(CLOSING, status=status, waited_s=185)
    assert (decision.queue, decision.moved) == (CHERNIVTSI, MoveCause.CLOSING)
    assert decision.announcements == (PromptId("sumy-closed"),)
    assert decision.priority == 13
    assert [reason.code for reason in decision.reasons[:2]] == ["queue-left", "queue-closed"]


def test_who_waited_too_long_in_an_open_queue_was_not_moved_by_closing() -> None:
    decision = consult(TUESDAY_1755, status="TIMEOUT", waited_s=600)
    assert (decision.queue, decision.moved, decision.announcements) == (CHERNIVTSI, None, ())


def test_an_empty_queue_that_closes_later_is_no_closing() -> None:
    assert consult(CLOSING, status="LEAVEEMPTY").moved is None


def test_the_queues_in_which_somebody_may_wait_follow_hours_and_switches() -> None:
    plan = waiting_plan()
    closed = override(OverrideScope.OFFICE, "sumy", OverrideAction.CLOSED, CLOSING)
    wanted = override(OverrideScope.SERVICE, CONSULTATION, OverrideAction.OPEN, CLOSING + timedelta(hours=1))
    assert serving_queues(plan, (), TUESDAY_1755) == {SUMY, CHERNIVTSI}
    assert serving_queues(plan, (), CLOSING) == {CHERNIVTSI}
    assert serving_queues(plan, (closed,), TUESDAY_1755) == {CHERNIVTSI}
    assert serving_queues(plan, (wanted,), CLOSING) == {SUMY, CHERNIVTSI}


def test_the_detention_key_in_a_queue_is_a_report_whatever_was_tried() -> None:
    call = facts_of("route=queue-key;service=consultation;queue=sumy;tried=sumy;waited=65;key=4")
    decision = decide_call(call, waiting_plan(), NodeFacts(), TUESDAY_1755)
    assert (decision.service, decision.queue, decision.priority) == (DETENTION, CHERNIVTSI, 1001)
    assert [reason.code for reason in decision.reasons] == ["queue-key", "round-the-clock", "waited"]


def test_another_key_changes_nothing_by_itself() -> None:
    call = facts_of("route=queue-key;service=consultation;queue=sumy;waited=65;key=%2A")
    decision = decide_call(call, waiting_plan(), NodeFacts(), TUESDAY_1755)
    assert (decision.service, decision.queue, decision.priority) == (ServiceId("consultation"), SUMY, 11)


@pytest.mark.parametrize(
    ("steps", "first"), [((), None), ((PenaltyStep(after_s=10, max_penalty=3),), None), (WAITING.penalties, 0)]
)
def test_the_first_step_counts_at_once_only_without_a_delay(steps: tuple[PenaltyStep, ...], first: int | None) -> None:
    assert first_max_penalty(replace(WAITING, penalties=steps)) == first


DEFECTS = {
    "steps that do not rise": (
        "queues.yaml",
        "    empty_announcement: queue-empty\n",
        "    penalties:\n      - { after_s: 30, max_penalty: 5 }\n      - { after_s: 20, max_penalty: 9 }\n",
        "penalties do not relax",
    ),
    "a prompt that is not there": ("queues.yaml", ": queue-empty", ": no-such", "there is no prompt `no-such`"),
    "an office that is not there": ("queues.yaml", "[sumy]", "[lviv]", "there is no office `lviv`"),
    "the operator's key": ("line.yaml", 'menu_key: "*"', 'menu_key: "0"', "the key 0 means something else"),
}


@pytest.mark.parametrize("what", DEFECTS)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, what: str) -> None:
    file, old, new, message = DEFECTS[what]
    folder = Path(shutil.copytree(LEGAL_AID, tmp_path / "plan"))
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(folder)
    assert message in str(caught.value)
