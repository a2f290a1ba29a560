"""Names of sounds: another text is another sound, and the same text is the same one."""

from dataclasses import replace

from routing.languages import Language, Text
from routing.plan import Prompt, PromptId, Recording
from routing.prompts import is_outdated, recording_of, sound_name, sound_name_of, text_hash
from routing.snapshot import dumps, loads, to_document, version_of
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


def recording(language: Language, text: str, sha256: str = "0" * 64) -> Recording:
    return Recording(language=language, sha256=sha256, text_hash=text_hash(text))


def test_a_recording_is_another_sound_and_another_recording_is_another_again() -> None:
    one = replace(GREETING, recordings=(recording(Language.UK, "Вітаємо!"),))
    other = replace(GREETING, recordings=(recording(Language.UK, "Вітаємо!", "1" * 64),))
    english = replace(GREETING, recordings=(recording(Language.EN, "Welcome!"),))
    assert len({sound_name(GREETING), sound_name(one), sound_name(other), sound_name(english)}) == 4


def test_a_recording_of_an_older_text_is_not_played() -> None:
    changed = replace(GREETING, recordings=(recording(Language.UK, "Добрий день!"),))
    assert recording_of(changed, Language.UK) is None
    assert is_outdated(changed, Language.UK)
    assert not is_outdated(changed, Language.EN)
    assert sound_name(changed) == sound_name(GREETING)


def test_a_plan_without_recordings_keeps_the_version_that_it_had_before_there_were_any() -> None:
    document = to_document(small_plan())
    assert isinstance(document["prompts"], list)
    assert all(set(row) == {"id", "text"} for row in document["prompts"])


def test_recordings_survive_the_snapshot_and_make_another_version() -> None:
    plan = small_plan()
    recorded = replace(GREETING, recordings=(recording(Language.UK, GREETING.text.uk),))
    changed = replace(plan, prompts=plan.prompts | {GREETING.id: recorded})
    assert loads(dumps(changed)) == changed
    assert version_of(changed) != version_of(replace(plan, prompts=plan.prompts | {GREETING.id: GREETING}))
