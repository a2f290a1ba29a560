"""The call's channel as a script sees it: pyst2's AGI, tamed.

The only module that imports pyst2. It may not print anything: Asterisk takes every line on stdout for a command.
Why a cage around pyst2 0.5.1 (asterisk/agi.py): it copies every line, callers' numbers too, to stderr; it puts values
between quotes without escaping them; at the end of input it fails with `ValueError`, or loops for ever inside a
`520-` reply. `tests/unit/agi_scripts/test_channel.py` shows that each is still so.
"""

import os
import select
import time
from typing import Final, TextIO

from asterisk.agi import AGI, AGIException, AGIHangup

from asterisk_conf.names import Variable

LINE_LIMIT_BYTES: Final = 16_384
"""Longest line that Asterisk may send us."""
COMMAND_LIMIT_BYTES: Final = 8_000
"""Source: res/res_agi.c, AGI_BUF_LEN: longer commands are cut in two."""
UNPRINTABLE_BELOW: Final = 0x20


class ChannelError(Exception):
    """Base of what can go wrong with the channel."""


class ChannelClosedError(ChannelError):
    """Asterisk closed the channel: the caller is gone."""


class ChannelTimeoutError(ChannelError):
    """Asterisk did not answer within the deadline."""


class ReplyError(ChannelError):
    """Asterisk refused a command or sent something that is no reply."""


class ValueRefusedError(ChannelError):
    """A value cannot be sent: it would end the command or is too long."""


class _Silence:
    """Takes pyst2's chatter and forgets it."""

    def write(self, text: str) -> int:
        return len(text)


class DeadlineLines:
    """Lines of a file descriptor, read within one deadline for all of them."""

    def __init__(self, descriptor: int, *, deadline_s: float) -> None:
        self._descriptor = descriptor
        self._ends_at = time.monotonic() + deadline_s
        self._pending = b""

    def readline(self) -> str:
        """Gives the next line with its newline; bytes that are no UTF-8 become replacement characters.

        Raises:
            ChannelClosedError: The input ended before the line did.
            ChannelTimeoutError: The line was not complete in time.
            ReplyError: The line is longer than `LINE_LIMIT_BYTES`.
        """
        while b"\n" not in self._pending:
            if len(self._pending) > LINE_LIMIT_BYTES:
                raise ReplyError(f"a line of over {LINE_LIMIT_BYTES} bytes")
            self._pending += self._read_some()
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode("utf-8", errors="replace") + "\n"

    def _read_some(self) -> bytes:
        left_s = max(0.0, self._ends_at - time.monotonic())
        if not select.select([self._descriptor], [], [], left_s)[0]:
            raise ChannelTimeoutError("Asterisk sent nothing before the deadline")
        piece = os.read(self._descriptor, 4_096)
        if not piece:
            raise ChannelClosedError("the input ended")
        return piece


def quotable(value: str) -> str:
    r"""Gives `value` with `"` and `\` escaped, ready to stand between quotes in a command.

    Source: res/res_agi.c, parse_args(): a backslash takes the next character as it is.

    Raises:
        ValueRefusedError: It holds a control character, or makes the command too long.
    """
    if any(ord(character) < UNPRINTABLE_BELOW for character in value):
        raise ValueRefusedError("a control character in a value")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if len(escaped.encode()) > COMMAND_LIMIT_BYTES:
        raise ValueRefusedError(f"a value of over {COMMAND_LIMIT_BYTES} bytes")
    return escaped


class Channel:
    """The channel on which Asterisk started this script. Its header block is read, and dropped, at once."""

    def __init__(self, *, stdin_descriptor: int, stdout: TextIO, deadline_s: float) -> None:
        """Reads the header block.

        Args:
            stdin_descriptor: Where Asterisk's replies come from.
            stdout: Where commands go.
            deadline_s: How long everything together may take, in seconds.

        Raises:
            ChannelError: The header block did not come, or not in time.
        """
        lines = DeadlineLines(stdin_descriptor, deadline_s=deadline_s)
        self._agi = AGI(stdin=lines, stdout=stdout, stderr=_Silence())

    def set_variable(self, name: Variable, value: str) -> None:
        """Sets one of our channel variables.

        Raises:
            ValueRefusedError: The value cannot be sent.
            ChannelClosedError: The caller or Asterisk is gone.
            ChannelTimeoutError: Asterisk did not confirm in time.
            ReplyError: Asterisk refused.
        """
        value = quotable(value)
        try:
            self._agi.set_variable(name.value, value)
        except (AGIHangup, BrokenPipeError) as error:
            raise ChannelClosedError("the caller hung up") from error
        except (AGIException, ValueError) as error:
            raise ReplyError(f"SET VARIABLE {name.value} was not confirmed: {type(error).__name__}") from error
