"""What the dialplan and a rung of the ladder tell each other."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from asterisk_conf.handoff import (
    HandoffError,
    NodeFacts,
    decide_call,
    decision_facts,
    facts_of,
    keys_value,
    sound_of,
    variables_of,
)
from asterisk_conf.names import AgiRoute, Variable
from asterisk_conf.payload import decode_payload, decode_reasons
from routing.decisions import Facts, decide
from routing.languages import Language
from routing.overrides import Override, OverrideAction, OverrideScope
from routing.plan import PromptId, QueueName
from tests.plans import CHERNIVTSI, CONSULTATION, DETENTION, DID, OPERATOR, SUMY, small_plan

TUESDAY_11 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SATURDAY_11 = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
EMPTY = "route=entry;did=;plan=;language=;menu=;keys=;service=;queue=;status=;tried=;waited="
FULL = (
    "route=after-queue;did=+380800213103;plan=0123456789abcdef;language=en;menu=main;keys=9%2C1;"
    "service=consultation;queue=sumy;status=TIMEOUT;tried=sumy+chernivtsi;waited=130"
)
SAFE = re.compile(r"[A-Za-z0-9._:%+-]*")


def test_empty_facts_are_unknown_and_not_empty_texts() -> None:
    facts = facts_of(EMPTY)
    assert facts.route is AgiRoute.ENTRY
    assert (facts.did, facts.plan_version, facts.language, facts.menu, facts.service) == (None,) * 5
    assert (facts.keys, facts.tried_queues, facts.queue_status, facts.waited_s) == ((), (), None, 0)


def test_full_facts_are_read_whole() -> None:
    facts = facts_of(FULL)
    assert facts.route is AgiRoute.AFTER_QUEUE
    assert (facts.did, facts.plan_version, facts.language) == (DID, "0123456789abcdef", Language.EN)
    assert (facts.menu, facts.keys, facts.service) == ("main", ("9", "1"), CONSULTATION)
    assert (facts.tried_queues, facts.queue_status, facts.waited_s) == ((SUMY, CHERNIVTSI), "TIMEOUT", 130)


def test_only_the_route_is_needed() -> None:
    assert facts_of("route=entry").service is None


def test_the_last_queue_counts_as_tried_when_the_list_is_missing() -> None:
    assert facts_of("route=after-queue;queue=sumy").tried_queues == (SUMY,)


@pytest.mark.parametrize("text", ["", "nonsense", "route=", "route=unknown", "route=entry;route=entry", "keys=1"])
def test_facts_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(HandoffError):
        facts_of(text)


@pytest.mark.parametrize("waited", ["-1", "1.5", "x", "²", "9999999999", " 1"])
def test_a_waiting_time_that_is_none_costs_no_route(waited: str) -> None:
    assert facts_of(f"route=after-queue;waited={waited}").waited_s == 0


def test_an_unknown_language_becomes_the_first_of_the_line() -> None:
    call = facts_of("route=entry;language=de")
    assert decision_facts(call, small_plan(), NodeFacts()).language is Language.UK


def test_a_caller_who_chose_nothing_gets_the_operator() -> None:
    assert decision_facts(facts_of(EMPTY), small_plan(), NodeFacts()).service == OPERATOR


def told_of(facts: Facts, moment: datetime) -> dict[Variable, str]:
    return dict(variables_of(decide(small_plan(), facts, moment), small_plan()))


def test_the_outcome_is_the_last_variable() -> None:
    decision = decide(small_plan(), Facts(service=CONSULTATION), TUESDAY_11)
    assert variables_of(decision, small_plan())[-1] == (Variable.OUTCOME, "queue")


def test_a_decision_is_told_in_variables() -> None:
    told = told_of(Facts(service=CONSULTATION, language=Language.EN), TUESDAY_11)
    assert told[Variable.QUEUE] == "sumy"
    assert told[Variable.QUEUE_TIMEOUT_S] == "120"
    assert told[Variable.OFFICE] == "sumy"
    assert told[Variable.IS_OPEN] == "1"
    assert told[Variable.LANGUAGE] == "en"
    assert told[Variable.SERVICE] == "consultation"
    assert told[Variable.ANNOUNCEMENTS] == ""


def test_out_of_hours_the_announcement_is_named_as_playback_takes_it() -> None:
    told = told_of(Facts(service=CONSULTATION), SATURDAY_11)
    assert told[Variable.ANNOUNCEMENTS] == sound_of(small_plan(), PromptId("sumy-closed"))
    assert told[Variable.QUEUE_TIMEOUT_S] == ""
    assert told[Variable.IS_OPEN] == "0"


def test_reasons_survive_a_payload_of_the_dialplan() -> None:
    decision = decide(small_plan(), Facts(service=DETENTION), TUESDAY_11)
    value = dict(variables_of(decision, small_plan()))[Variable.REASONS]
    assert SAFE.fullmatch(value)
    assert decode_reasons(value) == decision.reasons
    assert decode_reasons(decode_payload(f"reasons={value}")["reasons"]) == decision.reasons


def test_keys_survive_a_payload_of_the_dialplan() -> None:
    value = keys_value(("*", "#", "t", "1"))
    assert SAFE.fullmatch(value)
    assert facts_of(f"route=entry;keys={value}").keys == ("*", "#", "t", "1")


def test_every_variable_of_the_plan_can_be_written() -> None:
    for queue in (QueueName("sumy"), QueueName("chernivtsi")):
        facts = Facts(service=CONSULTATION, tried_queues=(queue,), queue_status="TIMEOUT", waited_s=61)
        for value in told_of(facts, TUESDAY_11).values():
            assert "\n" not in value


def test_a_sound_lies_in_our_folder_under_the_hash_of_its_text() -> None:
    assert re.fullmatch(r"hotline/greeting-[0-9a-f]{8}", sound_of(small_plan(), PromptId("greeting")))
    assert sound_of(small_plan(), PromptId("unknown")) == "hotline/unknown"


def to_number(number: str) -> Override:
    return Override(
        id="o1",
        scope=OverrideScope.LINE,
        target="",
        action=OverrideAction.TO_NUMBER,
        destination=number,
        until=TUESDAY_11 + timedelta(hours=1),
        reason="евакуація",
        author="admin",
        created_at=TUESDAY_11 - timedelta(hours=1),
    )


def test_a_number_is_an_outcome_of_its_own_and_the_queue_stands_behind_it() -> None:
    told = told_of(Facts(service=CONSULTATION, overrides=(to_number("+380501234567"),)), TUESDAY_11)
    assert (told[Variable.OUTCOME], told[Variable.NUMBER]) == ("number", "+380501234567")
    assert told[Variable.QUEUE] == "chernivtsi"
    assert "501234567" not in told[Variable.REASONS]


@pytest.mark.parametrize(
    "number", ["0501234567", "+38050", "+380501234567&PJSIP/x", "+0501234567", "", "+380501234567\n"]
)
def test_what_is_no_e164_number_is_never_dialled(number: str) -> None:
    told = told_of(Facts(service=CONSULTATION, overrides=(to_number(number),)), TUESDAY_11)
    assert (told[Variable.OUTCOME], told[Variable.NUMBER], told[Variable.QUEUE]) == ("queue", "", "chernivtsi")


def test_without_an_override_there_is_no_number() -> None:
    assert told_of(Facts(service=DETENTION), TUESDAY_11)[Variable.NUMBER] == ""


def test_after_a_number_without_answer_the_decisions_queue_takes_the_call() -> None:
    call = facts_of("route=after-dial;service=consultation;queue=chernivtsi;status=BUSY")
    decision = decide_call(call, small_plan(), NodeFacts(overrides=(to_number("+380501234567"),)), TUESDAY_11)
    assert (call.dial_status, call.queue_status, call.tried_queues) == ("BUSY", None, ())
    assert dict(variables_of(decision, small_plan()))[Variable.OUTCOME] == "queue"
    assert [reason.code for reason in decision.reasons] == ["number-left", "emergency"]
    assert decision.queue == CHERNIVTSI
