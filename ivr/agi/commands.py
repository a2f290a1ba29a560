r"""Writes AGI commands: every argument quoted, every name on an allow-list, every line short enough.

Source: res/res_agi.c `parse_args` of Asterisk 22: `"` opens an argument, `\` takes the next character as it is. There
is no way to write a newline: one would be a second command.
"""

from functools import lru_cache

from asterisk_conf.names import Variable
from ivr.agi.errors import UnsafeArgument

COMMAND_LIMIT_BYTES = 8_000
"""Asterisk answers a line of over 8,192 bytes (AGI_BUF_LEN) with two 510, which puts replies out of step."""

DIGITS = "0123456789*#"
"""Keys that end a prompt."""
KEYS = DIGITS + "ABCD"
"""Keys that a telephone can send (RFC 4733, section 3.2); no menu has A to D, but who presses them is not silent."""

ABSOLUTE_TIMEOUT = "TIMEOUT(absolute)"
CHANNEL_LANGUAGE = "CHANNEL(language)"
WRITABLE_VARIABLES = frozenset({*(variable.value for variable in Variable), ABSOLUTE_TIMEOUT, CHANNEL_LANGUAGE})
READABLE_VARIABLES = frozenset({Variable.DIGITS})
ALLOWED_APPLICATIONS = frozenset({"CELGenUserEvent", "StoreDTMF"})

REMEMBERED_COMMANDS = 1_024
"""Calls send the same commands again and again; the last ones are kept as they were written, of each kind."""

_FORBIDDEN = frozenset("\r\n\0")


def quote(argument: str) -> str:
    r"""Gives `argument` in quotes, with `"` and `\` escaped.

    Raises:
        UnsafeArgument: It holds CR, LF or NUL, or is not Unicode text.
    """
    if not _FORBIDDEN.isdisjoint(argument):
        raise UnsafeArgument("an argument holds CR, LF or NUL")
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def command_line(verb: str, *arguments: str) -> bytes:
    """Gives one command as Asterisk reads it; `verb` is ours and goes as it is.

    Raises:
        UnsafeArgument: An argument cannot be written, or the line is longer than `COMMAND_LIMIT_BYTES`.
    """
    text = " ".join([verb, *map(quote, arguments)]) + "\n"
    try:
        line = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UnsafeArgument("an argument is not Unicode text") from error
    if len(line) > COMMAND_LIMIT_BYTES:
        raise UnsafeArgument(f"a command of {len(line)} bytes; Asterisk reads {COMMAND_LIMIT_BYTES}")
    return line


@lru_cache(maxsize=REMEMBERED_COMMANDS)
def set_variable(name: str, value: str) -> bytes:
    """Gives SET VARIABLE.

    Raises:
        UnsafeArgument: The variable is not on the allow-list, or the value cannot be written.
    """
    if name not in WRITABLE_VARIABLES:
        raise UnsafeArgument(f"variable {name!r} is not one that the service sets")
    return command_line("SET VARIABLE", name, value)


def get_variable(name: Variable) -> bytes:
    """Gives GET VARIABLE.

    Raises:
        UnsafeArgument: The variable is not on the allow-list.
    """
    if name not in READABLE_VARIABLES:
        raise UnsafeArgument(f"variable {name!r} is not one that the service reads")
    return command_line("GET VARIABLE", name.value)


@lru_cache(maxsize=REMEMBERED_COMMANDS)
def execute(application: str, *arguments: str) -> bytes:
    """Gives EXEC; the application's arguments are joined by commas.

    Raises:
        UnsafeArgument: The application is not on the allow-list, or an argument holds a comma.
    """
    if application not in ALLOWED_APPLICATIONS:
        raise UnsafeArgument(f"application {application!r} is not one that the service runs")
    if any("," in argument for argument in arguments):
        raise UnsafeArgument("a comma would begin another argument of the application")
    return command_line("EXEC", application, ",".join(arguments))


@lru_cache(maxsize=REMEMBERED_COMMANDS)
def stream_file(sound: str, escape_digits: str = DIGITS) -> bytes:
    """Gives STREAM FILE: plays `sound` until its end or a key of `escape_digits`."""
    return command_line("STREAM FILE", sound, escape_digits)


@lru_cache(maxsize=REMEMBERED_COMMANDS)
def wait_for_digit(timeout_ms: int) -> bytes:
    """Gives WAIT FOR DIGIT."""
    return command_line("WAIT FOR DIGIT", str(timeout_ms))


def no_operation(text: str) -> bytes:
    """Gives NOOP, which changes nothing and is answered."""
    return command_line("NOOP", text)
