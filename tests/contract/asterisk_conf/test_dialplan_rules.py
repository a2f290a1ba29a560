"""What has to hold in every dialplan that we render, whatever the plan."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from asterisk_conf.handoff import variables_of
from asterisk_conf.names import Context, OperatorCode
from asterisk_conf.render import FILES
from asterisk_conf.site import TlsSettings
from routing.centres import numbers_of
from routing.decisions import Facts, decide
from routing.numbers import did_forms
from routing.plan import CentreId
from tests.centres import TUESDAY_11, plan_with_centres
from tests.contract.asterisk_conf.rendering import SITE, rendered
from tests.live.queueing import waiting_plan
from tests.live.switching import DUTY_NUMBER
from tests.plans import GUIDANCE, small_plan

ALLOWED_APPLICATIONS = {
    "AGI",
    "AddQueueMember",
    "Answer",
    "CELGenUserEvent",
    "Dial",
    "Gosub",
    "Goto",
    "GotoIf",
    "Hangup",
    "MixMonitor",
    "MusicOnHold",
    "NoOp",
    "PauseQueueMember",
    "Playback",
    "Queue",
    "Read",
    "RemoveQueueMember",
    "Return",
    "Set",
    "StopMixMonitor",
    "UnpauseQueueMember",
    "Wait",
}
"""None but `Dial`, which has tests of its own, reaches a number outside: no Originate, no System."""

LADDERS = [Context.LINE, Context.AFTER_QUEUE, Context.AFTER_DIAL, Context.AFTER_CENTRE, Context.QUEUE_KEY]


class Step(NamedTuple):
    context: str
    extension: str
    is_first: bool
    application: str
    arguments: str


def steps(text: str = "") -> Iterator[Step]:
    context = extension = ""
    for line in (text or rendered()["extensions.conf"]).splitlines():
        if found := re.fullmatch(r"\[(.+)\]", line):
            context = found[1]
        elif found := re.fullmatch(r"exten => ([^,]+),1,(\w+)\((.*)\)", line):
            extension = found[1]
            yield Step(context, extension, True, found[2], found[3])
        elif found := re.fullmatch(r" same => n(?:\([\w-]+\))?,(\w+)\((.*)\)", line):
            yield Step(context, extension, False, found[1], found[2])
        else:
            assert not line or line.startswith(";") or " = " in line, f"a line of no known kind: {line}"


def extensions_of(context: str) -> set[str]:
    return {step.extension for step in steps() if step.context == context}


def test_only_the_numbers_of_the_line_exist_for_trunks() -> None:
    assert extensions_of(Context.FROM_TRUNK) == {form for did in small_plan().line.dids for form in did_forms(did)}


def test_only_the_codes_exist_for_operators() -> None:
    assert extensions_of(Context.FROM_OPERATORS) == {
        OperatorCode.OVERRIDE,
        OperatorCode.LOGIN,
        OperatorCode.LOGOUT,
        OperatorCode.PAUSE,
        f"{OperatorCode.PAUSE}0",
        f"_{OperatorCode.PAUSE}[1-9]",
        OperatorCode.UNPAUSE,
    }


def test_phones_reach_no_context_but_their_own() -> None:
    contexts = set(re.findall(r"^context = (.+)$", rendered()["pjsip.conf"], re.MULTILINE))
    assert contexts == {Context.FROM_TRUNK, Context.FROM_OPERATORS}


def test_the_first_step_of_every_number_filters_the_caller_id() -> None:
    firsts = [step for step in steps() if step.context == Context.FROM_TRUNK and step.is_first]
    assert firsts
    assert all(
        step.application == "Set" and step.arguments.startswith("CALLERID(num)=${FILTER(+0-9,") for step in firsts
    )


def test_no_application_reaches_outside() -> None:
    assert {step.application for step in steps()} <= ALLOWED_APPLICATIONS


def test_the_only_numbers_that_are_dialled_are_those_of_an_override_the_directory_and_the_duty_officer() -> None:
    text = rendered(waiting_plan())["extensions.conf"]
    dials = {step.context: step.arguments for step in steps(text) if step.application == "Dial"}
    assert dials.keys() == {Context.HANDOVER, Context.CENTRE, Context.DUTY}
    assert dials[Context.DUTY].startswith(f"PJSIP/{DUTY_NUMBER}@trunk-duty,")
    assert dials[Context.HANDOVER].startswith("PJSIP/${HOTLINE_NUMBER}@trunk-duty,")
    assert dials[Context.CENTRE].startswith("PJSIP/${HOTLINE_CENTRE_NUMBER}@trunk-duty,")
    setters = [step for step in steps() if step.application == "Set" and step.arguments.startswith("HOTLINE_NUMBER=")]
    assert [(step.context, step.arguments) for step in setters] == [
        (Context.HANDOVER, "HOTLINE_NUMBER=${FILTER(+0-9,${HOTLINE_NUMBER})}")
    ]


def test_a_number_of_a_centre_comes_from_the_directory_and_from_nowhere_else() -> None:
    plan = plan_with_centres()
    found = list(steps(rendered(plan)["extensions.conf"]))
    setters = [step for step in found if step.arguments.startswith("HOTLINE_CENTRE_NUMBER=")]
    assert {step.context for step in setters} == {Context.CENTRE_NUMBERS}
    assert {step.extension: step.arguments.partition("=")[2] for step in setters} == {
        f"{centre.id}-{place}": number
        for centre in plan.centres.values()
        for place, number in enumerate(numbers_of(centre))
    }
    assert not any("HOTLINE_CENTRE_NUMBER" in str(variable) for variable in settable())


def settable() -> set[str]:
    """Gives the variables that a decision sets."""
    facts = Facts(service=GUIDANCE, centre=CentreId("north"))
    return {name.value for name, _ in variables_of(decide(plan_with_centres(), facts, TUESDAY_11), plan_with_centres())}


def test_a_sample_number_cannot_be_dialled() -> None:
    samples = {each.id: replace(each, is_sample=True) for each in plan_with_centres().centres.values()}
    text = rendered(replace(small_plan(), centres=samples))["extensions.conf"]
    assert "HOTLINE_CENTRE_NUMBER=+" not in text


def test_without_a_trunk_for_outbound_calls_nothing_dials() -> None:
    trunks = tuple(trunk.model_copy(update={"sip_uri": None}) for trunk in SITE.trunks)
    text = rendered(site=SITE.model_copy(update={"trunks": trunks}))["extensions.conf"]
    assert "Dial(" not in text
    assert "Goto(after-dial,s,1)" in text


def test_a_dead_channel_writes_evidence_and_never_runs_a_script() -> None:
    last = [step.application for step in steps() if step.extension == "h"]
    assert "CELGenUserEvent" in last
    assert set(last) <= {"CELGenUserEvent", "GotoIf", "NoOp", "Set"}


def test_what_a_caller_dialled_is_never_used_but_for_the_digit_of_a_pause() -> None:
    used = [step for step in steps() if "${EXTEN" in step.arguments]
    assert used
    assert {step.extension for step in used} == {f"_{OperatorCode.PAUSE}[1-9]"}


@pytest.mark.parametrize("context", [*LADDERS, Context.HANDOVER, Context.LAST_RESORT, Context.OPERATOR])
def test_the_end_of_a_lease_has_somewhere_to_go(context: Context) -> None:
    assert "T" in extensions_of(context)


@pytest.mark.parametrize("context", LADDERS)
def test_every_script_runs_under_a_fresh_lease_with_the_outcome_cleared(context: Context) -> None:
    ladder = [step for step in steps() if step.context == context and step.extension == "s"]
    scripts = [number for number, step in enumerate(ladder) if step.application == "AGI"]
    assert len(scripts) == 2
    for number in scripts:
        assert [step.arguments for step in ladder[number - 3 : number : 2]] == [
            "HOTLINE_OUTCOME=",
            "TIMEOUT(absolute)=8",
        ]


def test_no_caller_waits_in_a_queue_under_a_lease() -> None:
    for context in (Context.HANDOVER, Context.LAST_RESORT):
        first = next(step for step in steps() if step.context == context)
        assert first.arguments == "TIMEOUT(absolute)=0"


@pytest.mark.parametrize("name", FILES)
def test_no_file_includes_or_runs_another(name: str) -> None:
    assert not re.search(r"^\s*#", rendered()[name], re.MULTILINE)


def test_only_the_detention_key_exists_while_waiting_in_a_plan_without_a_key_to_the_menu() -> None:
    assert extensions_of(Context.QUEUE_KEYS) == {small_plan().line.keys.detention}


def test_with_tls_every_operator_must_encrypt_and_trunks_stay_as_they_are() -> None:
    site = SITE.model_copy(update={"tls": TlsSettings()})
    text = rendered(site=site)["pjsip.conf"]
    endpoints = [part for part in text.split("\n\n") if "\ntype = endpoint\n" in part]
    operators = [part for part in endpoints if f"context = {Context.FROM_OPERATORS}" in part]
    assert len(operators) == len(small_plan().operators)
    for part in operators:
        assert "transport = transport-tls\nmedia_encryption = sdes\nmedia_encryption_optimistic = no\n" in part
    assert all("media_encryption" not in part for part in endpoints if part not in operators)
    assert "method = tlsv1_2" in text
    assert "transport-tls" not in rendered()["pjsip.conf"]
