"""What menus read out: who hears which hotlines, how centres are told, and the digits in words."""

from dataclasses import replace
from datetime import date

import pytest

from routing.languages import Language, Text
from routing.menus import ANSWERS_LIMIT, Ask, Chosen, Key, MenuOutcome, Silence, Step, answer, is_whole, start
from routing.plan import Centre, CentreId, Did, Plan
from routing.prompt_notes import heard_prompts, unnamed_keys
from routing.readings import (
    Listener,
    centre_of,
    centre_text,
    generated_prompts,
    hotlines_for,
    is_inside_ukraine,
)
from routing.spoken_digits import international, spelt_email, spelt_number
from tests.unit.routing.plans import legal_aid_plan

DOMESTIC, ABROAD = Did("+380800213103"), Did("+380443631041")
CENTRE = Centre(
    id=CentreId("sample"),
    region=Text(uk="Сумська область", en="Sumy oblast"),
    key="54",
    iso="UA-59",
    name=Text(uk="Центр", en="Centre"),
    phones=("+380000000054", "+380000000154"),
    is_sample=False,
    valid_from=None,
    valid_until=None,
    address=Text(uk="вулиця Зразкова, 1", en="1 Sample Street"),
    hours_text=Text(uk="з дев'ятої до вісімнадцятої", en="from nine to six"),
    email="a1@b.ua",
    other=Text(uk="Вхід із двору", en="Entrance from the yard"),
)


def walk(plan: Plan, *keys: str, listener: Listener | None = None) -> Step:
    step: Step = start(plan, listener=listener)
    for key in keys:
        assert isinstance(step, Ask), f"the menus ended before {key}"
        step = answer(plan, step.position, Silence() if key == "t" else Key(key=key))
    return step


@pytest.mark.parametrize(("did", "caller", "is_inside"), [
    (DOMESTIC, "+380501234567", True),
    (DOMESTIC, None, True),
    (DOMESTIC, "+48221234567", False),
    (ABROAD, "+48221234567", False),
    (ABROAD, "+380501234567", False),
    (ABROAD, None, False),
    (None, None, True),
    (None, "+48221234567", False),
])  # fmt: skip
def test_short_numbers_are_for_callers_from_inside_ukraine(
    did: Did | None, caller: str | None, *, is_inside: bool
) -> None:
    assert is_inside_ukraine(did, caller) is is_inside


def test_hotlines_for_people_in_danger_come_first_and_the_first_is_the_emergency() -> None:
    told = hotlines_for(legal_aid_plan(), Listener())
    assert [each.is_danger for each in told] == sorted((each.is_danger for each in told), reverse=True)
    assert [each.number for each in told[0].numbers[:2]] == ["112", "102"]
    assert len(told) == len(legal_aid_plan().hotlines)


def test_callers_from_abroad_hear_no_short_number() -> None:
    plan = legal_aid_plan()
    for hotline in hotlines_for(plan, Listener(is_inside=False)):
        text = next(each.text for each in generated_prompts([hotline], []) if each.id.endswith("-abroad"))
        short = [spelt_number(each.number, Language.UK) for each in hotline.numbers if each.is_short]
        assert not any(f": {number}." in text.uk for number in short)
        assert ": плюс, три, вісім, нуль" in text.uk
    assert "emergency" not in {each.id for each in hotlines_for(plan, Listener(is_inside=False))}


@pytest.mark.parametrize("language", list(Language))
def test_every_number_is_said_twice_digit_by_digit(language: Language) -> None:
    hotlines = legal_aid_plan().hotlines.values()
    texts = {str(each.id): each.text.in_language(language) for each in generated_prompts(hotlines, [])}
    for hotline in hotlines:
        for number in hotline.numbers:
            assert texts[f"hotline-{hotline.id}"].count(f": {spelt_number(number.number, language)}.") == 2


def test_digits_letters_and_signs_are_told_one_by_one() -> None:
    assert spelt_number("+38 0", Language.UK) == "плюс, три, вісім, нуль"
    assert spelt_number("105", Language.EN) == "one, zero, five"
    assert spelt_email("a1-b@c.ua", Language.UK) == "а, один, дефіс, бе, собака, це, крапка, у, а"
    assert spelt_email("A_1@c.ua", Language.EN) == "A, underscore, one, at, C, dot, U, A"
    assert (international("0800507309"), international("+48221234567")) == ("+380800507309", "+48221234567")


def test_a_centre_is_read_out_with_everything_that_is_known_of_it() -> None:
    text = centre_text(CENTRE)
    assert text.uk.startswith("Сумська область. Центр. Адреса: вулиця Зразкова, 1. Години роботи: з дев'ятої")
    assert text.uk.count("нуль, п'ять, чотири.") == 2
    assert "Ще один телефон: плюс" in text.uk
    assert "Електронна пошта: а, один, собака, бе, крапка, у, а. Повторюю: а, один" in text.uk
    assert text.uk.endswith("Вхід із двору.")
    assert text.en.startswith("Sumy oblast. Centre. Address: 1 Sample Street.")


def test_sample_contacts_are_never_read_out() -> None:
    text = centre_text(replace(CENTRE, is_sample=True))
    assert "плюс" not in text.uk
    assert "plus" not in text.en
    assert "оператор" in text.uk


def test_the_centre_of_a_code_is_the_one_that_is_valid_on_the_day() -> None:
    old = replace(CENTRE, id=CentreId("old"), valid_until=date(2026, 1, 1))
    new = replace(CENTRE, id=CentreId("new"), valid_from=date(2026, 1, 1))
    plan = replace(legal_aid_plan(), centres={old.id: old, new.id: new})
    assert centre_of(plan, "54", date(2025, 12, 31)) == "old"
    assert centre_of(plan, "54", date(2026, 1, 1)) == "new"
    assert centre_of(plan, "54", None) == "old"
    assert centre_of(plan, "00", None) is None


def test_every_region_of_the_table_is_found_by_its_code() -> None:
    plan = legal_aid_plan()
    for centre in plan.centres.values():
        step = walk(plan, "5", centre.key, "1")
        assert isinstance(step, Chosen)
        assert (step.service, step.centre, step.why.code) == ("centres", centre.id, "centre-chosen")


@pytest.mark.parametrize(("keys", "service", "why"), [
    ("2,t,t,t,t", "aid_info", "silence"),
    ("2,1,1,1,0", "aid_info", "key-operator"),
    ("2,1,1,1,1,1,1", "aid_info", "wrong-keys"),
    ("2,1,4", "detention", "key-detention"),
    ("3,1,#,1", "consultation", "menu-option"),
    ("5,4", "detention", "key-detention"),
    ("5,t,t", "centres", "silence"),
    ("5,99,0", "centres", "key-operator"),
    ("5,99,98,5", "centres", "wrong-keys"),
    ("5,54,t", "centres", "silence"),
    ("5,54,2,37,1", "centres", "centre-chosen"),
    ("5,54,#,#,1", "consultation", "menu-option"),
    ("5,54,2,#,1", "consultation", "menu-option"),
])  # fmt: skip
def test_what_is_read_out_ends_where_the_caller_wants(keys: str, service: str, why: str) -> None:
    step = walk(legal_aid_plan(), *keys.split(","))
    assert isinstance(step, Chosen)
    assert (step.service, step.why.code) == (service, why)
    assert (step.centre is not None) == (why == "centre-chosen")


def test_parts_follow_each_other_and_the_last_one_offers_no_next() -> None:
    plan = legal_aid_plan()
    steps = [walk(plan, "2", *"1t1"[:count]) for count in range(4)]
    assert [step.prompts for step in steps if isinstance(step, Ask)] == [
        ("aid-who", "aid-next"), ("aid-what", "aid-next"), ("aid-how", "aid-next"), ("aid-detained", "aid-last"),
    ]  # fmt: skip
    assert ["1" in step.accepted for step in steps if isinstance(step, Ask)] == [True, True, True, False]


def test_a_wrong_key_repeats_the_question_and_star_the_part_too() -> None:
    plan = legal_aid_plan()
    wrong, again = walk(plan, "2", "7"), walk(plan, "2", "*")
    assert isinstance(wrong, Ask)
    assert isinstance(again, Ask)
    assert (wrong.prompts, wrong.part) == (("wrong-key", "aid-next"), None)
    assert (again.prompts, again.part_ends) == (("aid-who", "aid-next"), 1)


def test_the_language_key_reads_the_same_part_in_the_other_language() -> None:
    step = walk(legal_aid_plan(), "3", "1", "9")
    assert isinstance(step, Ask)
    assert (step.position.language, step.prompts[0]) == (Language.EN, "hotline-domestic-violence")


def test_an_unknown_code_is_told_as_that_and_asked_for_again() -> None:
    step = walk(legal_aid_plan(), "5", "99")
    assert isinstance(step, Ask)
    assert step.prompts == ("centres-unknown", "centres-code")
    assert step.answered is not None
    assert (step.answered.outcome, step.answered.key) == (MenuOutcome.NO_MATCH, "99")


@pytest.mark.parametrize(("typed", "is_enough"), [
    ("4", False), ("5", False), ("44", True), ("0", True), ("*", True), ("#", True), ("9", True), ("5*", True),
])  # fmt: skip
def test_a_4_waits_for_a_second_digit_and_other_reserved_keys_do_not(typed: str, *, is_enough: bool) -> None:
    step = walk(legal_aid_plan(), "5")
    assert isinstance(step, Ask)
    assert is_whole(step, typed) is is_enough


def test_a_4_is_a_whole_answer_where_no_code_is_asked_for() -> None:
    step = walk(legal_aid_plan(), "5", "54")
    assert isinstance(step, Ask)
    assert is_whole(step, "4")


def test_a_line_without_hotlines_leads_straight_to_an_operator() -> None:
    step = walk(replace(legal_aid_plan(), hotlines={}), "3")
    assert isinstance(step, Chosen)
    assert (step.service, step.why.code) == ("hotlines", "nothing-to-read")


def test_who_only_listens_comes_to_an_operator_within_the_limit_of_answers() -> None:
    step = walk(legal_aid_plan(), "3", *"t" * 9)
    assert isinstance(step, Chosen)
    assert len(step.keys) < ANSWERS_LIMIT
    assert step.why.code == "silence"


def test_going_to_a_menu_on_the_way_here_is_going_back_to_it() -> None:
    step = walk(legal_aid_plan(), "5", "54", "2", "54", "2")
    assert isinstance(step, Ask)
    assert step.position.parents == ("main",)


def test_the_texts_of_the_shipped_menus_name_every_key_after_what_it_is_for() -> None:
    plan = legal_aid_plan()
    assert [each for menu in plan.menus.values() for each in unnamed_keys(plan, menu)] == []
    assert all(len(menu.options) <= 5 for menu in plan.menus.values())
    keyless = plan.prompts[plan.menus[plan.line.entry_menu].prompt]
    worded = replace(keyless, text=replace(keyless.text, en=keyless.text.en.replace("press two", "press six")))
    wrong = replace(plan, prompts={**plan.prompts, keyless.id: worded})
    assert [subject for subject, _ in unnamed_keys(wrong, wrong.menus[wrong.line.entry_menu])] == ["main.2"]


@pytest.mark.parametrize(("word", "language"), [("натисніть нуль", Language.UK), ("press zero", Language.EN)])
def test_every_level_offers_an_operator(word: str, language: Language) -> None:
    plan = legal_aid_plan()
    for menu in plan.menus:
        said = " ".join(plan.prompts[each].text.in_language(language) for each in heard_prompts(plan, menu))
        assert word in said, menu
