"""After an outage: the newest lines come first, by turns with the oldest, and each line comes once."""

from pathlib import Path

import pytest

from ivr.journal.evidence_log import BEHIND_BYTES, LIVE_BYTES
from ivr.journal.places import read_places
from tests.unit.ivr.test_evidence_log import Scene

LINE_CHARS = 1_000
BACKLOG_LINES = 3 * BEHIND_BYTES // (2 * LINE_CHARS)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def lines(name: str, count: int = BACKLOG_LINES) -> list[str]:
    return [f"{name} {number} ".ljust(LINE_CHARS, "x") for number in range(count)]


def ship_batches(scene: Scene, count: int) -> list[list[str]]:
    """Ships some batches; gives the texts of each."""
    shipped = []
    for _ in range(count):
        batch = scene.log.next_batch()
        assert batch is not None
        scene.log.acknowledge(batch)
        scene.positions += [(batch.generation, line.offset_bytes) for line in batch.lines]
        shipped.append([line.text for line in batch.lines])
        scene.read += shipped[-1]
    return shipped


def assert_each_once(scene: Scene, expected: list[str]) -> None:
    assert sorted(scene.read) == sorted(expected)
    assert len(set(scene.positions)) == len(scene.positions)
    assert scene.log.next_batch() is None
    assert scene.log.lag_bytes == 0


def test_the_newest_lines_come_first_and_the_oldest_next(scene: Scene) -> None:
    expected = lines("old")
    scene.write(*expected)
    newest, oldest = ship_batches(scene, 2)
    assert newest[-1] == expected[-1]
    assert 0 < len(newest) <= LIVE_BYTES // LINE_CHARS
    assert oldest[0] == expected[0]
    scene.ship()
    assert_each_once(scene, expected)


def test_a_line_of_now_waits_for_one_old_batch_at_most(scene: Scene) -> None:
    expected = lines("old")
    scene.write(*expected)
    ship_batches(scene, 2)
    for number in range(3):
        scene.write(f"now {number}")
        expected.append(f"now {number}")
        shipped = ship_batches(scene, 2)
        assert [f"now {number}"] in shipped
    scene.ship()
    assert_each_once(scene, expected)


def test_lines_that_never_stop_do_not_hold_up_the_old_ones(scene: Scene) -> None:
    expected = lines("old")
    scene.write(*expected)
    number = 0
    while scene.log.next_batch() is not None and expected[BACKLOG_LINES // 2] not in scene.read:
        scene.write(f"now {number}")
        expected.append(f"now {number}")
        number += 1
        ship_batches(scene, 1)
    assert number < BACKLOG_LINES
    scene.ship()
    assert_each_once(scene, expected)


@pytest.mark.parametrize("batches_before", range(1, 6))
def test_a_restart_in_the_middle_repeats_and_loses_nothing(scene: Scene, batches_before: int) -> None:
    expected = lines("old")
    scene.write(*expected)
    ship_batches(scene, batches_before)
    scene.restart()
    scene.write("now")
    scene.ship()
    assert_each_once(scene, [*expected, "now"])


def test_where_both_stretches_meet_the_checkpoint_has_one_again(scene: Scene) -> None:
    scene.write(*lines("old"))
    ship_batches(scene, 1)
    (place,) = read_places(scene.checkpoint)
    assert place.ahead is not None
    scene.ship()
    (place,) = read_places(scene.checkpoint)
    assert (place.ahead, place.offset_bytes) == (None, scene.current.stat().st_size)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_rotation_in_the_middle_repeats_and_loses_nothing(scene: Scene, *, is_restarted: bool) -> None:
    expected = lines("old")
    scene.write(*expected)
    ship_batches(scene, 3)
    scene.current.rename(scene.folder / "cel.jsonl.1")
    newer = lines("new", 5)
    scene.write(*newer)
    if is_restarted:
        scene.restart()
    scene.ship()
    assert_each_once(scene, expected + newer)


@pytest.mark.parametrize("kept_lines", [100, BACKLOG_LINES - 200, BACKLOG_LINES - 30])
def test_a_file_that_loses_its_end_in_the_middle_repeats_nothing(scene: Scene, kept_lines: int) -> None:
    expected = lines("old")
    scene.write(*expected)
    ship_batches(scene, 2)
    with scene.current.open("r+b") as file:
        file.truncate(kept_lines * (LINE_CHARS + 1))
    scene.log.next_batch()
    newer = lines("new", 200)
    scene.write(*newer)
    scene.ship()
    assert len(scene.read) == len(set(scene.read))
    assert len(set(scene.positions)) == len(scene.positions)
    assert {*expected[:kept_lines], *newer} <= set(scene.read)
    assert scene.log.lag_bytes == 0


def test_a_small_backlog_keeps_its_order(scene: Scene) -> None:
    expected = lines("old", BEHIND_BYTES // LINE_CHARS // 2)
    scene.write(*expected)
    assert scene.ship() == expected
