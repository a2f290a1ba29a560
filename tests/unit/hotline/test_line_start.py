"""The order of a start, and a start with the database away."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import current_file
from hotline import line as line_module
from hotline.child import Program
from hotline.line import PreparedLine, bring_database, is_in_force, start_line
from hotline.supervisor import Supervisor
from migrations.run import MigrationError
from routing.plan import PlanVersion
from tests.plans import small_plan
from tests.unit.hotline.prepared import prepared_line

DATABASE = SecretStr("postgresql+asyncpg://u:secret@127.0.0.1:1/hotline")


class NotedStarts(Supervisor):
    """Starts nothing and notes what it was to start."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, lambda _line: None)
        self.started: list[str] = []

    async def start(self, program: Program) -> None:
        self.started.append(program.name)


@pytest.fixture
def line(tmp_path: Path) -> PreparedLine:
    return prepared_line(InstancePaths(tmp_path), small_plan(), database=DATABASE)


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where readiness was waited for."""
    waited: list[str] = []

    async def wait(line: PreparedLine) -> None:
        waited.append(line.api_url)

    monkeypatch.setattr(line_module, "wait_line_ready", wait)
    return waited


def answering(monkeypatch: pytest.MonkeyPatch, *causes: BaseException | None) -> None:
    """Has the database answer with these errors one after another; None: it is upgraded."""
    left = list(causes)

    async def upgrade(_url: str) -> str:
        cause = left.pop(0)
        if cause is None:
            return "0002"
        raise MigrationError("database u:***@127.0.0.1 does not answer") from cause

    monkeypatch.setattr(line_module, "upgrade_async", upgrade)
    monkeypatch.setattr(line_module, "DATABASE_AGAIN_S", 0)


async def test_a_line_is_whole_when_the_database_answers(
    line: PreparedLine, ready: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answering(monkeypatch, None)
    supervisor = NotedStarts(tmp_path)
    assert await start_line(line, supervisor, lambda _line: None)
    assert supervisor.started == ["api", "ivr", "asterisk"]
    assert ready == [line.api_url]


@pytest.mark.parametrize("cause", [ConnectionRefusedError("refused"), TimeoutError("too long")])
async def test_with_the_database_away_calls_are_taken_with_the_plan_that_was_in_force(
    cause: Exception, line: PreparedLine, ready: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answering(monkeypatch, cause)
    supervisor, said = NotedStarts(tmp_path), list[str]()
    assert not await start_line(line, supervisor, said.append)
    assert supervisor.started == ["api", "ivr", "asterisk"]
    assert ready == []
    assert f"calls are taken all the same, with plan {line.plan.version}" in said[0]


@pytest.mark.parametrize(
    ("cause", "was_in_force"), [(RuntimeError("password"), True), (ConnectionRefusedError("refused"), False)]
)
async def test_a_database_that_refuses_us_or_a_new_line_without_one_starts_nothing(
    cause: Exception, was_in_force: bool, line: PreparedLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answering(monkeypatch, cause)
    supervisor = NotedStarts(tmp_path)
    with pytest.raises(MigrationError):
        await start_line(replace(line, was_in_force=was_in_force), supervisor, lambda _line: None)
    assert supervisor.started == []


async def test_a_line_that_never_came_up_has_no_plan_in_force(
    line: PreparedLine, ready: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    current_file(line.paths.state).unlink()
    new = replace(line, was_in_force=False)
    answering(monkeypatch, ConnectionRefusedError("refused"), None)
    with pytest.raises(MigrationError):
        await start_line(new, NotedStarts(tmp_path), lambda _line: None)
    assert not is_in_force(line.paths, line.plan)
    await start_line(new, NotedStarts(tmp_path), lambda _line: None)
    assert is_in_force(line.paths, line.plan)


async def test_a_database_that_comes_back_is_upgraded_and_the_line_is_whole(
    line: PreparedLine, ready: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, OSError("no route"), ConnectionRefusedError("refused"), None)
    said: list[str] = []
    await bring_database(line, said.append)
    assert said == ["the database is back; it has the schema 0002"]
    assert ready == [line.api_url]


async def test_a_database_that_comes_back_wrong_is_not_asked_for_ever(
    line: PreparedLine, ready: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, OSError("no route"), RuntimeError("newer than this code"))
    with pytest.raises(MigrationError):
        await bring_database(line, lambda _line: None)
    assert ready == []


def test_only_the_version_that_state_names_is_in_force(line: PreparedLine) -> None:
    assert is_in_force(line.paths, line.plan)
    assert not is_in_force(line.paths, replace(line.plan, version=PlanVersion("fedcba9876543210")))
    assert not is_in_force(InstancePaths(line.paths.root / "none"), line.plan)
