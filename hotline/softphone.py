"""Headless softphones (baresip 1.0): operators of the demo and callers of test calls.

One baresip process a phone, driven through its module ctrl_tcp. The account is made by a command, never by a file:
so the event of its registration cannot be missed, and no password lies on disk.
"""

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import SecretStr

from hotline.bound_child import bound_argv
from hotline.errors import SoftphoneError
from hotline.netstrings import NetstringError, NetstringReader, encode_message
from hotline.tones import write_tone
from hotline.tools import find_tool

START_S = 15.0
ANSWER_S = 5.0
"""How long baresip may take to answer a command."""
STOP_S = 2.0
CONNECT_RETRY_S = 0.05
TONE_FILE_S = 120
"""Longer than any demo call: baresip falls silent at the end of the file."""
RTP_PORTS = "40000-43998"
"""Shared by all phones: baresip draws a free pair at random."""


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


def free_port(address: str, kind: socket.SocketKind) -> int:
    """Gives a port that is free at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
    return port


class Softphone:
    """A running phone. Made by `running_phone`."""

    def __init__(self, settings: PhoneSettings, folder: Path, sip_port: int) -> None:
        self.settings = settings
        self._folder = folder
        self._sip_port = sip_port
        self._events: list[PhoneEvent] = []
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._news = asyncio.Condition()
        self._is_gone = False
        self._writer: asyncio.StreamWriter | None = None
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
            PhoneEventType.REGISTERED, PhoneEventType.REGISTER_FAILED, since=since, deadline_s=START_S
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
        host = self.settings.registrar or f"{self.settings.address}:{self._sip_port}"
        parts = [f"<sip:{self.settings.user}@{host}>", "audio_codecs=pcma"]
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
        if self._writer is None or self._is_gone:
            raise SoftphoneError(f"phone {self.settings.user} is not running")
        self._token += 1
        token = str(self._token)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[token] = answer
        self._writer.write(encode_message({"command": name, "params": parameters, "token": token}))
        try:
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            raise SoftphoneError(f"phone {self.settings.user} did not answer the command {name}") from None
        finally:
            self._answers.pop(token, None)

    async def connect(self, port: int) -> asyncio.Task[None]:
        """Connects to the phone's control port and reads it in a task, which it gives.

        Raises:
            SoftphoneError: The port did not open in time.
        """
        reader, self._writer = await _connect(port, self.settings.user)
        return asyncio.create_task(self._read(reader), name=f"phone-{self.settings.user}")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        messages = NetstringReader()
        try:
            while chunk := await reader.read(65_536):
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

    def close(self) -> None:
        """Closes the control connection."""
        if self._writer is not None:
            self._writer.close()


async def _connect(port: int, user: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(START_S):
            while True:
                with contextlib.suppress(OSError):
                    return await asyncio.open_connection("127.0.0.1", port)
                await asyncio.sleep(CONNECT_RETRY_S)
    except TimeoutError:
        raise SoftphoneError(f"phone {user} did not start: its control port {port} stayed closed") from None


def _config(settings: PhoneSettings, folder: Path, sip_port: int, control_port: int) -> str:
    rows = {
        "module_path": _module_folder(),
        "sip_listen": f"{settings.address}:{sip_port}",
        "net_interface": settings.address,
        "audio_source": f"aufile,{folder}/tone.wav",
        "audio_player": f"aufile,{folder}/played.wav",
        "audio_alert": f"aufile,{folder}/alert.wav",
        "audio_channels": "1",
        "snd_path": str(folder),
        "rtp_ports": RTP_PORTS,
        "ctrl_tcp_listen": f"127.0.0.1:{control_port}",
    }
    modules = ["module g711.so", "module aufile.so", "module sndfile.so", "module_app menu.so"]
    lines = [f"{key} {value}" for key, value in rows.items()]
    return "\n".join([*lines, *modules, "module_app ctrl_tcp.so", ""])


def _module_folder() -> str:
    found = next(Path("/usr/lib").glob("**/baresip/modules"), None)
    if found is None:
        raise SoftphoneError("baresip has no modules here; mend it with: apt-get install baresip-core")
    return str(found)


def _write_folder(settings: PhoneSettings, folder: Path, sip_port: int, control_port: int) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_tone(folder / "tone.wav", settings.tone_hz, TONE_FILE_S)
    (folder / "config").write_text(_config(settings, folder, sip_port, control_port), encoding="utf-8")


@asynccontextmanager
async def running_phone(settings: PhoneSettings, folder: Path) -> AsyncIterator[Softphone]:
    """Runs a phone while the block lasts; `folder` keeps its recordings, and must not be another phone's.

    Raises:
        MissingToolError: baresip is not installed.
        SoftphoneError: It did not start, or was refused by its registrar.
    """
    sip_port = free_port(settings.address, socket.SOCK_DGRAM)
    control_port = free_port("127.0.0.1", socket.SOCK_STREAM)
    _write_folder(settings, folder, sip_port, control_port)
    process = await asyncio.create_subprocess_exec(
        *bound_argv((find_tool("baresip"), "-f", str(folder))),
        stdin=asyncio.subprocess.DEVNULL,
        # Why: baresip prints the account, password included.
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    phone = Softphone(settings, folder, sip_port)
    reading: asyncio.Task[None] | None = None
    try:
        reading = await phone.connect(control_port)
        await phone.register()
        yield phone
    finally:
        await _stop(process)
        phone.close()
        if reading is not None:
            await reading


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def sample_number(draw: Callable[[int, int], int] = random.randint) -> str:
    """Gives a caller's number that belongs to nobody: +380 00, the prefix of our samples."""
    return f"+38000{draw(0, 9_999_999):07d}"
