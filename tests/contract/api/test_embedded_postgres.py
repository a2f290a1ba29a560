import asyncio
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from hotline import postgres


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
    yield folder / "db"
    shutil.rmtree(folder)


async def test_a_server_starts_keeps_its_rows_and_leaves_nothing_behind(data: Path) -> None:
    postgres.prepare(data)
    process = await postgres.start(data, log=data.parent / "log")
    connection = await asyncpg.connect(host=str(data), user="postgres", database=postgres.DATABASE)
    await connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    await connection.close()
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    assert await postgres.stop(process) == 0
    assert not [member for member in family if member.is_running()]
    postgres.prepare(data)
    process = await postgres.start(data)
    connection = await asyncpg.connect(host=str(data), user="postgres", database=postgres.DATABASE)
    assert await connection.fetchval("SELECT number FROM kept") == 7
    await connection.close()
    await postgres.stop(process)


async def test_a_killed_server_recovers(data: Path) -> None:
    postgres.prepare(data)
    process = await postgres.start(data)
    process.kill()
    await process.wait()
    process = await postgres.start(data)
    assert await postgres.stop(process) == 0


async def test_the_server_listens_on_no_network_port(data: Path) -> None:
    postgres.prepare(data)
    process = await postgres.start(data)
    kinds = {connection.laddr for connection in psutil.Process(process.pid).net_connections("inet")}
    await postgres.stop(process)
    assert kinds == set()


async def test_a_server_that_ends_at_once_is_an_error(data: Path) -> None:
    postgres.prepare(data)
    (data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(postgres.PostgresError, match="ended with code 1"):
        await postgres.start(data)


def test_a_half_made_cluster_is_made_again(data: Path) -> None:
    partial = data.with_name("db.partial")
    partial.mkdir()
    (partial / "PG_VERSION").write_text("18\n")
    postgres.prepare(data)
    assert (data / "global" / "pg_control").exists()
    assert not partial.exists()


def test_a_folder_with_other_files_is_left_alone(data: Path) -> None:
    data.mkdir()
    (data / "letter").write_text("mine")
    with pytest.raises(postgres.PostgresError, match="move them away"):
        postgres.prepare(data)
    assert (data / "letter").read_text() == "mine"


@pytest.mark.parametrize("folder", [Path("/tmp") / ("x" * 100), Path("relative")])
def test_a_path_that_is_no_good_for_a_socket_is_refused(folder: Path) -> None:
    with pytest.raises(postgres.PostgresError, match="choose an absolute --instance folder"):
        postgres.prepare(folder)


def test_the_url_escapes_the_folder() -> None:
    url = postgres.database_url(Path("/var/lib/мій line"))
    assert url == "postgresql+asyncpg://postgres@/hotline?host=/var/lib/%D0%BC%D1%96%D0%B9%20line"


async def test_makers_of_one_database_at_once_all_succeed(data: Path) -> None:
    postgres.prepare(data)
    process = await postgres.start(data)
    try:
        await asyncio.gather(*(postgres.create_database(data, "another") for _ in range(4)))
        connection = await asyncpg.connect(host=str(data), user="postgres", database="another")
        await connection.close()
    finally:
        await postgres.stop(process)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
async def test_programs_in_a_closed_home_are_copied_and_the_home_stays_closed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = data.parent / "home"
    home.mkdir(mode=0o700)
    for part in (postgres.PROGRAMS, postgres.LIBRARIES):
        shutil.copytree(postgres._wheel_folder() / part, home / part, symlinks=True)
    monkeypatch.setattr(postgres, "_wheel_folder", lambda: home)
    postgres.prepare(data)
    process = await postgres.start(data)
    running = psutil.Process(process.pid).exe()
    await postgres.stop(process)
    (copy,) = data.parent.glob("db-programs-*")
    assert running == str(copy / postgres.PROGRAMS / "bin" / "postgres")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_an_instance_in_a_closed_folder_is_refused_by_name(data: Path) -> None:
    data.parent.chmod(0o711)
    home = data.parent / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(postgres.PostgresError, match=rf"^{home}: .* chmod o\+x {home}$"):
        postgres.prepare(home / "instance" / "db")
