"""Starts one baresip process (1.0, Debian 12) without a screen, and connects to its control port.

Everything of a phone lies in one folder: configuration, the tone that it plays, recordings of what it hears.
"""

import asyncio
import contextlib
import random
import socket
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.debian_tools import find_tool
from hotline.bound_child import bound_argv
from hotline.errors import SoftphoneError
from hotline.tones import write_tone

STARTS = 3
"""Another program may take a port between our look and baresip's: then it is started again with others."""
CONNECT_S = 6.0
CONNECT_RETRY_S = 0.05
STOP_S = 2.0
PORTS = range(61_000, 65_500)
"""Above the ports that Linux gives to outgoing connections (32768-60999, /proc/sys/net/ipv4/ip_local_port_range)."""
RTP_PORTS = "40000-43998"
"""Shared by all phones: baresip draws a free pair at random, and another one if it is taken."""
TONE_FILE_S = 120
"""Longer than any test call: baresip falls silent at the end of the file."""
MODULES = ("g711", "aufile", "sndfile", "srtp")
APPLICATIONS = ("menu", "ctrl_tcp")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBaresip:
    """A process, and the connection to its control port."""

    process: asyncio.subprocess.Process
    sip_port: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def stop(self) -> None:
        """Ends the process, by force if it does not hang up in time, and closes the connection."""
        await _stop(self.process)
        self.writer.close()


async def start_baresip(address: str, tone_hz: int, folder: Path) -> RunningBaresip:
    """Starts a phone that has no account yet.

    Args:
        address: Local address of its SIP and media.
        tone_hz: What it plays in calls.
        folder: Its own folder, made if it is missing.

    Raises:
        MissingToolError: baresip is not installed.
        SoftphoneError: It did not start.
    """
    failure = SoftphoneError(f"the phone in {folder} was not started")
    for _ in range(STARTS):
        try:
            return await _start_once(address, tone_hz, folder)
        except SoftphoneError as error:
            failure = error
    raise failure


async def _start_once(address: str, tone_hz: int, folder: Path) -> RunningBaresip:
    sip_port = draw_port(address, socket.SOCK_DGRAM)
    control_port = draw_port("127.0.0.1", socket.SOCK_STREAM)
    _write_folder(folder, tone_hz, _config(address, folder, sip_port, control_port))
    process = await asyncio.create_subprocess_exec(
        *bound_argv((find_tool("baresip"), "-f", str(folder))),
        stdin=asyncio.subprocess.DEVNULL,
        # Why: baresip prints the account, password included.
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        reader, writer = await _connect(process, control_port)
    except BaseException:
        await _stop(process)
        raise
    return RunningBaresip(process=process, sip_port=sip_port, reader=reader, writer=writer)


def draw_port(address: str, kind: socket.SocketKind) -> int:
    """Gives a port of `PORTS`, drawn at random, that is free at this moment.

    Raises:
        SoftphoneError: None is.
    """
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind((address, port))
            return port
    raise SoftphoneError(f"no port of {PORTS.start}-{PORTS.stop - 1} is free on {address}")


async def _connect(process: asyncio.subprocess.Process, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(CONNECT_S):
            while process.returncode is None:
                with contextlib.suppress(OSError):
                    return await asyncio.open_connection("127.0.0.1", port)
                await asyncio.sleep(CONNECT_RETRY_S)
    except TimeoutError:
        raise SoftphoneError(f"baresip did not open its control port {port} within {CONNECT_S:g} s") from None
    raise SoftphoneError(f"baresip ended while starting (exit code {process.returncode})")


def _config(address: str, folder: Path, sip_port: int, control_port: int) -> str:
    rows = {
        "module_path": _module_folder(),
        "sip_listen": f"{address}:{sip_port}",
        "net_interface": address,
        "audio_source": f"aufile,{folder}/tone.wav",
        "audio_player": f"aufile,{folder}/played.wav",
        "audio_alert": f"aufile,{folder}/alert.wav",
        "audio_channels": "1",
        "snd_path": str(folder),
        "rtp_ports": RTP_PORTS,
        "ctrl_tcp_listen": f"127.0.0.1:{control_port}",
    }
    lines = [f"{key} {value}" for key, value in rows.items()]
    lines += [f"module {name}.so" for name in MODULES]
    lines += [f"module_app {name}.so" for name in APPLICATIONS]
    return "\n".join([*lines, ""])


def _module_folder() -> str:
    found = next(Path("/usr/lib").glob("**/baresip/modules"), None)
    if found is None:
        raise SoftphoneError("baresip has no modules here; mend it with: apt-get install baresip-core")
    return str(found)


def _write_folder(folder: Path, tone_hz: int, config: str) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_tone(folder / "tone.wav", tone_hz, TONE_FILE_S)
    (folder / "config").write_text(config, encoding="utf-8")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
