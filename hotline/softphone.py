"""Headless softphones (baresip 1.0): operators of the demo and callers of test calls.

One baresip process a phone, driven through its module ctrl_tcp. The account is made by a command, never by a file:
so the event of its registration cannot be missed, and no password lies on disk.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from hotline.baresip import RunningBaresip, start_baresip
from hotline.errors import SoftphoneError
from hotline.netstrings import NetstringError, NetstringReader, encode_message

REGISTER_S = 15.0
ANSWER_S = 5.0
"""How long baresip may take to answer a command."""
READ_BYTES = 65_536


class PhoneEventType(StrEnum):
    """Events of baresip that we wait for.

    Source: baresip 1.0, src/uag.c `uag_event_str`.
    """

    REGISTERED = "REGISTER_OK"
    REGISTER_FAILED = "REGISTER_FAIL"
    INCOMING = "CALL_INCOMING"
    RINGING = "CALL_RINGING"
    ESTABLISHED = "CALL_ESTABLISHED"
    MEDIA = "CALL_RTPESTAB"
    DIGIT = "CALL_DTMF_START"
    CLOSED = "CALL_CLOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEvent:
    """Something that happened to a phone."""

    type: str
    peer_uri: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    """One phone."""

    user: str
    address: str
    """Local address that it calls from."""
    tone_hz: int
    """What it plays once a call stands."""
    registrar: str | None = None
    """`host:port` to register at; None: calls without registration."""
    password: SecretStr | None = None
    answers: bool = False
    """True: takes every call at once."""
    is_secure: bool = False
    """True: SIP over TLS, and SRTP or no call."""

    def uri(self, user: str, server: str) -> str:
        """Gives the address of a user at a server (`host:port`), by this phone's transport."""
        return f"sip:{user}@{server}{';transport=tls' if self.is_secure else ''}"


class Softphone:
    """A running phone. Made by `running_phone`."""

    def __init__(self, settings: PhoneSettings, folder: Path, running: RunningBaresip) -> None:
        self.settings = settings
        self.sip_port = running.sip_port
        self._folder = folder
        self._running = running
        self._events: list[PhoneEvent] = []
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._news = asyncio.Condition()
        self._is_gone = False
        self._token = 0

    def mark(self) -> int:
        """Gives the place in the list of events after which `wait_for` may look."""
        return len(self._events)

    async def wait_for(self, *types: PhoneEventType, since: int = 0, deadline_s: float) -> PhoneEvent:
        """Gives the first event of these types after the place `since`, waiting for it if need be.

        Raises:
            SoftphoneError: It did not come in time, or the phone ended.
        """
        wanted = " or ".join(types)
        try:
            async with asyncio.timeout(deadline_s), self._news:
                while (found := self._find(types, since)) is None:
                    if self._is_gone:
                        raise SoftphoneError(f"phone {self.settings.user} ended while waiting for {wanted}")
                    await self._news.wait()
                return found
        except TimeoutError:
            seen = ", ".join(event.type for event in self._events[since:]) or "nothing"
            raise SoftphoneError(
                f"phone {self.settings.user}: no {wanted} within {deadline_s:g} s; what came: {seen}"
            ) from None

    async def register(self) -> None:
        """Makes the phone's account and, with a registrar, waits until it is registered.

        Raises:
            SoftphoneError: The registrar refused, or did not answer in time.
        """
        since = self.mark()
        await self._command("uanew", self._account())
        if self.settings.registrar is None:
            return
        event = await self.wait_for(
            PhoneEventType.REGISTERED, PhoneEventType.REGISTER_FAILED, since=since, deadline_s=REGISTER_S
        )
        if event.type == PhoneEventType.REGISTER_FAILED:
            raise SoftphoneError(f"phone {self.settings.user}: registration refused: {event.detail}")

    async def dial(self, uri: str) -> None:
        """Starts a call to a SIP URI."""
        await self._command("dial", uri)

    async def answer(self) -> None:
        """Takes the call that rings."""
        await self._command("accept", "")

    async def send_keys(self, digits: str) -> None:
        """Sends digits as telephone events (RFC 4733), 180 ms each."""
        await self._command("sndcode", digits)

    async def hang_up(self) -> None:
        """Ends the current call; without one it does nothing."""
        await self._command("hangup", "")

    def heard(self) -> tuple[Path, ...]:
        """Gives the recordings of what the phone heard, one a call, oldest first; whole once the call is closed."""
        return tuple(sorted(self._folder.glob("dump-*-dec.wav")))

    def _account(self) -> str:
        host = self.settings.registrar or f"{self.settings.address}:{self.sip_port}"
        parts = [f"<{self.settings.uri(self.settings.user, host)}>", "audio_codecs=pcma"]
        parts += ["mediaenc=srtp-mand"] if self.settings.is_secure else []
        if self.settings.registrar is None:
            parts.append("regint=0")
        else:
            secret = self.settings.password.get_secret_value() if self.settings.password else ""
            parts += ["regint=60", f"auth_user={self.settings.user}", f"auth_pass={secret}"]
        parts.append(f"answermode={'auto' if self.settings.answers else 'manual'}")
        return ";".join(parts)

    def _find(self, types: tuple[PhoneEventType, ...], since: int) -> PhoneEvent | None:
        return next((event for event in self._events[since:] if event.type in types), None)

    async def _command(self, name: str, parameters: str) -> str:
        if self._is_gone:
            raise SoftphoneError(f"phone {self.settings.user} is not running")
        self._token += 1
        token = str(self._token)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[token] = answer
        self._running.writer.write(encode_message({"command": name, "params": parameters, "token": token}))
        try:
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            raise SoftphoneError(f"phone {self.settings.user} did not answer the command {name}") from None
        finally:
            self._answers.pop(token, None)

    async def read(self) -> None:
        """Reads answers and events until the phone ends."""
        messages = NetstringReader()
        try:
            while chunk := await self._running.reader.read(READ_BYTES):
                for message in messages.feed(chunk):
                    await self._take(message)
        except (OSError, NetstringError):
            pass  # the phone is of no use any more: those who wait for it are told so below
        finally:
            self._is_gone = True
            async with self._news:
                self._news.notify_all()

    async def _take(self, message: dict[str, object]) -> None:
        if message.get("response"):
            future = self._answers.get(str(message.get("token")))
            if future and not future.done():
                self._settle(future, message)
            return
        event = PhoneEvent(
            type=str(message.get("type", "")),
            peer_uri=str(message.get("peeruri", "")),
            detail=str(message.get("param", "")),
        )
        async with self._news:
            self._events.append(event)
            self._news.notify_all()

    def _settle(self, future: asyncio.Future[str], message: dict[str, object]) -> None:
        if message.get("ok"):
            future.set_result(str(message.get("data", "")))
        else:
            future.set_exception(SoftphoneError(f"phone {self.settings.user} refused a command"))


@asynccontextmanager
async def running_phone(settings: PhoneSettings, folder: Path) -> AsyncIterator[Softphone]:
    """Runs a phone while the block lasts; `folder` keeps its recordings, and must not be another phone's.

    Raises:
        MissingToolError: baresip is not installed.
        SoftphoneError: It did not start, or was refused by its registrar.
    """
    running = await start_baresip(settings.address, settings.tone_hz, folder)
    phone = Softphone(settings, folder, running)
    reading = asyncio.create_task(phone.read(), name=f"phone-{settings.user}")
    try:
        await phone.register()
        yield phone
    finally:
        await running.stop()
        await reading


def sample_number(draw: Callable[[int, int], int] = random.randint) -> str:
    """Gives a caller's number that belongs to nobody: +380 00, the prefix of our samples."""
    return f"+38000{draw(0, 9_999_999):07d}"
