"""The caged pyst2: what it sends, what it refuses, and that the cage is still needed."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from asterisk.agi import AGI

from agi_scripts.channel import (
    COMMAND_LIMIT_BYTES,
    LINE_LIMIT_BYTES,
    Channel,
    ChannelClosedError,
    ChannelTimeoutError,
    DeadlineLines,
    ReplyError,
    ValueRefusedError,
    quotable,
)
from asterisk_conf.names import Variable

HEADER = b"agi_network: no\nagi_callerid: +380501234567\n\n"


class Asterisk:
    """The other side of the pipe: what it says is written beforehand."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        self.commands = io.StringIO()

    def says(self, *parts: bytes) -> None:
        os.write(self._write_end, b"".join(parts))

    def leaves(self) -> None:
        os.close(self._write_end)
        self._write_end = -1

    def channel(self, deadline_s: float = 5.0) -> Channel:
        return Channel(stdin_descriptor=self._read_end, stdout=self.commands, deadline_s=deadline_s)

    def close(self) -> None:
        os.close(self._read_end)
        if self._write_end >= 0:
            os.close(self._write_end)


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    side = Asterisk()
    yield side
    side.close()


def test_a_variable_is_set_with_one_quoted_command(asterisk: Asterisk) -> None:
    asterisk.says(HEADER, b"200 result=1\n")
    asterisk.channel().set_variable(Variable.OUTCOME, "queue")
    assert asterisk.commands.getvalue() == 'SET VARIABLE "HOTLINE_OUTCOME" "queue"\n'


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ('a"b', 'a\\"b'),
        ("a\\", "a\\\\"),
        ('" SET VARIABLE X "', '\\" SET VARIABLE X \\"'),
        ("${SHELL(id)}", "${SHELL(id)}"),
        ("Чернівці", "Чернівці"),
        ("", ""),
    ],
)
def test_quotes_and_backslashes_stay_inside_the_value(asterisk: Asterisk, value: str, sent: str) -> None:
    asterisk.says(HEADER, b"200 result=1\n")
    asterisk.channel().set_variable(Variable.SERVICE, value)
    assert asterisk.commands.getvalue() == f'SET VARIABLE "HOTLINE_SERVICE" "{sent}"\n'


@pytest.mark.parametrize("value", ["a\nHANGUP", "a\rb", "a\0b", "a\x1bb"])
def test_a_control_character_is_refused_and_nothing_is_sent(asterisk: Asterisk, value: str) -> None:
    asterisk.says(HEADER)
    with pytest.raises(ValueRefusedError):
        asterisk.channel().set_variable(Variable.SERVICE, value)
    assert asterisk.commands.getvalue() == ""


def test_a_value_longer_than_a_command_is_refused() -> None:
    assert quotable("x" * COMMAND_LIMIT_BYTES) == "x" * COMMAND_LIMIT_BYTES
    with pytest.raises(ValueRefusedError):
        quotable('"' * (COMMAND_LIMIT_BYTES // 2 + 1))


@pytest.mark.parametrize(
    "reply",
    [
        b"510 Invalid or unknown command\n",
        b"511 Command Not Permitted on a dead channel\n",
        b"520-Invalid command syntax.  Proper usage follows:\nUsage: SET VARIABLE\n520 End of proper usage.\n",
        b"200 result=-1\n",
        b"HANGUP\n",
        b"\n",
        b"\xff\xfe\n",
    ],
)
def test_any_other_reply_is_an_error(asterisk: Asterisk, reply: bytes) -> None:
    asterisk.says(HEADER, reply)
    with pytest.raises(ReplyError):
        asterisk.channel().set_variable(Variable.OUTCOME, "queue")


def test_input_that_ends_at_any_byte_ends_the_channel_and_never_loops() -> None:
    whole = HEADER + b"520-Usage\n520 End\n"
    for length in range(len(whole)):
        side = Asterisk()
        side.says(whole[:length])
        side.leaves()
        with pytest.raises(ChannelClosedError):
            side.channel().set_variable(Variable.OUTCOME, "queue")
        side.close()


def test_a_silent_asterisk_ends_at_the_deadline(asterisk: Asterisk) -> None:
    asterisk.says(b"agi_network: no\n")
    with pytest.raises(ChannelTimeoutError):
        asterisk.channel(deadline_s=0.01)


def test_an_endless_line_is_refused(asterisk: Asterisk) -> None:
    asterisk.says(b"x" * (LINE_LIMIT_BYTES + 4_097))
    with pytest.raises(ReplyError):
        asterisk.channel()


def test_a_name_cut_inside_a_cyrillic_letter_does_not_hurt(asterisk: Asterisk) -> None:
    asterisk.says(b"agi_calleridname: \xd0\nagi_x: \xff\x01\n\n", b"200 result=1\n")
    asterisk.channel().set_variable(Variable.OUTCOME, "queue")
    assert asterisk.commands.getvalue().count("\n") == 1


def test_nothing_of_the_caller_reaches_the_standard_streams(
    asterisk: Asterisk, capfd: pytest.CaptureFixture[str]
) -> None:
    asterisk.says(HEADER, b"200 result=1\n")
    asterisk.channel().set_variable(Variable.OUTCOME, "queue")
    assert capfd.readouterr() == ("", "")


def test_bare_pyst2_still_copies_numbers_to_stderr() -> None:
    chatter = io.StringIO()
    AGI(stdin=io.StringIO(HEADER.decode()), stdout=io.StringIO(), stderr=chatter)
    assert "+380501234567" in chatter.getvalue()


def test_bare_pyst2_still_lets_a_newline_begin_a_second_command() -> None:
    commands = io.StringIO()
    replies = io.StringIO(HEADER.decode() + "200 result=1\n")
    AGI(stdin=replies, stdout=commands, stderr=io.StringIO()).set_variable("X", "a\nHANGUP")
    assert commands.getvalue().splitlines()[1] == 'HANGUP"'


def test_bare_pyst2_still_takes_the_end_of_input_for_a_value_error() -> None:
    agi = AGI(stdin=io.StringIO(HEADER.decode()), stdout=io.StringIO(), stderr=io.StringIO())
    with pytest.raises(ValueError, match="invalid literal"):
        agi.set_variable("X", "a")


def test_a_line_that_comes_in_pieces_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"x" * 9_000 + b"\nsecond\n")
    with path.open("rb") as file:
        lines = DeadlineLines(file.fileno(), deadline_s=5.0)
        assert lines.readline() == "x" * 9_000 + "\n"
        assert lines.readline() == "second\n"
