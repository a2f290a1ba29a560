"""From a queue back to the menu, and on from there."""

from dataclasses import replace

import pytest

from asterisk_conf.handoff import CallFacts, facts_of
from ivr.queues.keys import after_menu, is_menu_key, menu_again
from routing.languages import Language
from routing.menus import ANYBODY, Answer, Chosen, Key, Silence, answer
from routing.plan import Plan
from routing.waiting import LineWaiting
from tests.plans import CONSULTATION, DETENTION, small_plan

KEYED = "route=queue-key;language=en;keys=9,1,%2A;service=consultation;queue=sumy;tried=sumy;waited=130;key=%2A"


def plan_with_key() -> Plan:
    plan = small_plan()
    return replace(plan, line=replace(plan.line, waiting=LineWaiting(menu_key="*", return_s=0)))


def walked(plan: Plan, given: Answer) -> tuple[CallFacts, Chosen]:
    call = facts_of(KEYED)
    step = answer(plan, menu_again(plan, call, ANYBODY).position, given)
    assert isinstance(step, Chosen)
    return call, step


@pytest.mark.parametrize(("key", "leads"), [("*", True), ("4", False), (None, False)])
def test_only_the_key_of_the_plan_leads_to_the_menu(key: str | None, leads: bool) -> None:
    assert is_menu_key(plan_with_key(), key) is leads


def test_a_plan_without_such_a_key_has_none() -> None:
    assert not is_menu_key(small_plan(), "*")


def test_the_menu_asks_in_the_language_of_the_call_and_keeps_its_keys() -> None:
    ask = menu_again(plan_with_key(), facts_of(KEYED), ANYBODY)
    assert ask.position.language is Language.EN
    assert ask.position.keys == ("9", "1", "*")


def test_silence_keeps_service_tried_queues_and_waiting_time() -> None:
    call, why = after_menu(*walked(plan_with_key(), Silence()))
    assert (call.service, call.tried_queues, call.waited_s) == (CONSULTATION, ("sumy",), 130)
    assert [reason.code for reason in why] == ["back-to-queue"]


def test_a_new_choice_begins_anew_but_keeps_the_waiting_time() -> None:
    call, why = after_menu(*walked(plan_with_key(), Key(key="4")))
    assert (call.service, call.tried_queues, call.waited_s) == (DETENTION, (), 130)
    assert [reason.code for reason in why] == ["key-detention"]
