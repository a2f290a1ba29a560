"""Numbers: the forms in which trunks send them, and callers' numbers as E.164."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.numbers import did_forms, normalise_caller
from routing.plan import Did


def test_the_free_line_has_all_six_forms() -> None:
    assert did_forms(Did("+380800213103")) == (
        "+380800213103", "380800213103", "0800213103", "800213103", "80800213103", "00380800213103",
    )  # fmt: skip


def test_a_number_outside_ukraine_has_only_international_forms() -> None:
    assert did_forms(Did("+48221234567")) == ("+48221234567", "48221234567", "0048221234567")


@pytest.mark.parametrize("did", ["+380800213103", "+380443631041"])
def test_every_form_of_a_did_is_understood_as_the_same_number(did: str) -> None:
    assert {normalise_caller(form) for form in did_forms(Did(did))} == {did}


@pytest.mark.parametrize("raw", [
    "", "anonymous", "unknown", "restricted", "Anonymous", "102", "12345", "+380", "+38044363104", "+3804436310411",
    "48221234567", "٠443631041", "+380443631041;x", "+380\n443631041", "0043", "9" * 5_000, "+0443631041",
])  # fmt: skip
def test_what_is_no_whole_number_is_none(raw: str) -> None:
    assert normalise_caller(raw) is None


@pytest.mark.parametrize(("raw", "number"), [
    ("+380 (44) 363-10-41", "+380443631041"),
    ("8 044 363 10 41", "+380443631041"),
    ("443631041", "+380443631041"),
    ("+48221234567", "+48221234567"),
    ("0048221234567", "+48221234567"),
])  # fmt: skip
def test_forms_of_callers_become_e164(raw: str, number: str) -> None:
    assert normalise_caller(raw) == number


@given(st.text(max_size=40))
def test_any_text_gives_e164_or_none(raw: str) -> None:
    number = normalise_caller(raw)
    assert number is None or (number[0] == "+" and number[1:].isdecimal() and number.isascii() and len(number) <= 16)
