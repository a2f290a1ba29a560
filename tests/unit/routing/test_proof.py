"""The proof: the shipped plan has no dead end, and each defect is found with its path."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from routing import proof
from routing.decisions import FAILED_DIAL_STATUSES, Decision, Facts, decide
from routing.plan import (
    ExceptionKind,
    HotlineReading,
    MenuId,
    OfficeId,
    Plan,
    PromptId,
    QueueName,
    RegionQuestion,
    ServiceId,
)
from routing.proof import NoteCode, prove
from tests.plans import CHERNIVTSI, CONSULTATION, MAIN_MENU, SUMY, small_plan
from tests.unit.routing.plans import TUESDAY_11, legal_aid_plan, with_calendar, with_sumy_hours
from tests.unit.routing.test_calendar_dates import sumy_exception
from tests.unit.routing.test_menus import plan_with_two_levels


def with_queue(plan: Plan, name: QueueName, **changes: object) -> Plan:
    queue = replace(plan.queues[name], **changes)  # type: ignore[arg-type]  # names are checked by replace
    return replace(plan, queues={**plan.queues, name: queue})


def with_service(plan: Plan, **changes: object) -> Plan:
    service = replace(plan.services[CONSULTATION], **changes)  # type: ignore[arg-type]  # names are checked by replace
    return replace(plan, services={**plan.services, CONSULTATION: service})


def without_prompt(prompt: str) -> Plan:
    plan = small_plan()
    return replace(plan, prompts={key: each for key, each in plan.prompts.items() if key != prompt})


def closed_on_a_day() -> Plan:
    exception = sumy_exception(TUESDAY_11.date(), ExceptionKind.CLOSED, offices=(OfficeId("chernivtsi"),))
    return with_calendar(small_plan(), exceptions=(exception,))


def without_operators(office: str) -> Plan:
    plan = small_plan()
    kept = {
        key: replace(each, memberships=tuple(place for place in each.memberships if place.queue != office))
        for key, each in plan.operators.items()
    }
    return replace(plan, operators=kept)


def test_the_shipped_plan_has_no_dead_end() -> None:
    proof = prove(legal_aid_plan(), TUESDAY_11)
    assert proof.dead_ends == ()
    assert proof.is_proven
    assert proof.paths > 1_000


def test_a_sound_plan_of_two_levels_is_proven() -> None:
    plan = plan_with_two_levels()
    more = replace(plan.prompts[PromptId("main-menu")], id=PromptId("more"))
    assert prove(replace(plan, prompts={**plan.prompts, more.id: more}), TUESDAY_11).is_proven


DEFECTS: list[tuple[Callable[[], Plan], str]] = [
    (lambda: with_queue(small_plan(), CHERNIVTSI, joinempty=("unavailable",)), "come back to queue chernivtsi"),
    (lambda: with_queue(small_plan(), CHERNIVTSI, leavewhenempty=("paused",)), "come back to queue chernivtsi"),
    (lambda: with_queue(small_plan(), CHERNIVTSI, capacity=5), "come back to queue chernivtsi"),
    (lambda: with_queue(small_plan(), CHERNIVTSI, max_wait_s=60), "come back to queue chernivtsi"),
    (lambda: with_queue(small_plan(), CHERNIVTSI, office=OfficeId("sumy")), "office sumy is closed"),
    (lambda: with_queue(small_plan(), CHERNIVTSI, office=OfficeId("gone")), "there is no 'gone'"),
    (lambda: with_queue(small_plan(), SUMY, overflow=QueueName("gone")), "there is no 'gone'"),
    (lambda: with_service(small_plan(), closed_queue=QueueName("gone")), "there is no 'gone'"),
    (lambda: with_service(small_plan(), closed_announcement=PromptId("gone")), "there is no prompt gone"),
    (lambda: with_service(small_plan(), queue=QueueName("gone")), "there is no 'gone'"),
    (lambda: without_prompt("greeting"), "there is no prompt greeting"),
    (lambda: without_prompt("wrong-key"), "there is no prompt wrong-key"),
    (lambda: without_prompt("main-menu"), "there is no prompt main-menu"),
    (closed_on_a_day, "while its office chernivtsi is closed"),
    (lambda: without_operators("chernivtsi"), "no operator answers queue chernivtsi"),
    (lambda: replace(plan_with_two_levels(), menus={MAIN_MENU: plan_with_two_levels().menus[MAIN_MENU]}), "'more'"),
    (lambda: replace(small_plan(), line=replace(small_plan().line, entry_menu=MenuId("gone"))), "no menu gone"),
    (lambda: replace(small_plan(), line=replace(small_plan().line, detention_service=ServiceId("gone"))), "gone"),
]


@pytest.mark.parametrize(("plan", "why"), DEFECTS, ids=[f"{index}-{why}" for index, (_, why) in enumerate(DEFECTS)])
def test_a_dead_end_is_found_with_its_path(plan: Callable[[], Plan], why: str) -> None:
    proof = prove(plan(), TUESDAY_11)
    found = [end for end in proof.dead_ends if why in end.why]
    assert found, proof.dead_ends
    assert all(end.path for end in found)
    assert not proof.is_proven


def test_the_path_tells_how_the_caller_got_there() -> None:
    proof = prove(with_queue(small_plan(), CHERNIVTSI, joinempty=("unavailable",)), TUESDAY_11)
    end = next(each for each in proof.dead_ends if each.path[0] == "consultation")
    assert end.path[1].startswith("at 2026-")
    assert end.path.count("queue chernivtsi") == 2


def test_a_queue_that_lets_nobody_go_must_be_open_when_callers_wait_there() -> None:
    plan = with_queue(small_plan(), SUMY, max_wait_s=None, joinempty=(), leavewhenempty=(), capacity=0)
    plan = with_service(plan, closed_queue=SUMY)
    assert prove(plan, TUESDAY_11).is_proven, "a closed queue is skipped for the last resort"


def with_menu(plan: Plan, menu: str, **changes: object) -> Plan:
    changed = replace(plan.menus[MenuId(menu)], **changes)  # type: ignore[arg-type]  # names are checked by replace
    return replace(plan, menus={**plan.menus, MenuId(menu): changed})


@pytest.mark.parametrize(("menu", "changes", "why"), [
    ("centres", {"content": RegionQuestion(contact_menu=MenuId("gone"), unknown=PromptId("centres-unknown"))}, "gone"),
    ("centres", {"content": RegionQuestion(contact_menu=MenuId("centre-contact"), unknown=PromptId("no"))}, "no"),
    ("aid-info", {"service": ServiceId("gone")}, "no service gone"),
    ("hotlines", {"content": HotlineReading(last_prompt=PromptId("no"))}, "prompt no"),
    ("centre-contact", {"prompt": PromptId("no")}, "prompt no"),
])  # fmt: skip
def test_a_dead_end_in_a_menu_that_reads_out_is_found(menu: str, changes: dict[str, object], why: str) -> None:
    found = [end for end in prove(with_menu(legal_aid_plan(), menu, **changes), TUESDAY_11).dead_ends if why in end.why]
    assert found
    assert found[0].path


def test_a_missing_text_of_a_centre_is_found() -> None:
    plan = legal_aid_plan()
    prompts = {key: each for key, each in plan.prompts.items() if key != "contacts-volyn"}
    ends = prove(replace(plan, prompts=prompts), TUESDAY_11).dead_ends
    assert {end.why for end in ends} == {"there is no prompt contacts-volyn"}
    assert ("centres: 33",) in {end.path for end in ends}


def test_a_key_that_a_text_does_not_name_is_told() -> None:
    plan = legal_aid_plan()
    menu = plan.prompts[PromptId("menu-main")]
    text = replace(menu.text, en=menu.text.en.replace("press five", "press six"))
    found = prove(replace(plan, prompts={**plan.prompts, menu.id: replace(menu, text=text)}), TUESDAY_11)
    assert [note.subject for note in found.notes if note.code is NoteCode.KEY_NOT_NAMED] == ["main.5"]


def notes_of(plan: Plan, code: NoteCode) -> list[str]:
    return [note.subject for note in prove(plan, TUESDAY_11).notes if note.code is code]


def test_notes_tell_what_is_unreachable_unused_or_unanswered() -> None:
    plan = plan_with_two_levels()
    stray = replace(plan.menus[MAIN_MENU], id=MenuId("stray"))
    plan = replace(plan, menus={**plan.menus, stray.id: stray})
    assert notes_of(plan, NoteCode.UNREACHABLE_MENU) == ["stray"]
    assert notes_of(plan, NoteCode.KEYS_TO_HUMAN) == ["main", "more"]
    assert notes_of(without_operators("sumy"), NoteCode.QUEUE_WITHOUT_OPERATORS) == ["sumy"]
    assert notes_of(without_operators("chernivtsi"), NoteCode.OPERATOR_WITHOUT_QUEUE) == [
        "chernivtsi01", "chernivtsi02",
    ]  # fmt: skip
    assert notes_of(with_service(small_plan(), closed_announcement=None), NoteCode.UNUSED_PROMPT) == ["sumy-closed"]
    assert notes_of(small_plan(), NoteCode.LONGEST_PROMPT) == ["main-menu"]


def test_notes_tell_weeks_without_an_open_hour() -> None:
    assert notes_of(small_plan(), NoteCode.WEEK_WITHOUT_HOURS) == []
    never = with_sumy_hours(small_plan(), ((),) * 7)
    assert set(notes_of(never, NoteCode.WEEK_WITHOUT_HOURS)) == {"consultation"}


def test_the_shipped_plan_says_that_its_centres_are_samples() -> None:
    assert [
        note.text for note in prove(legal_aid_plan(), TUESDAY_11).notes if note.code is NoteCode.SAMPLE_CENTRES
    ] == ["27 of 27 centres have sample contacts, no real numbers"]


def test_every_way_in_which_a_number_does_not_answer_is_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    walked = set[str]()

    def remember(plan: Plan, facts: Facts, moment: datetime) -> Decision:
        if facts.dial_status is not None:
            walked.add(facts.dial_status)
        return decide(plan, facts, moment)

    monkeypatch.setattr(proof, "decide", remember)
    assert prove(small_plan(), TUESDAY_11).is_proven
    assert walked == {*FAILED_DIAL_STATUSES, "NOTRUNK", ""}
