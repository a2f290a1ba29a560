"""Decisions: the order of rules, overflow, priority, and that every decision leads somewhere."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.decisions import (
    FAILED_DIAL_STATUSES,
    KNOWN_QUEUE_STATUSES,
    Decision,
    Facts,
    NumberDestination,
    QueueDestination,
    decide,
)
from routing.languages import Language
from routing.overrides import Override, OverrideAction, OverrideScope
from routing.plan import ExceptionKind, OfficeId, Plan, QueueName, ServiceId
from routing.reasons import Reason, ReasonCode, because, describe
from routing.snapshot import dumps, loads
from tests.plans import CHERNIVTSI, CONSULTATION, DETENTION, GUIDANCE, OPERATOR, SUMY, small_plan
from tests.unit.routing.plans import (
    SATURDAY_11,
    TUESDAY_11,
    TUESDAY_18,
    holiday,
    in_peace,
    kyiv,
    ranges,
    with_calendar,
)
from tests.unit.routing.test_calendar_dates import sumy_exception

OVERRIDE = Override(
    id="o1",
    scope=OverrideScope.QUEUE,
    target="sumy",
    action=OverrideAction.CLOSED,
    destination=None,
    until=TUESDAY_11 + timedelta(hours=1),
    reason="немає світла",
    author="чергова",
    created_at=TUESDAY_11 - timedelta(hours=1),
)


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def decide_consultation(moment: datetime, *overrides: Override, plan: Plan | None = None) -> Decision:
    return decide(plan or small_plan(), Facts(service=CONSULTATION, overrides=overrides), moment)


@pytest.mark.parametrize(("service", "moment", "queue", "is_open"), [
    (CONSULTATION, TUESDAY_11, SUMY, True),
    (CONSULTATION, TUESDAY_18, CHERNIVTSI, False),
    (CONSULTATION, SATURDAY_11, CHERNIVTSI, False),
    (GUIDANCE, TUESDAY_11, CHERNIVTSI, True),
    (OPERATOR, SATURDAY_11, CHERNIVTSI, True),
    (DETENTION, SATURDAY_11, CHERNIVTSI, True),
])  # fmt: skip
def test_the_hours_choose_the_queue(service: ServiceId, moment: datetime, queue: QueueName, is_open: bool) -> None:
    decision = decide(small_plan(), Facts(service=service), moment)
    assert (decision.queue, decision.is_open) == (queue, is_open)
    assert decision.destination == QueueDestination(queue=queue)
    assert decision.office == small_plan().queues[queue].office
    assert decision.plan_version == small_plan().version


def test_out_of_hours_the_caller_hears_so_first_and_then_waits_without_limit() -> None:
    decision = decide_consultation(TUESDAY_18)
    assert decision.announcements == ("sumy-closed",)
    assert decision.max_wait_s is None
    assert codes(decision) == ["hours", "closed-queue"]


def test_in_hours_the_queue_limits_the_wait_and_nothing_is_announced() -> None:
    decision = decide_consultation(TUESDAY_11)
    assert (decision.announcements, decision.max_wait_s, decision.priority) == ((), 120, 10)


def test_a_closed_service_without_a_closed_queue_goes_to_the_overflow() -> None:
    plan = small_plan()
    service = replace(plan.services[CONSULTATION], closed_queue=None)
    plan = replace(plan, services={**plan.services, CONSULTATION: service})
    assert decide_consultation(TUESDAY_18, plan=plan).queue == CHERNIVTSI


@pytest.mark.parametrize("status", [*KNOWN_QUEUE_STATUSES, "UNKNOWN", "", None, "rubbish"])
def test_whatever_the_queue_said_its_callers_go_to_the_overflow(status: str | None) -> None:
    facts = Facts(service=CONSULTATION, tried_queues=(SUMY,), queue_status=status, waited_s=119)
    decision = decide(small_plan(), facts, TUESDAY_11)
    assert (decision.queue, decision.max_wait_s, decision.announcements) == (CHERNIVTSI, None, ())
    assert decision.reasons[0].code == "queue-left"
    assert dict(decision.reasons[0].details)["status"] in (*KNOWN_QUEUE_STATUSES, "UNKNOWN")


@pytest.mark.parametrize("tried", [(CHERNIVTSI,), (SUMY, CHERNIVTSI), (CHERNIVTSI, SUMY), (QueueName("gone"),)])
def test_whoever_tried_everything_ends_in_the_last_resort(tried: tuple[QueueName, ...]) -> None:
    facts = Facts(service=CONSULTATION, tried_queues=tried, queue_status="UNKNOWN")
    decision = decide(small_plan(), facts, TUESDAY_11)
    assert (decision.queue, decision.max_wait_s) == (CHERNIVTSI, None)


def plan_with_three_queues() -> Plan:
    """The small plan where Sumy overflows to a third queue of Sumy's, and that to Chernivtsi."""
    plan = small_plan()
    sumy = plan.queues[SUMY]
    reserve = replace(sumy, name=QueueName("reserve"), max_wait_s=60)
    first = replace(sumy, overflow=reserve.name)
    return replace(plan, queues={**plan.queues, SUMY: first, reserve.name: reserve})


def test_the_overflow_chain_is_followed_and_its_queue_limits_the_wait() -> None:
    facts = Facts(service=CONSULTATION, tried_queues=(SUMY,), queue_status="FULL")
    decision = decide(plan_with_three_queues(), facts, TUESDAY_11)
    assert (decision.queue, decision.max_wait_s) == ("reserve", 60)
    assert codes(decision) == ["queue-left", "overflow"]


def test_an_overflow_that_is_closed_is_skipped() -> None:
    facts = Facts(service=CONSULTATION, tried_queues=(SUMY,), queue_status="TIMEOUT")
    decision = decide(plan_with_three_queues(), facts, TUESDAY_18)
    assert decision.queue == CHERNIVTSI
    assert codes(decision) == ["queue-left", "queue-closed", "queue-skipped", "last-resort"]


@pytest.mark.parametrize(("service", "waited_s", "priority"), [
    (CONSULTATION, 0, 10), (CONSULTATION, 59, 10), (CONSULTATION, 60, 11), (CONSULTATION, 300, 15),
    (CONSULTATION, 10**7, 999), (CONSULTATION, -90, 10), (DETENTION, 0, 1000), (DETENTION, 120, 1002),
])  # fmt: skip
def test_priority_grows_with_waiting_and_stays_below_detention(
    service: ServiceId, waited_s: int, priority: int
) -> None:
    facts = Facts(service=service, tried_queues=(SUMY,), queue_status="TIMEOUT", waited_s=waited_s)
    assert decide(small_plan(), facts, TUESDAY_11).priority == priority


def test_an_unknown_service_becomes_the_operators() -> None:
    decision = decide(small_plan(), Facts(service=ServiceId("x" * 500)), TUESDAY_11)
    assert decision.service == OPERATOR
    assert decision.reasons[0] == because(ReasonCode.UNKNOWN_SERVICE, service="x" * 48)


def test_the_menus_reason_leads_the_trail() -> None:
    why = because(ReasonCode.MENU_OPTION, key="1", menu="main")
    decision = decide(small_plan(), Facts(service=CONSULTATION, why=(why,)), TUESDAY_11)
    assert decision.reasons[0] is why
    assert len(decision.reasons) == 2


@pytest.mark.parametrize(("scope", "target"), [
    (OverrideScope.SERVICE, "consultation"), (OverrideScope.QUEUE, "sumy"), (OverrideScope.OFFICE, "sumy"),
])  # fmt: skip
def test_an_override_closes_what_is_open_until_it_ends(scope: OverrideScope, target: str) -> None:
    override = replace(OVERRIDE, scope=scope, target=target)
    decision = decide_consultation(TUESDAY_11, override)
    assert (decision.queue, decision.is_open, codes(decision)[0]) == (CHERNIVTSI, False, "override")
    assert decide_consultation(override.until, override).queue == SUMY
    assert decide_consultation(override.created_at - timedelta(seconds=1), override).reasons[0].code == "hours"


def test_an_override_of_another_queue_changes_nothing() -> None:
    assert decide_consultation(TUESDAY_11, replace(OVERRIDE, target="chernivtsi")).queue == SUMY


def test_an_override_opens_what_is_closed() -> None:
    override = replace(OVERRIDE, action=OverrideAction.OPEN, until=TUESDAY_18 + timedelta(hours=1))
    decision = decide_consultation(TUESDAY_18, override)
    assert (decision.queue, decision.is_open, decision.announcements) == (SUMY, True, ())


def test_the_override_of_the_service_comes_before_that_of_its_queue() -> None:
    of_service = replace(OVERRIDE, scope=OverrideScope.SERVICE, target="consultation", action=OverrideAction.OPEN)
    newer_of_queue = replace(OVERRIDE, id="o2", created_at=TUESDAY_11)
    assert decide_consultation(TUESDAY_11, newer_of_queue, of_service).queue == SUMY


def test_of_two_overrides_of_one_queue_the_newer_holds() -> None:
    newer = replace(OVERRIDE, id="o2", action=OverrideAction.OPEN, created_at=TUESDAY_11)
    assert decide_consultation(TUESDAY_11, OVERRIDE, newer).is_open
    assert decide_consultation(TUESDAY_11, newer, OVERRIDE).is_open


EMERGENCY = replace(OVERRIDE, scope=OverrideScope.LINE, target="", action=OverrideAction.TO_QUEUE, destination="sumy")


def test_an_emergency_comes_before_every_override() -> None:
    decision = decide(
        small_plan(), Facts(service=DETENTION, overrides=(OVERRIDE, EMERGENCY)), TUESDAY_11 + timedelta(minutes=1)
    )
    assert (decision.queue, codes(decision)) == (SUMY, ["emergency"])


def test_an_emergency_sends_calls_to_a_number_with_a_queue_behind_it() -> None:
    override = replace(EMERGENCY, action=OverrideAction.TO_NUMBER, destination="+380000000000")
    decision = decide(small_plan(), Facts(service=OPERATOR, overrides=(override,)), TUESDAY_11)
    assert decision.destination == NumberDestination(number="+380000000000")
    assert decision.queue == CHERNIVTSI


def test_an_override_to_a_queue_that_is_not_there_is_passed_over_and_told() -> None:
    override = replace(EMERGENCY, destination="gone")
    decision = decide_consultation(TUESDAY_11, override)
    assert (decision.queue, codes(decision)) == (SUMY, ["override-ignored", "hours"])


def test_whoever_leaves_the_emergencys_queue_goes_on() -> None:
    facts = Facts(service=OPERATOR, overrides=(EMERGENCY,), tried_queues=(SUMY,), queue_status="TIMEOUT")
    assert decide(small_plan(), facts, TUESDAY_11).queue == CHERNIVTSI


def test_an_exception_comes_before_the_hours() -> None:
    exception = sumy_exception(TUESDAY_11.date(), ExceptionKind.CLOSED, offices=(OfficeId("sumy"),))
    decision = decide_consultation(TUESDAY_11, plan=with_calendar(small_plan(), exceptions=(exception,)))
    assert (decision.queue, codes(decision)) == (CHERNIVTSI, ["exception", "closed-queue"])


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        decide_consultation(datetime(2026, 11, 24, 11, 0))  # noqa: DTZ001  # the point


def _overrides() -> st.SearchStrategy[Override]:
    targets = {
        OverrideScope.LINE: [""],
        OverrideScope.SERVICE: ["consultation", "operator", "gone"],
        OverrideScope.QUEUE: ["sumy", "chernivtsi"],
        OverrideScope.OFFICE: ["sumy", "chernivtsi"],
    }
    pairs = [(scope, target) for scope, names in targets.items() for target in names]
    actions = [
        (OverrideAction.OPEN, None), (OverrideAction.CLOSED, None), (OverrideAction.TO_QUEUE, "sumy"),
        (OverrideAction.TO_QUEUE, "gone"), (OverrideAction.TO_NUMBER, "+380000000000"),
    ]  # fmt: skip
    return st.builds(
        lambda pair, action, ago: replace(
            OVERRIDE,
            id=f"{pair}{action}{ago}",
            scope=pair[0],
            target=pair[1],
            action=action[0],
            destination=action[1],
            created_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=ago),
            until=datetime(2027, 1, 1, tzinfo=UTC),
        ),
        st.sampled_from(pairs),
        st.sampled_from(actions),
        st.integers(0, 300),
    )


FACTS = st.builds(
    Facts,
    service=st.sampled_from([*small_plan().services, ServiceId("gone")]),
    language=st.sampled_from(Language),
    overrides=st.lists(_overrides(), max_size=3).map(tuple),
    tried_queues=st.lists(st.sampled_from([SUMY, CHERNIVTSI, QueueName("gone")]), max_size=3).map(tuple),
    queue_status=st.sampled_from([*KNOWN_QUEUE_STATUSES, "UNKNOWN", None]),
    waited_s=st.integers(-100, 10_000),
)
MOMENTS = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
BENT = in_peace(
    with_calendar(
        small_plan(),
        holidays=(holiday(datetime(2026, 8, 24, tzinfo=UTC).date()),),
        exceptions=(
            sumy_exception(datetime(2026, 8, 26, tzinfo=UTC).date(), ExceptionKind.HOURS, ranges=ranges((60, 99))),
        ),
    )
)
BENT_AGAIN = loads(dumps(BENT))


@given(FACTS, MOMENTS)
def test_every_decision_has_a_queue_that_exists_and_reasons_with_sentences(facts: Facts, moment: datetime) -> None:
    decision = decide(BENT, facts, moment)
    assert decision.queue in BENT.queues
    assert decision.office in BENT.offices
    assert set(decision.announcements) <= set(BENT.prompts)
    assert (decision.service == DETENTION) == (decision.priority >= BENT.services[DETENTION].priority)
    assert decision.reasons
    for reason in decision.reasons:
        for language in Language:
            _assert_sentence(reason, language)


def _assert_sentence(reason: Reason, language: Language) -> None:
    sentence = describe(reason, language)
    assert sentence.endswith("."), sentence
    assert "…" not in sentence, sentence
    assert not sentence.startswith(reason.code), sentence


def test_a_thousand_decisions_are_the_same_from_the_snapshot() -> None:
    differing = []
    facts_of = [
        Facts(service=service, tried_queues=tried, waited_s=70) for service in BENT.services for tried in ((), (SUMY,))
    ]
    for index in range(1_000):
        facts = facts_of[index % len(facts_of)]
        moment = kyiv("2026-08-20") + timedelta(minutes=17 * index)
        if decide(BENT, facts, moment) != decide(BENT_AGAIN, facts, moment):
            differing.append((facts, moment))
    assert BENT_AGAIN == BENT
    assert differing == []


@pytest.mark.parametrize("status", [*FAILED_DIAL_STATUSES, "NOTRUNK", ""])
def test_a_number_that_does_not_answer_leaves_the_caller_to_the_decisions_queue(status: str) -> None:
    override = replace(EMERGENCY, action=OverrideAction.TO_NUMBER, destination="+380000000000")
    facts = Facts(service=CONSULTATION, overrides=(override,), dial_status=status)
    decision = decide(small_plan(), facts, TUESDAY_11)
    assert decision.destination == QueueDestination(queue=small_plan().line.last_resort_queue)
    assert decision.reasons[0].code == ReasonCode.NUMBER_LEFT
    assert decision.announcements == ()
