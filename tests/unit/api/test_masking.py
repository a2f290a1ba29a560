import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kit.masking import masked_number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+380501234567", "+380 ••• 67"),
        ("0 50 123 45 67", "+380 ••• 67"),
        ("+48501234567", "+48 ••• 67"),
        ("0014155550123", "+1 ••• 23"),
        ("+99912345678", "••• 78"),
    ],
)
def test_of_a_number_only_its_country_and_its_last_two_digits_are_shown(number: str, shown: str) -> None:
    assert masked_number(number) == shown


@pytest.mark.parametrize("number", ["101", "7", "", "+", "anonymous", "+38050123456", "1" * 40])
def test_what_is_no_complete_number_is_hidden_whole(number: str) -> None:
    assert masked_number(number) == "•••"


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_no_number_shows_more_than_five_of_its_digits(number: str) -> None:
    shown = masked_number(number)
    country, _, last = shown.partition("•••")
    assert len(country.strip("+ ")) <= 3
    assert last in {"", f" {number[-2:]}"}
