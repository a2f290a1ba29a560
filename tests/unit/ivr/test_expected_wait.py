"""How long a caller may expect to wait, told once before the queue."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.queues.expected import spoken_minutes, with_expected_wait
from ivr.queues.places import Places, Waiting
from routing.decisions import Facts, decide
from routing.languages import Text
from routing.plan import Plan, Prompt, PromptId, ServiceId
from routing.waiting import QueueSpeech, QueueWaiting
from tests.plans import CHERNIVTSI, DETENTION, GUIDANCE, small_plan

WORDS, FOUR = PromptId("expected"), PromptId("say-4")
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ONE_WAITS = (Waiting(queue=CHERNIVTSI, channel="PJSIP/trunk-a-1", wait_s=10),)


def told_plan(*prompts: PromptId) -> Plan:
    plan = small_plan()
    speech = QueueSpeech(every_s=60, position=WORDS, next=WORDS, expected_wait=WORDS, comfort=(), comfort_every_s=45)
    waiting = QueueWaiting(
        music="default",
        penalties=(),
        speech=speech,
        closing_announcement=None,
        empty_announcement=None,
        escalation=None,
    )
    texts = {each: Prompt(id=each, text=Text(uk="слово", en="word")) for each in prompts}
    queues = {**plan.queues, CHERNIVTSI: replace(plan.queues[CHERNIVTSI], waiting=waiting)}
    return replace(plan, queues=queues, prompts={**plan.prompts, **texts})


def told(plan: Plan, service: ServiceId, places: Places | None) -> tuple[PromptId, ...]:
    return with_expected_wait(plan, decide(plan, Facts(service=service), MOMENT), places).announcements


def places(*waiting: Waiting, usual_wait_s: int = 200) -> Places:
    queues = frozenset({CHERNIVTSI})
    return Places(queues=queues, waiting=waiting, members=(), usual_wait_s={CHERNIVTSI: usual_wait_s})


@pytest.mark.parametrize(
    ("wait_s", "minutes"), [(0, 0), (1, 1), (60, 1), (61, 2), (1_200, 20), (1_201, 30), (1_801, 40), (86_400, 90)]
)
def test_minutes_are_one_spoken_number(wait_s: int, minutes: int) -> None:
    assert spoken_minutes(wait_s) == minutes


def test_who_comes_while_others_wait_is_told() -> None:
    assert told(told_plan(WORDS, FOUR), GUIDANCE, places(*ONE_WAITS)) == (WORDS, FOUR)


def test_nothing_is_told_to_a_report_of_a_detention() -> None:
    assert told(told_plan(WORDS, FOUR), DETENTION, places(*ONE_WAITS)) == ()


@pytest.mark.parametrize("known", [None, places(), places(*ONE_WAITS, usual_wait_s=0)])
def test_nothing_is_told_that_is_not_known(known: Places | None) -> None:
    assert told(told_plan(WORDS, FOUR), GUIDANCE, known) == ()


def test_a_plan_without_the_number_tells_nothing() -> None:
    plan = told_plan(WORDS)
    prompts = {key: each for key, each in plan.prompts.items() if not key.startswith("say-")}
    assert told(replace(plan, prompts=prompts), GUIDANCE, places(*ONE_WAITS)) == ()
