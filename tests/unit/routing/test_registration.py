"""Registration numbers and their check digit."""

from datetime import date

import pytest

from routing.registration import check_digit, is_registration_number, registration_number

DAY = date(2026, 11, 24)
NUMBER = registration_number(0, DAY, 1)


def test_a_number_tells_source_day_and_count() -> None:
    assert NUMBER.startswith("00-261124-0001-")
    assert registration_number(7, DAY, 9_999).startswith("07-261124-9999-")


def test_the_check_digit_is_damms() -> None:
    assert check_digit("572") == "4"
    assert check_digit("5724") == "0"


def test_a_number_with_its_check_digit_is_known() -> None:
    assert is_registration_number(NUMBER)


@pytest.mark.parametrize("place", [place for place, each in enumerate(NUMBER) if each != "-"])
def test_every_wrong_digit_is_found(place: int) -> None:
    for digit in "0123456789":
        wrong = NUMBER[:place] + digit + NUMBER[place + 1 :]
        assert is_registration_number(wrong) is (digit == NUMBER[place])


def test_every_swap_of_neighbours_is_found() -> None:
    for count in range(1, 300):
        digits = registration_number(12, DAY, count).replace("-", "")
        for place in range(len(digits) - 1):
            first, second = digits[place], digits[place + 1]
            swapped = digits[:place] + second + first + digits[place + 2 :]
            assert (check_digit(swapped) == "0") is (first == second)


@pytest.mark.parametrize("text", ["", "00-261124-0001", "٠٠-261124-0001-0", NUMBER + "\n", NUMBER.replace("-", "")])
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    assert not is_registration_number(text)


@pytest.mark.parametrize(("source", "count"), [(-1, 1), (100, 1), (0, 0), (0, 10_000)])
def test_what_does_not_fit_into_the_digits_is_refused(source: int, count: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        registration_number(source, DAY, count)
