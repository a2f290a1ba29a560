"""Commands as Asterisk reads them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_conf.names import Variable
from ivr.agi import commands
from ivr.agi.errors import UnsafeArgument


def asterisk_reads(line: bytes) -> list[str]:
    """Cuts a line into arguments as `parse_args` of res/res_agi.c does."""
    words: list[str] = []
    word, is_quoted, is_escaped, has_word = "", False, False, False
    for character in line.decode().removesuffix("\n"):
        if is_escaped:
            word, is_escaped = word + character, False
        elif character == "\\":
            is_escaped = has_word = True
        elif character == '"':
            is_quoted, has_word = not is_quoted, True
        elif character in " \t" and not is_quoted:
            words += [word] if has_word else []
            word, has_word = "", False
        else:
            word, has_word = word + character, True
    return words + ([word] if has_word else [])


AWKWARD = ['"', "\\", 'a"b\\c', "", " ", "${EVIL}", "Львів", "'", "a,b", "\t", '\\"']


@pytest.mark.parametrize("text", AWKWARD)
def test_an_argument_comes_back_as_it_was(text: str) -> None:
    assert asterisk_reads(commands.command_line("NOOP", text, "x")) == ["NOOP", text, "x"]


@given(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=300))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert asterisk_reads(commands.set_variable(Variable.KEYS.value, text)) == ["SET", "VARIABLE", "HOTLINE_KEYS", text]


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "a\nSET VARIABLE x y", "\ud800"])
def test_a_character_that_would_begin_a_command_is_refused_in_every_argument(bad: str) -> None:
    writers: tuple[Callable[[], bytes], ...] = (
        lambda: commands.set_variable(Variable.KEYS.value, bad),
        lambda: commands.set_variable(bad, "x"),
        lambda: commands.execute("CELGenUserEvent", bad),
        lambda: commands.execute("CELGenUserEvent", "x", bad),
        lambda: commands.execute(bad, "x"),
        lambda: commands.stream_file(bad),
        lambda: commands.stream_file("x", bad),
        lambda: commands.no_operation(bad),
    )
    for write in writers:
        with pytest.raises(UnsafeArgument):
            write()


def test_a_command_of_the_limit_is_written_and_one_byte_more_is_refused() -> None:
    room = commands.COMMAND_LIMIT_BYTES - len(b'NOOP ""\n')
    assert len(commands.no_operation("x" * room)) == commands.COMMAND_LIMIT_BYTES
    with pytest.raises(UnsafeArgument):
        commands.no_operation("x" * (room + 1))


@pytest.mark.parametrize("name", ["SHELL(id)", "CALLERID(num)", "HOTLINE_UNKNOWN", "TIMEOUT(digit)", ""])
def test_only_variables_of_the_list_are_set(name: str) -> None:
    with pytest.raises(UnsafeArgument):
        commands.set_variable(name, "1")


@pytest.mark.parametrize("application", ["System", "Dial", "AGI", "celgenuserevent", ""])
def test_only_applications_of_the_list_are_run(application: str) -> None:
    with pytest.raises(UnsafeArgument):
        commands.execute(application, "x")


def test_a_comma_cannot_begin_another_argument_of_an_application() -> None:
    with pytest.raises(UnsafeArgument):
        commands.execute("CELGenUserEvent", "HOTLINE_MENU", "a,b")


def test_the_data_of_an_application_is_one_quoted_word() -> None:
    line = commands.execute("CELGenUserEvent", "HOTLINE_MENU", "menu=main;key=1")
    assert line == b'EXEC "CELGenUserEvent" "HOTLINE_MENU,menu=main;key=1"\n'
