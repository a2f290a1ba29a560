"""Backup and restore of a line with calls: the real api, journal and PostgreSQL; the restored one tells the same."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import read_secrets
from asterisk_conf.names import Source
from asterisk_conf.site import read_site
from hotline import postgres
from hotline.cli import NOT_DONE, run
from hotline.keeping.archive import extract
from ivr.journal.evidence_log import EvidenceLog
from ivr.journal.journal import Journal, JournalTimings
from ivr.journal.shipper import Shipper
from migrations.inspection import inspect_async
from tests.contract.api.scenarios.recorded_day import CALL_IDS, FILES, FOLDER
from tests.contract.api.test_process import running
from tests.contract.hotline.conftest import Output
from tests.contract.hotline.line_of_api import NODE, ApiLine, running_api
from tests.postgres import PostgresServer

DAY = "2026-11-24"
PASSPHRASE = "five words are good enough"
RECORDING = b"RIFF of a conversation"
DEADLINE_S = 30.0


def evidence_paths(paths: InstancePaths) -> dict[Source, Path]:
    return {
        Source.CEL: paths.cel_file,
        Source.QUEUE_LOG: paths.queue_log_file,
        Source.CDR: paths.cdr_file,
        Source.WITNESS: paths.witness_file,
    }


@asynccontextmanager
async def journal_of(paths: InstancePaths) -> AsyncIterator[tuple[Journal, dict[Source, EvidenceLog]]]:
    site, secrets = read_site(paths.site_file), read_secrets(paths.secrets_file)
    headers = {"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"}
    logs = {
        source: EvidenceLog(path, paths.journal / f"{source.value}.json")
        for source, path in evidence_paths(paths).items()
    }
    url = f"http://127.0.0.1:{site.api_port}"
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=DEADLINE_S) as client:
        shipper = Shipper(client, node=NODE, quarantine=paths.journal / "quarantine.ndjson")
        yield Journal(logs, shipper, JournalTimings()), logs
    for log in logs.values():
        log.close()


async def ship(paths: InstancePaths, *sources: Source) -> int:
    """Ships all that is waiting of these sources; gives how many batches that were."""
    batches = 0
    async with journal_of(paths) as (journal, logs):
        for source in sources:
            while await journal.ship_once(source, logs[source]):
                batches += 1
    return batches


def put_evidence(paths: InstancePaths) -> None:
    for source, path in evidence_paths(paths).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(FOLDER / FILES[source], path)


def told(paths: InstancePaths, url: str) -> dict[str, object]:
    """What the api tells of the calls and the ledger of the day."""
    headers = {"Authorization": f"Bearer {read_secrets(paths.secrets_file).token_console.get_secret_value()}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=DEADLINE_S) as client:
        calls = client.get("/api/v1/calls", params={"limit": 100}).raise_for_status().json()
        ledger = client.get("/api/v1/ledger", params={"day": DAY}).raise_for_status().json()
    ledger.pop("compared_until")  # the moment of the question
    return {"calls": calls, "ledger": ledger}


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n")
    return file


@pytest.fixture
def api_line(postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiLine]:
    """A line whose api runs on a database of this test; its commands find it by DATABASE_URL."""
    url = postgres_server.make_database()
    monkeypatch.setenv("DATABASE_URL", url)
    with running_api(tmp_path / "old", url) as line:
        put_evidence(line.paths)
        line.paths.recordings.mkdir()
        (line.paths.recordings / "call.wav").write_bytes(RECORDING)
        (line.paths.state / "plans").mkdir(parents=True)
        (line.paths.state / "current").write_text("p1")
        yield line


@pytest.fixture
def restored() -> Iterator[InstancePaths]:
    """Where the backup goes; a folder of a short path that PostgreSQL's user can reach."""

    folder = Path(tempfile.mkdtemp(prefix="hotline-restored-"))
    folder.chmod(0o755)
    yield InstancePaths(folder / "line")
    shutil.rmtree(folder)


def back_up(line: ApiLine, target: Path, passphrase_file: Path) -> int:
    arguments = ["--passphrase-file", str(passphrase_file), "--instance", str(line.paths.root)]
    return run(["backup", str(target), *arguments])


def restore(file: Path, paths: InstancePaths, passphrase_file: Path) -> int:
    return run(["restore", str(file), "--passphrase-file", str(passphrase_file), "--instance", str(paths.root)])


def shipped_after_restore(paths: InstancePaths) -> tuple[int, dict[str, object]]:
    """Runs the restored line's database and api, ships what waits; gives the batches and what the api tells."""

    async def run_database() -> tuple[int, dict[str, object]]:
        process = await postgres.start(paths.database)
        try:
            site = read_site(paths.site_file)
            return await asyncio.to_thread(with_api, site.api_port)
        finally:
            await postgres.stop(process)

    def with_api(port: int) -> tuple[int, dict[str, object]]:
        with running(port, postgres.database_url(paths.database), paths.secrets_file):
            batches = asyncio.run(ship(paths, *Source))
            return batches, told(paths, f"http://127.0.0.1:{port}")

    return asyncio.run(run_database())


def test_a_restored_line_tells_the_same_calls_and_ledger(
    api_line: ApiLine, restored: InstancePaths, passphrase_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(ship(api_line.paths, *Source))
    before = told(api_line.paths, api_line.url)
    backups = tmp_path / "backups"
    backups.mkdir()
    assert back_up(api_line, backups, passphrase_file) == 0
    (file,) = backups.iterdir()
    api_line.process.kill()
    api_line.process.wait()
    monkeypatch.delenv("DATABASE_URL")
    assert restore(file, restored, passphrase_file) == 0
    batches, after = shipped_after_restore(restored)
    assert batches == 0
    assert after == before
    assert {call["call_id"] for call in after["calls"]["calls"]} >= set(CALL_IDS)  # type: ignore[index]  # JSON
    assert (restored.recordings / "call.wav").read_bytes() == RECORDING
    assert (restored.state / "current").read_text() == "p1"
    assert restored.secrets_file.read_bytes() == api_line.paths.secrets_file.read_bytes()
    assert restored.secrets_file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_mode & 0o777 == 0o600


def test_evidence_that_was_not_shipped_yet_is_in_the_log_after_the_restore(
    api_line: ApiLine, restored: InstancePaths, passphrase_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(ship(api_line.paths, Source.CDR, Source.WITNESS))
    file = tmp_path / "line.backup"
    with api_line.paths.cel_file.open("a") as cel:
        cel.write('{"eventtype":"half a li')
    assert back_up(api_line, file, passphrase_file) == 0
    asyncio.run(ship(api_line.paths, *Source))
    complete = told(api_line.paths, api_line.url)
    api_line.process.kill()
    api_line.process.wait()
    monkeypatch.delenv("DATABASE_URL")
    assert restore(file, restored, passphrase_file) == 0
    assert restored.cel_file.read_bytes().endswith(b"\n")
    batches, after = shipped_after_restore(restored)
    assert batches == 2
    assert after == complete


def test_a_database_that_holds_something_is_never_written_to(
    api_line: ApiLine, restored: InstancePaths, passphrase_file: Path, tmp_path: Path, output: Output
) -> None:
    file = tmp_path / "line.backup"
    assert back_up(api_line, file, passphrase_file) == 0
    assert restore(file, restored, passphrase_file) == NOT_DONE
    assert "DATABASE_URL is not empty" in output()
    assert not list(restored.root.parent.iterdir())


@pytest.fixture
def empty_database(api_line: ApiLine, postgres_server: PostgresServer) -> str:
    return postgres_server.make_database("template0")


def test_another_passphrase_restores_nothing_and_the_right_one_all(
    api_line: ApiLine,
    restored: InstancePaths,
    empty_database: str,
    passphrase_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = passphrase_file.with_name("line.backup")
    assert back_up(api_line, file, passphrase_file) == 0
    monkeypatch.setenv("DATABASE_URL", empty_database)
    passphrase_file.write_text("another one of five words")
    assert restore(file, restored, passphrase_file) == NOT_DONE
    assert asyncio.run(inspect_async(empty_database)).is_empty
    assert not list(restored.root.parent.iterdir())
    passphrase_file.write_text(PASSPHRASE)
    assert restore(file, restored, passphrase_file) == 0
    assert asyncio.run(inspect_async(empty_database)).ahead == ()


def test_nothing_is_overwritten(api_line: ApiLine, passphrase_file: Path, tmp_path: Path, output: Output) -> None:
    file = tmp_path / "line.backup"
    file.write_bytes(b"mine")
    assert back_up(api_line, file, passphrase_file) == NOT_DONE
    assert "is there already: nothing is overwritten" in output()
    assert file.read_bytes() == b"mine"
    assert restore(file, api_line.paths, passphrase_file) == NOT_DONE
    assert "is not empty, and nothing is overwritten" in output()


def test_a_backup_leaves_nothing_beside_it_when_the_database_is_away(
    api_line: ApiLine, passphrase_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:s3cret@127.0.0.1:1/hotline")
    assert back_up(api_line, backups, passphrase_file) == NOT_DONE
    shown = output()
    assert "the database does not answer" in shown
    assert "s3cret" not in shown
    assert not list(backups.iterdir())


@pytest.mark.parametrize("content", ["", "short\n"])
def test_a_backup_without_a_good_passphrase_is_refused(
    api_line: ApiLine, passphrase_file: Path, tmp_path: Path, output: Output, content: str
) -> None:
    passphrase_file.write_text(content)
    assert back_up(api_line, tmp_path / "line.backup", passphrase_file) == NOT_DONE
    assert "the passphrase needs at least 12 characters" in output()
    assert not (tmp_path / "line.backup").exists()


def test_upgrade_check_tells_a_database_that_is_up_to_date(api_line: ApiLine, output: Output) -> None:
    assert run(["upgrade", "--check", "--instance", str(api_line.paths.root)]) == 0
    assert "which is this version's" in output()


def test_upgrade_check_names_the_steps_and_upgrade_makes_them(
    api_line: ApiLine, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    empty = postgres_server.make_database("template0")
    monkeypatch.setenv("DATABASE_URL", empty)
    instance = str(api_line.paths.root)
    assert run(["upgrade", "--check", "--instance", instance]) == 1
    assert "0001 " in output()
    assert asyncio.run(inspect_async(empty)).is_empty
    assert run(["upgrade", "--instance", instance]) == 0
    assert "done: the database has schema" in output()
    assert run(["upgrade", "--check", "--instance", instance]) == 0


def test_a_database_that_is_newer_than_the_code_is_refused(
    api_line: ApiLine, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, output: Output
) -> None:
    url = postgres_server.make_database()
    name = url.split("@/")[1].split("?")[0]
    postgres_server.execute("UPDATE alembic_version SET version_num = '9999'", name)
    monkeypatch.setenv("DATABASE_URL", url)
    for arguments in (["upgrade", "--check"], ["upgrade"]):
        assert run([*arguments, "--instance", str(api_line.paths.root)]) == NOT_DONE
        assert "schema 9999, which this version does not know" in output()


def test_the_manifest_names_version_and_schema(api_line: ApiLine, passphrase_file: Path, tmp_path: Path) -> None:

    file = tmp_path / "line.backup"
    assert back_up(api_line, file, passphrase_file) == 0
    folder = tmp_path / "out"
    folder.mkdir()
    with file.open("rb") as opened:
        manifest = extract(opened, PASSPHRASE, folder)
    assert json.loads(manifest.model_dump_json())["node"] == NODE
    assert manifest.revision == asyncio.run(inspect_async(str(_database_url()))).revision
    assert {"site.yaml", "secrets.json", "database.dump", "state/current"} <= {each.name for each in manifest.entries}


def _database_url() -> str:

    return os.environ["DATABASE_URL"]
