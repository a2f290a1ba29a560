"""The node's state folder: what is written comes back, and anything else is told clearly."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_conf import state_files
from asterisk_conf.state_files import StateError
from routing.overrides import Override, OverrideAction, OverrideScope
from routing.plan import PlanVersion
from tests.plans import small_plan

OTHER = PlanVersion("fedcba9876543210")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def _override() -> Override:
    created = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    return Override(
        id="o1",
        scope=OverrideScope.QUEUE,
        target="sumy",
        action=OverrideAction.CLOSED,
        destination=None,
        until=created + timedelta(hours=4),
        reason="Повітряна тривога",
        author="Олена",
        created_at=created,
    )


def test_a_plan_comes_back_as_it_was_written(state: Path) -> None:
    plan = small_plan()
    path = state_files.write_snapshot(state, plan)
    state_files.write_current(state, plan.version)
    assert path == state / "plans" / f"{plan.version}.json"
    assert state_files.read_current(state) == plan.version
    assert state_files.read_plan_snapshot(state, plan.version) == plan


def test_the_current_file_begins_with_the_version_and_nothing_else(state: Path) -> None:
    state_files.write_snapshot(state, small_plan())
    state_files.write_current(state, small_plan().version)
    assert state_files.current_file(state).read_text() == small_plan().version


def test_a_version_without_a_snapshot_is_not_put_in_force(state: Path) -> None:
    with pytest.raises(StateError, match="no such snapshot"):
        state_files.write_current(state, OTHER)


@pytest.mark.parametrize(
    "version", ["", "../../etc/passwd", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef\n"]
)
def test_a_version_that_is_none_never_becomes_a_file_name(state: Path, version: str) -> None:
    with pytest.raises(StateError, match="not a plan version"):
        state_files.read_plan_snapshot(state, PlanVersion(version))


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[]", '{"format": 1}', "[" * 100_000, "\ud800"])
def test_a_broken_snapshot_is_told_with_its_file(state: Path, text: str) -> None:
    path = state_files.snapshot_file(state, OTHER)
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(StateError, match=str(path)):
        state_files.read_plan_snapshot(state, OTHER)


def test_a_call_keeps_the_plan_that_it_began_with(state: Path) -> None:
    first, second = small_plan(), replace(small_plan(), version=OTHER)
    for plan in (first, second):
        state_files.write_snapshot(state, plan)
    state_files.write_current(state, second.version)
    assert state_files.read_plan_of_call(state, first.version).version == first.version
    assert state_files.read_plan_of_call(state, None).version == second.version


def test_a_call_whose_plan_is_gone_gets_the_one_in_force(state: Path) -> None:
    state_files.write_snapshot(state, small_plan())
    state_files.write_current(state, small_plan().version)
    assert state_files.read_plan_of_call(state, OTHER).version == small_plan().version
    assert state_files.read_plan_of_call(state, PlanVersion("../x")).version == small_plan().version


def test_without_any_plan_a_call_gets_an_error(state: Path) -> None:
    with pytest.raises(StateError):
        state_files.read_plan_of_call(state, None)


def test_overrides_come_back_as_they_were_written(state: Path) -> None:
    state_files.write_overrides(state, [_override()])
    assert state_files.read_overrides(state) == (_override(),)


def test_no_file_of_overrides_means_no_overrides(state: Path) -> None:
    assert state_files.read_overrides(state) == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"overrides": 1}', '{"overrides": [1]}', '{"overrides": [{}]}'])
def test_broken_overrides_are_told_with_their_file(state: Path, text: str) -> None:
    path = state_files.overrides_file(state)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(StateError, match=str(path)):
        state_files.read_overrides(state)


@pytest.mark.parametrize("offset_s", [0.0, -3_600.5, 86_400.0])
def test_the_clock_comes_back_as_it_was_set(state: Path, offset_s: float) -> None:
    state_files.write_clock(state, offset_s)
    assert state_files.read_clock_offset_s(state) == offset_s


def test_no_clock_file_means_real_time(state: Path) -> None:
    assert state_files.read_clock_offset_s(state) == 0


@pytest.mark.parametrize("text", ["", "1", "{}", '{"offset_s": "1"}', '{"offset_s": true}'])
def test_a_broken_clock_is_told_with_its_file(state: Path, text: str) -> None:
    path = state_files.clock_file(state)
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(StateError, match=str(path)):
        state_files.read_clock_offset_s(state)


def test_a_write_leaves_one_file_and_replaces_the_old_one_whole(state: Path) -> None:
    state_files.write_clock(state, 1.0)
    held = state_files.clock_file(state).open()
    state_files.write_clock(state, 2.0)
    with held:
        assert held.read() == '{"offset_s": 1.0}'
    assert [path.name for path in state.iterdir()] == ["clock.json"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(StateError, match="cannot be written"):
        state_files.write_clock(tmp_path / "state", 1.0)
