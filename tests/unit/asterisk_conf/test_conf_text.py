"""Text for .conf files: what is let through, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from asterisk_conf.conf_text import (
    ConfTextError,
    conf_value,
    dialplan_word,
    environment,
    finalize,
    payload,
    payload_value,
    section_name,
    value_of,
)
from asterisk_conf.names import Context, Variable


@pytest.mark.parametrize("value", ["10.0.0.1", "a b", "Чернівці", 5, 0, Path("/var/lib"), Context.LINE, "", "a,b"])
def test_a_plain_value_stays_as_it_is(value: object) -> None:
    assert conf_value(value) == str(value)


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", "a\x7fb", "a\x85b", "a\u2028b", "a;b", "a\\;b", " a", "a "])
def test_a_value_that_changes_its_line_is_refused(value: str) -> None:
    with pytest.raises(ConfTextError):
        conf_value(value)


@pytest.mark.parametrize("value", [None, True, False, 1.5, ["a"], {"a": 1}, object()])
def test_what_is_neither_text_nor_a_number_is_refused(value: object) -> None:
    with pytest.raises(ConfTextError, match="neither text nor a number"):
        conf_value(value)


@pytest.mark.parametrize("name", ["trunk-selftest", "sumy", "/var/lib/x/cel.jsonl", "a.b_c"])
def test_a_section_name_stays_as_it_is(name: str) -> None:
    assert section_name(name) == name


@pytest.mark.parametrize("name", ["", "a]b", "a b", "a(b)", "a;b", "a\nb", "-a", "Чернівці"])
def test_a_section_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfTextError):
        section_name(name)


@given(st.text())
def test_a_word_of_the_dialplan_never_holds_what_the_dialplan_reads(text: str) -> None:
    try:
        word = dialplan_word(text)
    except ConfTextError:
        return
    assert word == text
    assert not set(word) & set("\"'\\,;${}[]()&|=!?<> \n\r\0")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_a_literal_in_a_payload_is_safe_whatever_it_says(text: str) -> None:
    assert finalize(payload_value(text)) == payload_value(text)
    assert not set(payload_value(text)) & set('"\\,;${}[]()& \n')


def test_a_payload_joins_its_fields_with_escaped_semicolons() -> None:
    assert payload({"a": "1", "b": "${X}"}) == r"a=1\;b=${X}"


@pytest.mark.parametrize("fields", [{"a": "1,2"}, {"a": "1;2"}, {"a;": "1"}, {"a": "1\n2"}, {"a,b": ""}])
def test_a_payload_with_a_separator_in_a_part_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ConfTextError):
        payload(fields)


def test_a_variable_becomes_an_expression() -> None:
    assert value_of(Variable.QUEUE) == "${HOTLINE_QUEUE}"


@pytest.mark.parametrize("name", ["", "a", "A}", "A:1", "SHELL(id)"])
def test_an_expression_of_something_else_is_refused(name: str) -> None:
    with pytest.raises(ConfTextError):
        value_of(name)


@pytest.mark.parametrize("value", ["a\nb", "a;b", None])
def test_a_template_cannot_print_what_no_filter_saw(value: object) -> None:
    with pytest.raises(ConfTextError):
        environment().from_string("x = {{ value }}").render(value=value)


def test_a_template_cannot_print_what_is_not_there() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("x = {{ value }}").render()
