"""The walk through the menus: every outcome and attempt, and that it always ends."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.languages import Language, Text
from routing.menus import ANSWERS_LIMIT, Ask, Chosen, Key, MenuOutcome, Silence, Step, answer, enter, start
from routing.plan import Menu, MenuId, MenuOption, Plan, PromptId, ServiceId, ToMenu, ToService
from tests.plans import small_plan

SUB_MENU = MenuId("more")


def plan_with_two_levels() -> Plan:
    """The small plan, where key 3 leads to a second menu whose key 1 leads back down to the first."""
    plan = small_plan()
    main = plan.menus[plan.line.entry_menu]
    title = Text(uk="Ще", en="More")
    sub = Menu(
        id=SUB_MENU,
        title=title,
        prompt=PromptId("more"),
        options=(
            MenuOption(key="1", title=title, target=ToService(service=ServiceId("guidance"))),
            MenuOption(key="2", title=title, target=ToMenu(menu=main.id)),
        ),
        timeout_s=5,
        no_input_tries=2,
        no_match_tries=3,
    )
    option = MenuOption(key="3", title=title, target=ToMenu(menu=SUB_MENU))
    main = replace(main, options=(*main.options, option), no_input_tries=2, no_match_tries=3)
    return replace(plan, menus={main.id: main, SUB_MENU: sub})


def walk(plan: Plan, keys: str) -> Step:
    """Gives the step after the keys; `t` is a silence."""
    step: Step = enter(plan, plan.line.entry_menu, Language.UK)
    for key in keys:
        assert isinstance(step, Ask), f"the menus ended before {key}"
        step = answer(plan, step.position, Silence() if key == "t" else Key(key=key))
    return step


@pytest.mark.parametrize(("keys", "service", "why"), [
    ("1", "consultation", "menu-option"),
    ("2", "guidance", "menu-option"),
    ("31", "guidance", "menu-option"),
    ("0", "operator", "key-operator"),
    ("30", "operator", "key-operator"),
    ("4", "detention", "key-detention"),
    ("34", "detention", "key-detention"),
    ("tt", "operator", "silence"),
    ("777", "operator", "wrong-keys"),
    ("78A", "operator", "wrong-keys"),
    ("7t7t", "operator", "silence"),
    ("7t1", "consultation", "menu-option"),
    ("77*7", "operator", "wrong-keys"),
    ("3#1", "consultation", "menu-option"),
    ("91", "consultation", "menu-option"),
    ("9tt", "operator", "silence"),
])  # fmt: skip
def test_a_walk_ends_at_the_service(keys: str, service: str, why: str) -> None:
    step = walk(plan_with_two_levels(), keys)
    assert isinstance(step, Chosen)
    assert (step.service, step.why.code, step.keys) == (service, why, tuple(keys))


@pytest.mark.parametrize(("keys", "outcome", "attempt", "prompts"), [
    ("t", MenuOutcome.NO_INPUT, 1, ("main-menu",)),
    ("7", MenuOutcome.NO_MATCH, 1, ("wrong-key", "main-menu")),
    ("77", MenuOutcome.NO_MATCH, 2, ("wrong-key", "main-menu")),
    ("t7", MenuOutcome.NO_MATCH, 2, ("wrong-key", "main-menu")),
    ("7*", MenuOutcome.MATCH, 2, ("main-menu",)),
    ("3", MenuOutcome.MATCH, 1, ("more",)),
    ("37", MenuOutcome.NO_MATCH, 1, ("wrong-key", "more")),
    ("3#", MenuOutcome.MATCH, 1, ("main-menu",)),
    ("#", MenuOutcome.MATCH, 1, ("main-menu",)),
    ("39", MenuOutcome.MATCH, 1, ("more",)),
])  # fmt: skip
def test_each_outcome_and_attempt_asks_again(
    keys: str, outcome: MenuOutcome, attempt: int, prompts: tuple[str, ...]
) -> None:
    step = walk(plan_with_two_levels(), keys)
    assert isinstance(step, Ask)
    assert step.answered is not None
    assert (step.answered.outcome, step.answered.attempt, step.prompts) == (outcome, attempt, prompts)


def test_star_does_not_count_as_a_wrong_key() -> None:
    step = walk(plan_with_two_levels(), "7***7")
    assert isinstance(step, Ask)
    assert step.position.no_matches == 2


def test_the_language_key_turns_to_the_other_language_and_back() -> None:
    plan = plan_with_two_levels()
    languages = [step.position.language for step in (walk(plan, "9"), walk(plan, "99")) if isinstance(step, Ask)]
    assert languages == [Language.EN, Language.UK]


def test_the_language_key_is_a_wrong_key_on_a_line_of_one_language() -> None:
    plan = plan_with_two_levels()
    plan = replace(plan, line=replace(plan.line, languages=(Language.UK,)))
    step = walk(plan, "9")
    assert isinstance(step, Ask)
    assert step.answered is not None
    assert step.answered.outcome is MenuOutcome.NO_MATCH
    assert "9" not in step.accepted


def test_a_call_begins_with_the_greeting_in_the_first_language() -> None:
    plan = plan_with_two_levels()
    ask = start(plan)
    assert ask.prompts == ("greeting", "main-menu")
    assert ask.position.language is Language.UK
    assert ask.answered is None


def test_two_digits_at_once_are_a_wrong_key() -> None:
    plan = plan_with_two_levels()
    step = answer(plan, start(plan).position, Key(key="12"))
    assert isinstance(step, Ask)
    assert step.prompts[0] == "wrong-key"


@pytest.mark.parametrize("key", ["*", "9", "#"])
def test_a_stuck_key_leads_to_an_operator(key: str) -> None:
    step = walk(plan_with_two_levels(), key * ANSWERS_LIMIT)
    assert isinstance(step, Chosen)
    assert (step.service, step.why.code) == ("operator", "too-many-answers")


def test_a_service_chosen_with_the_last_answer_allowed_is_kept() -> None:
    step = walk(plan_with_two_levels(), "*" * (ANSWERS_LIMIT - 1) + "4")
    assert isinstance(step, Chosen)
    assert step.service == "detention"


@given(st.lists(st.sampled_from("0123456789*#ABCDt"), min_size=ANSWERS_LIMIT, max_size=ANSWERS_LIMIT))
def test_a_menu_always_ends_at_a_service_that_exists(keys: list[str]) -> None:
    plan = plan_with_two_levels()
    step: Step = start(plan)
    for key in keys:
        if isinstance(step, Chosen):
            break
        step = answer(plan, step.position, Silence() if key == "t" else Key(key=key))
    assert isinstance(step, Chosen)
    assert step.service in plan.services


@given(st.lists(st.sampled_from("123*#79t"), max_size=8))
def test_one_key_leads_to_a_person_from_everywhere(keys: list[str]) -> None:
    plan = plan_with_two_levels()
    step: Step = start(plan)
    for key in keys:
        if isinstance(step, Ask):
            step = answer(plan, step.position, Silence() if key == "t" else Key(key=key))
    if isinstance(step, Ask):
        step = answer(plan, step.position, Key(key="0"))
        assert isinstance(step, Chosen)
        assert step.service == plan.line.operator_service
