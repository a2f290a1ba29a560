"""Names of sounds: another text is another sound, and the same text is the same one."""

from dataclasses import replace

from routing.plan import Prompt, PromptId, Text
from routing.prompts import sound_name, sound_name_of
from tests.plans import small_plan

GREETING = Prompt(id=PromptId("greeting"), text=Text(uk="Вітаємо!", en="Welcome!"))


def test_the_name_is_the_id_and_eight_digits_of_the_texts_hash() -> None:
    assert sound_name(GREETING) == "greeting-2f26445c"


def test_a_change_in_either_language_is_another_sound() -> None:
    changed = [
        replace(GREETING, text=Text(uk="Вітаємо.", en="Welcome!")),
        replace(GREETING, text=Text(uk="Вітаємо!", en="Welcome.")),
    ]
    assert len({sound_name(GREETING), *map(sound_name, changed)}) == 3


def test_a_letter_that_moves_from_one_language_to_the_other_is_another_sound() -> None:
    one, other = (replace(GREETING, text=text) for text in (Text(uk="ab", en="c"), Text(uk="a", en="bc")))
    assert sound_name(one) != sound_name(other)


def test_a_prompt_of_the_plan_is_found_and_another_keeps_its_id() -> None:
    plan = small_plan()
    assert sound_name_of(plan, PromptId("greeting")) == sound_name(plan.prompts[PromptId("greeting")])
    assert sound_name_of(plan, PromptId("unknown")) == "unknown"
