"""Looks at a running line: its processes, ports and files, and what Asterisk says over its control socket.

Changes nothing. The console's words become facts in `hotline.security.console`, files of rendered text are not
believed: what counts is what Asterisk has loaded (asterisk.conf apart, which it reads at its start and does not show).
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from asterisk_conf import state_files
from asterisk_conf.binary import AsteriskBinary, read_binary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.launch import console_argv
from asterisk_conf.site import SiteSettings, read_site
from hotline.errors import HotlineError
from hotline.readiness import run_quietly
from hotline.security import console
from hotline.security.encryption import see_encryption
from hotline.security.seen import Dialplan, Endpoint, FileSeen, Listener, ManagerUser, Part, ProcessSeen, Seen

CONSOLE_S = 20.0
"""How long a question to Asterisk may take on a busy machine."""
SECRET_BITS = 0o600
EVIDENCE_BITS = 0o640
FILES: tuple[tuple[str, int], ...] = (
    ("secrets.json", SECRET_BITS),
    ("asterisk/undo.json", SECRET_BITS),
    ("asterisk/tls/key.pem", SECRET_BITS),
    ("asterisk/etc/*", EVIDENCE_BITS),
    ("asterisk/var/*", EVIDENCE_BITS),
    ("asterisk/log/**/*", EVIDENCE_BITS),
    ("journal/*.jsonl", EVIDENCE_BITS),
    ("recordings/**/*", EVIDENCE_BITS),
    ("log/*", EVIDENCE_BITS),
)
"""Files of an instance that hold secrets or evidence, and the permission bits that they may have."""


class NotRunningError(HotlineError):
    """There is no running line to look at."""


async def look(paths: InstancePaths) -> Seen:
    """Gives all that is seen of the line in an instance folder.

    Raises:
        NotRunningError: Its Asterisk does not answer.
        SiteError, SecretsError, StateError, AsteriskError: There is no line in this folder.
    """
    site = read_site(paths.site_file)
    asking = _Console(read_binary(paths.binary_file), paths)
    modules = console.read_modules(await asking.ask("module show"))
    if not modules:
        raise NotRunningError(f"no Asterisk answers for {paths.root}: start the line (hotline up) and look again")
    processes = tuple(_processes(paths, site))
    return Seen(
        site=site,
        secrets=read_secrets(paths.secrets_file),
        plan=state_files.read_plan_of_call(paths.state, None),
        processes=processes,
        listeners=tuple(listener for each in processes for listener in _listeners(each)),
        files=tuple(see_files(paths.root)),
        modules=modules,
        options=_options(paths.etc / "asterisk.conf"),
        manager_users=await asking.manager_users(),
        identifies=console.read_identifies(await asking.ask("pjsip show identifies")),
        endpoints=await asking.endpoints(),
        dialplan=await asking.dialplan(),
        encryption=await asyncio.to_thread(see_encryption, paths, site),
    )


@dataclass(frozen=True, slots=True)
class _Console:
    """Asterisk's console."""

    binary: AsteriskBinary
    paths: InstancePaths

    async def ask(self, command: str) -> str:
        """Gives what Asterisk says to a command.

        Raises:
            NotRunningError: It does not answer in time.
        """
        try:
            async with asyncio.timeout(CONSOLE_S):
                _, said = await run_quietly(console_argv(self.binary, self.paths, command))
        except TimeoutError:
            raise NotRunningError(f"Asterisk did not answer `{command}` within {CONSOLE_S:g} s") from None
        return said

    async def manager_users(self) -> tuple[ManagerUser, ...]:
        names = console.read_manager_user_names(await self.ask("manager show users"))
        return tuple([console.read_manager_user(await self.ask(f"manager show user {name}")) for name in names])

    async def endpoints(self) -> tuple[Endpoint, ...]:
        names = console.read_endpoint_names(await self.ask("pjsip show endpoints"))
        return tuple([console.read_endpoint(name, await self.ask(f"pjsip show endpoint {name}")) for name in names])

    async def dialplan(self) -> Dialplan:
        return console.read_dialplan(await self.ask("dialplan show"))


def see_files(root: Path) -> Iterator[FileSeen]:
    """Gives the files of an instance that hold secrets or evidence, with their permissions."""
    for pattern, allowed in FILES:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                yield FileSeen(path=path.relative_to(root), mode=path.stat().st_mode & 0o777, allowed=allowed)


def _options(path: Path) -> dict[str, str]:
    """Gives `key = value` of asterisk.conf, without its sections."""
    rows = (line.partition("=") for line in path.read_text("utf-8").splitlines() if not line.startswith(";"))
    return {key.strip(): value.strip() for key, sign, value in rows if sign}


def _processes(paths: InstancePaths, site: SiteSettings) -> Iterator[ProcessSeen]:
    """Gives the line's processes: who started them, `hotline up`, systemd or a container, does not matter."""
    for part, pid in _pids(paths, site):
        try:
            yield ProcessSeen(part=part, pid=pid, user_id=psutil.Process(pid).uids().effective)
        except psutil.Error:
            continue  # it has ended since, or belongs to a container that this user cannot see into


def _pids(paths: InstancePaths, site: SiteSettings) -> Iterator[tuple[Part, int]]:
    for part, file in ((Part.ASTERISK, paths.asterisk_run / "asterisk.pid"), (Part.DATABASE, _postmaster(paths))):
        if (pid := _pid_in(file)) is not None:
            yield part, pid
    by_port = {site.agi_port: Part.SERVICE, site.api_port: Part.API}
    for connection in psutil.net_connections("tcp4"):
        if connection.status == psutil.CONN_LISTEN and connection.pid and connection.laddr.port in by_port:
            yield by_port[connection.laddr.port], connection.pid


def _postmaster(paths: InstancePaths) -> Path:
    """Gives PostgreSQL's file whose first line is its process id.

    Source: PostgreSQL's documentation, "Database File Layout", postmaster.pid.
    """
    return paths.database / "postmaster.pid"


def _pid_in(file: Path) -> int | None:
    try:
        return int(file.read_text("utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _listeners(process: ProcessSeen) -> Iterator[Listener]:
    try:
        connections = psutil.Process(process.pid).net_connections("tcp")
    except psutil.Error:
        return
    for each in connections:
        if each.status == psutil.CONN_LISTEN:
            yield Listener(part=process.part, address=each.laddr.ip, port=each.laddr.port)
