"""One running line: everything is prepared first, so that a refusal leaves nothing half started, then it is run.

`make_instance` and `prepare_line` block and start no process that stays; `start_line` starts the processes in order.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

import routing
from asterisk_conf import install, state_files
from asterisk_conf.binary import AsteriskBinary, write_binary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets, ensure_secrets
from asterisk_conf.launch import check_socket_path, console_argv, launch_argv
from asterisk_conf.render import render
from asterisk_conf.root_folder import find_asterisk
from asterisk_conf.site import SiteSettings, read_site, write_site
from asterisk_conf.state_files import StateError
from hotline import postgres
from hotline.certificate import ensure_certificate
from hotline.child import Program
from hotline.errors import StartError
from hotline.plans import WantedPlan
from hotline.ports import LOOPBACK
from hotline.readiness import explain_unready, wait_agi, wait_asterisk, wait_http
from hotline.supervisor import Supervisor
from ivr.desired.etc_files import EtcFiles
from ivr.prompts.audio import build_prompts
from migrations.run import MigrationError, upgrade_async
from routing.plan import Plan

POSTGRES = "postgres"
API = "api"
IVR = "ivr"
ASTERISK = "asterisk"
READY_S = 60.0
STOP_S = 15.0
DATABASE_AGAIN_S = 5.0
"""Between two attempts to reach a database that is away."""
SHIPPED_PLAN = Path(routing.__file__).parent / "plans" / "legal_aid"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedLine:
    """All that the processes of a line need."""

    paths: InstancePaths
    site: SiteSettings
    secrets: InstanceSecrets
    plan: Plan
    binary: AsteriskBinary
    external_database: SecretStr | None
    """SQLAlchemy URL; None: the embedded PostgreSQL."""
    wanted: WantedPlan | None = None
    """What to publish once the api answers; None: what is published goes on."""
    was_in_force: bool = False
    """Whether this node took calls before with `plan`: then it does so with the database away, too."""

    @property
    def api_url(self) -> str:
        """Where the call log answers."""
        return f"http://{LOOPBACK}:{self.site.api_port}"

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the database."""
        if self.external_database is not None:
            return self.external_database.get_secret_value()
        return postgres.database_url(self.paths.database)


def default_instance() -> Path:
    """Gives the instance folder that is meant when none is named: see docs/architecture.md."""
    if os.geteuid() == 0:
        return Path("/var/lib/legalaid-hotline/default")
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "legalaid-hotline" / "default"


def make_instance(paths: InstancePaths, *, test_clock: bool) -> SiteSettings:
    """Makes the instance folder with its site settings, if they are missing, and reads them.

    Raises:
        SiteError: They do not fit.
        AsteriskError: The folder's path is too long.
    """
    check_socket_path(paths)
    for folder in (paths.root, paths.logs, paths.run, paths.state, paths.journal):
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    if not paths.site_file.exists():
        write_site(paths.site_file, SiteSettings())
    site = read_site(paths.site_file)
    return site.model_copy(update={"test_clock": True}) if test_clock else site


def prepare_line(
    paths: InstancePaths,
    site: SiteSettings,
    plan: Plan,
    database_url: SecretStr | None,
    say: Say,
    *,
    known_binary: AsteriskBinary | None = None,
) -> PreparedLine:
    """Makes all that the processes need: secrets, Asterisk (if none is known), prompts, configuration, cluster.

    Raises:
        AsteriskError, HotlineError, RenderError, InstallError, PostgresError, SecretsError, StateError: Something
            is missing on this machine; the text says what mends it.
    """
    binary = known_binary or find_asterisk(say)
    say(f"Asterisk {binary.version}" + (f" in {binary.root}" if binary.root else ""))
    secrets = ensure_secrets(paths.secrets_file, plan.operators)
    line = PreparedLine(
        paths=paths,
        site=site,
        secrets=secrets,
        plan=plan,
        binary=binary,
        external_database=database_url,
        was_in_force=is_in_force(paths, plan),
    )
    ensure_certificate(paths, site)
    install.install(render(plan, site, secrets, paths, binary), paths)
    EtcFiles(paths).forget()  # what a publish that was cut short would put back is written anew
    install.install_agi(paths)
    write_binary(paths.binary_file, binary)
    report = build_prompts(plan, paths, say)
    say(f"prompts: {report.made} made, {report.reused} were there")
    if database_url is None:
        postgres.prepare(paths.database)
    return line


def is_in_force(paths: InstancePaths, plan: Plan) -> bool:
    """Tells whether new calls get this plan from the node's state now."""
    try:
        return state_files.read_current(paths.state) == plan.version
    except StateError:
        return False


def write_state(line: PreparedLine) -> None:
    """Puts the plan in force on this node."""
    state_files.write_snapshot(line.paths.state, line.plan)
    if not line.was_in_force:
        state_files.write_current(line.paths.state, line.plan.version)
    state_files.write_clock(line.paths.state, 0.0)


async def start_line(line: PreparedLine, supervisor: Supervisor, say: Say) -> bool:
    """Starts the processes in order and waits until the whole line is ready.

    Returns:
        False: calls are taken, with the plan that was in force here, but the database does not answer: the evidence of
        calls waits on disk, and `bring_database` goes on.

    Raises:
        StartError: One of them did not come up; those before it still run: the caller stops the supervisor.
        MigrationError: The database is not what it should be.
    """
    if line.external_database is None:
        await supervisor.start(postgres_program(line))
        await postgres.create_database(line.paths.database)
        say("PostgreSQL is ready")
    is_whole = await _upgrade_unless_away(line, say)
    write_state(line)  # only now: a line that never came up has no plan in force
    for program in (api_program(line), ivr_program(line), asterisk_program(line)):
        await supervisor.start(program)
        say(f"{program.name} is ready")
    if is_whole:
        await wait_line_ready(line)
    return is_whole


async def _upgrade_unless_away(line: PreparedLine, say: Say) -> bool:
    """Brings the database to this code's schema; False: it is away, which a node that was in force bears."""
    try:
        say(f"database has the schema {await upgrade_async(line.database_url)}")
    except MigrationError as error:
        if not (line.was_in_force and is_away(error)):
            raise
        say(f"{error}; calls are taken all the same, with plan {line.plan.version}, and are logged when it is back")
        return False
    return True


async def bring_database(line: PreparedLine, say: Say) -> None:
    """Waits until a database that was away at the start is back, and the whole line ready.

    Raises:
        StartError: The line is not ready although the database is back.
        MigrationError: The database is back, but is not what it should be.
    """
    while True:
        try:
            revision = await upgrade_async(line.database_url)
        except MigrationError as error:
            if not is_away(error):
                raise
            await asyncio.sleep(DATABASE_AGAIN_S)
        else:
            say(f"the database is back; it has the schema {revision}")
            return await wait_line_ready(line)


def is_away(error: MigrationError) -> bool:
    """Tells a database that cannot be reached from one that is reached and refuses."""
    return isinstance(error.__cause__, OSError | TimeoutError)


async def wait_line_ready(line: PreparedLine, deadline_s: float = READY_S) -> None:
    """Waits until the api says that database, AMI and journal work.

    Raises:
        StartError: They do not, in time; the text is what the api says.
    """
    url = f"{line.api_url}/readyz"
    try:
        async with asyncio.timeout(deadline_s):
            await wait_http(url)
    except TimeoutError:
        raise StartError(f"the line is not ready after {deadline_s:g} s: {await explain_unready(url)}") from None


def api_environment(paths: InstancePaths, site: SiteSettings, database_url: str) -> dict[str, str]:
    """Gives the settings of the call log."""
    return {
        "HOTLINE_API_DATABASE_URL": database_url,
        "HOTLINE_API_SECRETS_FILE": str(paths.secrets_file),
        "HOTLINE_API_RECORDINGS_FOLDER": str(paths.recordings),
        "HOTLINE_API_HOST": LOOPBACK,
        "HOTLINE_API_PORT": str(site.api_port),
    }


def ivr_environment(paths: InstancePaths, site: SiteSettings) -> dict[str, str]:
    """Gives the settings of the service."""
    return {
        "HOTLINE_IVR_INSTANCE": str(paths.root),
        "HOTLINE_IVR_NODE": site.node,
        "HOTLINE_IVR_AGI_PORT": str(site.agi_port),
        "HOTLINE_IVR_AMI_PORT": str(site.ami_port),
        "HOTLINE_IVR_METRICS_PORT": str(site.ivr_metrics_port),
        "HOTLINE_IVR_API_URL": f"http://{LOOPBACK}:{site.api_port}",
        "HOTLINE_IVR_TEST_CLOCK": str(site.test_clock).lower(),
    }


def postgres_program(line: PreparedLine) -> Program:
    """Gives the embedded PostgreSQL."""
    data = line.paths.database
    return Program(
        name=POSTGRES,
        argv=postgres.argv(data),
        wait_ready=lambda: postgres.wait_ready(data),
        ready_s=READY_S,
        stop_s=STOP_S,
        stop_signal=signal.SIGINT,
    )


def api_program(line: PreparedLine) -> Program:
    """Gives the call log."""
    return Program(
        name=API,
        argv=(sys.executable, "-m", "api"),
        environment=api_environment(line.paths, line.site, line.database_url),
        wait_ready=lambda: wait_http(f"{line.api_url}/healthz"),
        ready_s=READY_S,
        stop_s=STOP_S,
    )


def ivr_program(line: PreparedLine) -> Program:
    """Gives the service: FastAGI, AMI link, journal."""
    return Program(
        name=IVR,
        argv=(sys.executable, "-m", "ivr"),
        environment=ivr_environment(line.paths, line.site),
        wait_ready=lambda: wait_agi(LOOPBACK, line.site.agi_port),
        ready_s=READY_S,
        stop_s=STOP_S,
    )


def asterisk_program(line: PreparedLine) -> Program:
    """Gives Asterisk."""
    console = console_argv(line.binary, line.paths, "core waitfullybooted")
    return Program(
        name=ASTERISK,
        argv=launch_argv(line.binary, line.paths),
        wait_ready=lambda: wait_asterisk(console),
        ready_s=READY_S,
        stop_s=STOP_S,
    )
