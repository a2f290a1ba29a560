"""A real Asterisk on the rendered files alone: no service, no call log. It loads what we allow and leaves nothing."""

import asyncio
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from asterisk_conf.binary import AsteriskBinary
from asterisk_conf.install import install
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import ensure_secrets, read_secrets
from asterisk_conf.launch import console_argv, launch_argv
from asterisk_conf.modules import MODULES
from asterisk_conf.names import REFUSALS_FILE
from asterisk_conf.render import render
from asterisk_conf.root_folder import find_asterisk
from asterisk_conf.site import SiteSettings
from hotline.readiness import run_quietly
from routing.numbers import did_forms
from tests.live.ports import LOOPBACK, free_ports
from tests.live.sounds import write_prompts
from tests.live.waiting import until
from tests.plans import small_plan

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]

STARTED_S = 30.0
STOPPED_S = 15.0
AMI_S = 10.0
LOGOFF = "Action: Logoff\r\n\r\n"


class Asterisk:
    """A running Asterisk of one instance."""

    def __init__(
        self, process: asyncio.subprocess.Process, binary: AsteriskBinary, paths: InstancePaths, site: SiteSettings
    ) -> None:
        self.process = process
        self.binary = binary
        self.paths = paths
        self.site = site

    async def console(self, command: str) -> str:
        _, said = await run_quietly(console_argv(self.binary, self.paths, command))
        return said

    async def stop(self, with_signal: signal.Signals) -> int:
        self.process.send_signal(with_signal)
        return await asyncio.wait_for(self.process.wait(), STOPPED_S)

    def messages(self) -> list[str]:
        return (self.paths.asterisk_log / "messages.log").read_text("utf-8").splitlines()


def mounts() -> str:
    return Path("/proc/mounts").read_text("utf-8")


def prepare(folder: Path, binary: AsteriskBinary) -> tuple[InstancePaths, SiteSettings]:
    paths, plan = InstancePaths(folder), small_plan()
    ports = free_ports(20)
    site = SiteSettings(
        node="start1",
        sip_port=ports[0],
        ami_port=ports[1],
        agi_port=ports[2],
        api_port=ports[3],
        rtp_port_start=ports[4],
        rtp_port_end=ports[-1],
    )
    secrets = ensure_secrets(paths.secrets_file, plan.operators)
    install(render(plan, site, secrets, paths, binary), paths)
    write_prompts(paths, plan)
    return paths, site


@asynccontextmanager
async def running_asterisk() -> AsyncIterator[Asterisk]:
    folder = Path(tempfile.mkdtemp(prefix="hl-"))
    binary = await asyncio.to_thread(find_asterisk, print)
    paths, site = prepare(folder, binary)
    process = await asyncio.create_subprocess_exec(*launch_argv(binary, paths), stdin=asyncio.subprocess.DEVNULL)
    asterisk = Asterisk(process, binary, paths, site)
    try:
        await until(
            "Asterisk is fully booted",
            lambda: asterisk.console("core waitfullybooted"),
            lambda said: "fully booted" in said,
            deadline_s=STARTED_S,
        )
        yield asterisk
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        shutil.rmtree(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asterisk() -> AsyncIterator[Asterisk]:
    async with running_asterisk() as running:
        yield running


async def test_it_starts_without_an_error_or_a_warning(asterisk: Asterisk) -> None:
    notices = (asterisk.paths.asterisk_log / REFUSALS_FILE).read_text("utf-8")
    assert "modules will be loaded" in notices
    assert [line for line in asterisk.messages() if " ERROR[" in line or " WARNING[" in line] == []


async def test_the_process_that_was_started_is_asterisk_itself(asterisk: Asterisk) -> None:
    assert psutil.Process(asterisk.process.pid).cmdline()[0] == "/usr/sbin/asterisk"


async def test_it_runs_the_allowed_modules_and_no_other(asterisk: Asterisk) -> None:
    shown = re.findall(r"^(\S+\.so) .* (Running|Not Running) ", await asterisk.console("module show"), re.MULTILINE)
    assert sorted(shown) == sorted((module, "Running") for module in MODULES)


async def test_it_knows_the_plans_operators_and_the_sites_trunks(asterisk: Asterisk) -> None:
    shown = re.findall(r"^ Endpoint:  ([\w-]+)[/ ]", await asterisk.console("pjsip show endpoints"), re.MULTILINE)
    assert sorted(shown) == ["chernivtsi01", "chernivtsi02", "sumy01", "trunk-selftest"]


async def test_it_knows_the_plans_queues(asterisk: Asterisk) -> None:
    said = await asterisk.console("queue show")
    assert "chernivtsi has 0 calls (max unlimited) in 'rrmemory' strategy" in said
    assert "sumy has 0 calls (max 20) in 'leastrecent' strategy" in said
    assert "default has" not in said


async def test_trunks_find_the_numbers_of_the_line_and_nothing_else(asterisk: Asterisk) -> None:
    said = await asterisk.console("dialplan show from-trunk")
    found = re.findall(r"^  '([^']+)' =>", said, re.MULTILINE)
    assert sorted(found) == sorted(form for did in small_plan().line.dids for form in did_forms(did))


async def test_every_application_and_function_of_the_dialplan_is_loaded(asterisk: Asterisk) -> None:
    dialplan = (asterisk.paths.etc / "extensions.conf").read_text("utf-8")
    applications = set(re.findall(r"^(?:exten => [^,]+,1|.same => n(?:\([\w-]+\))?),(\w+)\(", dialplan, re.MULTILINE))
    functions = set(re.findall(r"\$\{([A-Z_]+)\(", dialplan)) | set(re.findall(r"Set\(([A-Z]+)\(", dialplan))
    assert {"AGI", "Queue"} <= applications
    assert {"FILTER", "TIMEOUT"} <= functions
    for kind, names in (("application", applications), ("function", functions)):
        for name in sorted(names):
            assert "[Synopsis]" in await asterisk.console(f"core show {kind} {name}"), f"{kind} {name}"


async def test_nothing_but_ami_listens_and_only_on_loopback(asterisk: Asterisk) -> None:
    connections = psutil.Process(asterisk.process.pid).net_connections(kind="tcp")
    listening = {tuple(one.laddr) for one in connections if one.status == psutil.CONN_LISTEN}
    assert listening == {(LOOPBACK, asterisk.site.ami_port)}


async def test_sip_is_spoken_on_the_sites_address_alone(asterisk: Asterisk) -> None:
    connections = psutil.Process(asterisk.process.pid).net_connections(kind="udp")
    at_sip_port = {one.laddr.ip for one in connections if one.laddr.port == asterisk.site.sip_port}
    assert at_sip_port == {LOOPBACK}


async def ami(asterisk: Asterisk, *actions: str) -> str:
    """Logs in as the service does, sends actions, logs off; gives all that came back."""
    secret = read_secrets(asterisk.paths.secrets_file).ami.get_secret_value()
    reader, writer = await asyncio.open_connection(LOOPBACK, asterisk.site.ami_port)
    login = f"Action: Login\r\nUsername: ivr\r\nSecret: {secret}\r\n\r\n"
    try:
        writer.write("".join((login, *(f"{action}\r\n\r\n" for action in actions), LOGOFF)).encode())
        async with asyncio.timeout(AMI_S):
            return (await reader.read(-1)).decode()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_the_service_may_ask_for_queues_and_learns_that_asterisk_is_booted(asterisk: Asterisk) -> None:
    said = await ami(asterisk, "Action: QueueStatus", "Action: CoreStatus")
    assert "Event: FullyBooted" in said
    assert "Queue: chernivtsi" in said
    assert "CoreReloadTime" in said


@pytest.mark.parametrize(
    "action",
    [
        "Action: Command\r\nCommand: core show version",
        "Action: Originate\r\nChannel: PJSIP/sumy01\r\nApplication: Wait\r\nData: 1",
        "Action: GetConfig\r\nFilename: manager.conf",
        "Action: UpdateConfig\r\nSrcFilename: queues.conf\r\nDstFilename: queues.conf",
        "Action: Getvar\r\nVariable: SHELL(id)",
        "Action: Setvar\r\nVariable: X\r\nValue: 1",
        "Action: Redirect\r\nChannel: PJSIP/sumy01-1\r\nContext: line\r\nExten: s\r\nPriority: 1",
        "Action: ModuleLoad\r\nModule: app_system.so\r\nLoadType: load",
        "Action: Reload",
    ],
)
async def test_the_service_may_not_control_the_host_or_calls(asterisk: Asterisk, action: str) -> None:
    said = await ami(asterisk, action)
    assert "Response: Error" in said
    assert "uid=" not in said


async def test_evidence_and_secrets_are_closed_to_others(asterisk: Asterisk) -> None:
    files = [path for path in asterisk.paths.asterisk.rglob("*") if path.is_file() and path.suffix != ".wav"]
    assert asterisk.paths.queue_log_file in files
    assert [path for path in files if path.stat().st_mode & 0o007] == []


@pytest.mark.parametrize("command", ["!id", "core show settings"])
async def test_the_console_runs_no_shell(asterisk: Asterisk, command: str) -> None:
    said = await asterisk.console(command)
    assert "uid=" not in said
    assert "System name:                 start1" in said or command.startswith("!")


async def test_a_reload_of_everything_that_can_be_reloaded_goes_without_an_error(asterisk: Asterisk) -> None:
    before = len(asterisk.messages())
    await asterisk.console("core reload")
    assert [line for line in asterisk.messages()[before:] if " ERROR[" in line] == []
    assert "chernivtsi has 0 calls" in await asterisk.console("queue show")


async def test_two_instances_share_one_root_folder_and_a_stopped_one_leaves_nothing(asterisk: Asterisk) -> None:
    async with running_asterisk() as second:
        pid, folder = second.process.pid, second.paths.root
        assert "start1" in await asterisk.console("core show settings")
        assert await second.stop(signal.SIGTERM) == 0
        assert not psutil.pid_exists(pid)
        assert str(folder) not in mounts()
        assert not second.paths.asterisk_run.joinpath("asterisk.ctl").exists()
    assert "0 active calls" in await asterisk.console("core show channels")


async def test_a_killed_one_leaves_no_mount_and_starts_again(asterisk: Asterisk) -> None:
    async with running_asterisk() as second:
        folder = second.paths.root
        assert await second.stop(signal.SIGKILL) == -signal.SIGKILL
        assert str(folder) not in mounts()
        again = await asyncio.create_subprocess_exec(*launch_argv(second.binary, second.paths))
        second.process = again
        try:
            await until(
                "it is booted again",
                lambda: second.console("core waitfullybooted"),
                lambda said: "fully booted" in said,
                deadline_s=STARTED_S,
            )
            assert await second.stop(signal.SIGTERM) == 0
        finally:
            if again.returncode is None:
                again.kill()
                await again.wait()
