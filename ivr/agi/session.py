"""One FastAGI session: the commands of one call, one at a time, each with a deadline."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from asterisk_conf.names import UserEvent, Variable
from ivr.agi import commands
from ivr.agi.errors import CallerHungUp, CommandOverdue, CommandRefused, ProtocolError
from ivr.agi.protocol import DEAD_CHANNEL_CODE, AgiEvent, HeadersRead, HungUp, Refused, Succeeded

HANGUP_RESULT = -1
UNKNOWN_APPLICATION_RESULT = -2
"""Source: res/res_agi.c, `handle_exec`; run on 22.10.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each kind of command may take, in seconds, beyond what it does for the caller."""

    header_s: float = 5.0
    command_s: float = 5.0
    on_command: Callable[[float], None] | None = None
    """Told how many seconds each command took that neither plays nor waits for a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """How a prompt ended."""

    key: str | None
    """The key that ended it; None: it played to its end, or could not be played."""
    is_played: bool
    """False: not one sample was heard and no key was pressed (missing or broken file)."""


def _key_of(result: int | None) -> str | None:
    key = chr(result) if result is not None and 0 < result < 128 else ""  # noqa: PLR2004  ASCII
    return key if key and key in commands.KEYS else None


class AgiSession:
    """Talks to one channel; every method raises `CallerHungUp` when it is gone.

    A session belongs to one task: two commands at once are refused.
    """

    __slots__ = ("_command", "_deadlines", "_due_at_s", "_is_hung_up", "_pending", "_transport", "headers")

    def __init__(self, transport: asyncio.WriteTransport, headers: dict[str, str], deadlines: Deadlines) -> None:
        self.headers = headers
        self._transport = transport
        self._deadlines = deadlines
        self._pending: asyncio.Future[Succeeded] | None = None
        self._command = b""
        self._due_at_s = 0.0
        self._is_hung_up = False

    @property
    def call_id(self) -> str:
        """The call's linkedid: the caller's channel is the first of its call, so its uniqueid is that."""
        return self.headers.get("agi_uniqueid", "")

    @property
    def caller_number(self) -> str:
        """The caller's number as the trunk sent it, filtered; `unknown` or empty when it is withheld."""
        return self.headers.get("agi_callerid", "")

    @property
    def script(self) -> str:
        """The route that Asterisk asked for."""
        return self.headers.get("agi_network_script", "")

    @property
    def caller(self) -> str:
        """The caller's number as the trunk sent it; `unknown` when it is withheld."""
        return self.headers.get("agi_callerid", "")

    def argument(self, number: int) -> str:
        """Gives argument `number` of `AGI()`, counted from 1; empty when it is not there."""
        return self.headers.get(f"agi_arg_{number}", "")

    async def set_variable(self, name: str, value: str) -> None:
        """Sets a channel variable or one of the allowed functions."""
        await self._run(commands.set_variable(name, value), self._deadlines.command_s)

    async def get_variable(self, name: Variable) -> str:
        """Gives a channel variable; empty when it is not set."""
        reply = await self._run(commands.get_variable(name), self._deadlines.command_s)
        return reply.value or ""

    async def store_keys(self) -> None:
        """Lets Asterisk append every key that comes to `Variable.DIGITS`, whatever runs.

        Raises:
            CommandRefused: Asterisk cannot.
        """
        await self._execute("StoreDTMF", "RX", Variable.DIGITS.value)

    async def forget_keys(self) -> None:
        """Ends what `store_keys` began."""
        await self._run(commands.execute("StoreDTMF", "remove"), self._deadlines.command_s)

    async def renew_lease(self, lease_s: int) -> None:
        """Lets the call stay with the service for `lease_s` seconds from now."""
        await self.set_variable(commands.ABSOLUTE_TIMEOUT, str(lease_s))

    async def set_language(self, language: str) -> None:
        """Sets the language in which later prompts are spoken."""
        await self.set_variable(commands.CHANNEL_LANGUAGE, language)

    async def log_event(self, name: UserEvent, payload: str) -> None:
        """Writes a CEL user event.

        Raises:
            CommandRefused: Asterisk does not have the application loaded.
        """
        await self._execute("CELGenUserEvent", name.value, payload)

    async def _execute(self, application: str, *arguments: str) -> None:
        reply = await self._run(commands.execute(application, *arguments), self._deadlines.command_s)
        if reply.result == UNKNOWN_APPLICATION_RESULT:
            raise CommandRefused(f"{application} is not loaded")

    async def stream(self, sound: str, longest_s: float) -> Streamed:
        """Plays `sound` until its end or a key; `longest_s` is how long it may play.

        Why a result of -1 is no hang-up: a broken sound file gives it too. The next command tells the two apart.
        """
        reply = await self._run(commands.stream_file(sound), self._deadlines.command_s + longest_s)
        key = _key_of(reply.result)
        return Streamed(key=key, is_played=key is not None or bool(reply.end_position_samples))

    async def wait_for_key(self, timeout_s: float) -> str | None:
        """Waits for a key; None is silence."""
        line = commands.wait_for_digit(round(timeout_s * 1000))
        reply = await self._run(line, self._deadlines.command_s + timeout_s)
        if reply.result == HANGUP_RESULT:
            raise CallerHungUp
        return _key_of(reply.result)

    async def no_operation(self, text: str) -> None:
        """Sends NOOP and waits for its answer."""
        await self._run(commands.no_operation(text), self._deadlines.command_s)

    async def _run(self, line: bytes, deadline_s: float) -> Succeeded:
        if self._is_hung_up or self._transport.is_closing():
            raise CallerHungUp
        if self._pending is not None:
            raise RuntimeError("an AGI session runs one command at a time")
        loop = asyncio.get_running_loop()
        pending: asyncio.Future[Succeeded] = loop.create_future()
        self._pending = pending
        self._command = line
        begun_s = loop.time()
        self._due_at_s = begun_s + deadline_s
        self._transport.write(line)
        try:
            reply = await pending
        finally:
            self._pending = None
        if self._deadlines.on_command is not None and deadline_s <= self._deadlines.command_s:
            self._deadlines.on_command(loop.time() - begun_s)
        return reply

    def check_deadline(self, now_s: float) -> None:
        """Fails the running command when its deadline is over; `now_s` is the loop's time.

        Why the server asks, some times a second, instead of a timer for each command: making and cancelling one cost
        more than reading the reply (tests/bench/fastagi.py).
        """
        if self._pending is not None and now_s > self._due_at_s:
            self._fail(CommandOverdue(f"no reply to {self._command[:40].decode('utf-8', 'replace')!r}"))

    def _fail(self, error: Exception) -> None:
        if self._pending is not None and not self._pending.done():
            self._pending.set_exception(error)

    def receive(self, event: AgiEvent) -> None:
        """Takes one event of the reader.

        Raises:
            ProtocolError: The event answers nothing.
        """
        if self._is_hung_up:
            return
        match event:
            case HungUp():
                self.hang_up()
            case Succeeded():
                self._pending_or_fault().set_result(event)
            case Refused():
                self._refuse(event)
            case HeadersRead():
                raise ProtocolError("headers stand twice")
            case _:
                assert_never(event)

    def hang_up(self) -> None:
        """Notes that the channel is gone: the running command and all later ones raise `CallerHungUp`."""
        self._is_hung_up = True
        self._fail(CallerHungUp())

    def _pending_or_fault(self) -> "asyncio.Future[Succeeded]":
        if self._pending is None or self._pending.done():
            raise ProtocolError("a reply without a command")
        return self._pending

    def _refuse(self, event: Refused) -> None:
        pending = self._pending_or_fault()
        if event.code == DEAD_CHANNEL_CODE:
            self.hang_up()
        else:
            pending.set_exception(CommandRefused(f"{event.code} {event.text[:200]}"))
