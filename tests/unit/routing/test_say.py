"""Numbers as callers hear them: checked word by word, in both languages, for every number that can be said."""

import itertools

import pytest

from routing.languages import Language
from routing.plan import Plan, PromptId
from routing.say import LARGEST_NUMBER, digits, hours, minutes, number, say_prompts
from tests.unit.routing.plans import legal_aid_plan

PIECES = say_prompts()


def said(prompts: tuple[PromptId, ...], language: Language = Language.UK) -> str:
    return " ".join(PIECES[each].text.in_language(language) for each in prompts)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "нуль хвилин"),
        (1, "одна хвилина"),
        (2, "дві хвилини"),
        (3, "три хвилини"),
        (4, "чотири хвилини"),
        (5, "п'ять хвилин"),
        (10, "десять хвилин"),
        (11, "одинадцять хвилин"),
        (12, "дванадцять хвилин"),
        (14, "чотирнадцять хвилин"),
        (20, "двадцять хвилин"),
        (21, "двадцять одна хвилина"),
        (22, "двадцять дві хвилини"),
        (25, "двадцять п'ять хвилин"),
        (41, "сорок одна хвилина"),
        (90, "дев'яносто хвилин"),
        (100, "сто хвилин"),
        (101, "сто одна хвилина"),
        (102, "сто дві хвилини"),
        (111, "сто одинадцять хвилин"),
        (112, "сто дванадцять хвилин"),
        (242, "двісті сорок дві хвилини"),
        (999, "дев'ятсот дев'яносто дев'ять хвилин"),
    ],
)
def test_minutes_follow_the_ukrainian_cases(count: int, told: str) -> None:
    assert said(minutes(count)) == told


@pytest.mark.parametrize(
    ("count", "told"), [(1, "одна година"), (2, "дві години"), (5, "п'ять годин"), (21, "двадцять одна година")]
)
def test_hours_follow_the_ukrainian_cases(count: int, told: str) -> None:
    assert said(hours(count)) == told


@pytest.mark.parametrize(
    ("count", "told"), [(0, "zero minutes"), (1, "one minute"), (2, "two minutes"), (21, "twenty one minutes")]
)
def test_english_knows_one_minute_and_minutes(count: int, told: str) -> None:
    assert said(minutes(count), Language.EN) == told


def test_a_number_alone_is_masculine() -> None:
    assert said(number(1)) == "один"
    assert said(number(322)) == "триста двадцять два"
    assert said(number(322, feminine=True)) == "триста двадцять дві"


def test_eleven_and_twelve_have_no_feminine() -> None:
    assert number(11, feminine=True) == number(11) == (PromptId("say-11"),)
    assert number(112, feminine=True) == (PromptId("say-100"), PromptId("say-12"))


def test_every_number_has_its_own_words_and_they_add_up_to_it() -> None:
    values = {piece: int(piece.removeprefix("say-").removesuffix("-f")) for piece in PIECES if piece[4].isdigit()}
    for feminine in (False, True):
        rows = {value: number(value, feminine=feminine) for value in range(LARGEST_NUMBER + 1)}
        assert len(set(rows.values())) == len(rows)
        assert all(sum(values[piece] for piece in row) == value for value, row in rows.items())
        assert all(values[one] > values[two] for row in rows.values() for one, two in itertools.pairwise(row))


def test_whatever_can_be_said_has_a_text_in_both_languages() -> None:
    for value in range(LARGEST_NUMBER + 1):
        for row in (number(value), number(value, feminine=True), minutes(value), hours(value)):
            assert all(PIECES[piece].text.uk and PIECES[piece].text.en for piece in row)


def test_digits_are_read_one_by_one_and_the_rest_is_left_out() -> None:
    assert digits("0-800 21") == tuple(map(PromptId, ("say-0", "say-8", "say-0", "say-0", "say-2", "say-1")))
    assert said(digits("+380")) == "три вісім нуль"
    assert digits("²٣") == ()


@pytest.mark.parametrize("value", [-1, LARGEST_NUMBER + 1])
def test_a_number_without_words_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="only 0 to 999 can be said"):
        number(value)


@pytest.mark.parametrize("plan", [legal_aid_plan()])
def test_every_plan_holds_all_pieces(plan: Plan) -> None:
    assert {piece: plan.prompts[piece] for piece in PIECES} == PIECES
