"""Evidence files that grow, are rotated, cut, emptied, copied and lost: each line comes once."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.journal import batches
from ivr.journal.batches import read_batch
from ivr.journal.evidence_log import EvidenceLog
from ivr.journal.places import HEAD_BYTES, PlacesError, read_places

NAME = "cel.jsonl"


class Scene:
    """A folder with evidence, and a journal that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = folder / NAME
        self.checkpoint = folder / "journal" / "cel.json"
        self.log = EvidenceLog(self.current, self.checkpoint)
        self.read: list[str] = []
        self.positions: list[tuple[str, int]] = []

    def write(self, *lines: str, end: str = "\n") -> None:
        with self.current.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines) + end)

    def ship(self) -> list[str]:
        """Reads and acknowledges all there is; gives its texts."""
        texts: list[str] = []
        while (batch := self.log.next_batch()) is not None:
            texts += [line.text for line in batch.lines]
            self.positions += [(batch.generation, line.offset_bytes) for line in batch.lines]
            self.log.acknowledge(batch)
        self.read += texts
        return texts

    def restart(self) -> None:
        """Kills the journal and starts another."""
        self.log.close()
        self.log = EvidenceLog(self.current, self.checkpoint)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_nothing_is_read_where_there_is_no_file(scene: Scene) -> None:
    assert scene.ship() == []
    assert scene.log.lag_bytes == 0


def test_complete_lines_are_read_and_half_a_line_waits_for_its_end(scene: Scene) -> None:
    scene.write("a1", "a2", "a3-begin", end="")
    assert scene.ship() == ["a1", "a2"]
    assert scene.log.lag_bytes == len("a3-begin")
    scene.write("-end")
    assert scene.ship() == ["a3-begin-end"]
    assert scene.log.lag_bytes == 0


def test_positions_are_offsets_within_one_generation(scene: Scene) -> None:
    scene.write("a1", "", "Олена", "a3")
    scene.ship()
    assert [offset for _, offset in scene.positions] == [0, 4, 15]
    assert len({generation for generation, _ in scene.positions}) == 1


def test_a_batch_that_was_not_acknowledged_comes_again_at_the_same_positions(scene: Scene) -> None:
    scene.write("a1", "a2")
    first = scene.log.next_batch()
    scene.restart()
    assert scene.log.next_batch() == first


def test_an_acknowledgement_that_comes_after_the_close_leaves_the_checkpoint_whole(scene: Scene) -> None:
    scene.write("a1")
    batch = scene.log.next_batch()
    assert batch is not None
    before = read_places(scene.checkpoint)
    scene.log.close()
    scene.log.acknowledge(batch)
    assert scene.log.next_batch() is None
    assert read_places(scene.checkpoint) == before != ()


def test_a_restart_goes_on_behind_the_last_acknowledged_line(scene: Scene) -> None:
    scene.write("a1")
    scene.ship()
    scene.restart()
    scene.write("a2")
    assert scene.ship() == ["a2"]
    assert len({generation for generation, _ in scene.positions}) == 1


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_rotated_file_is_finished_before_the_new_one(scene: Scene, is_restarted: bool) -> None:
    scene.write("a1")
    scene.ship()
    scene.write("a2")
    scene.current.rename(scene.folder / f"{NAME}.1")
    scene.write("b1")
    if is_restarted:
        scene.restart()
    assert scene.ship() == ["a2", "b1"]
    assert len({generation for generation, _ in scene.positions}) == 2


def test_lines_written_to_the_old_file_after_its_rotation_are_read(scene: Scene) -> None:
    scene.write("a1")
    scene.ship()
    rotated = scene.folder / f"{NAME}.1"
    scene.current.rename(rotated)
    scene.write("b1")
    assert scene.ship() == ["b1"]
    with rotated.open("a") as file:
        file.write("a2\n")
    assert scene.ship() == ["a2"]


def test_several_rotations_while_the_journal_was_dead_lose_nothing(scene: Scene) -> None:
    scene.write("a1")
    scene.ship()
    scene.log.close()
    scene.write("a2")
    scene.current.rename(scene.folder / f"{NAME}.2")
    scene.write("b1")
    scene.current.rename(scene.folder / f"{NAME}.1")
    scene.write("c1")
    os.utime(scene.folder / f"{NAME}.2", (1, 1))
    os.utime(scene.folder / f"{NAME}.1", (2, 2))
    scene.restart()
    assert scene.ship() == ["a2", "b1", "c1"]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_file_that_was_copied_and_emptied_keeps_its_generation_in_the_copy(scene: Scene, is_restarted: bool) -> None:
    scene.write("a1")
    scene.ship()
    scene.write("a2")
    shutil.copy(scene.current, scene.folder / f"{NAME}.1")
    os.truncate(scene.current, 0)
    if is_restarted:
        scene.restart()
    assert scene.ship() == ["a2"]
    scene.write("b1")
    assert scene.ship() == ["b1"]
    generations = [generation for generation, _ in scene.positions]
    assert generations[0] == generations[1] != generations[2]


def test_a_copy_beside_a_living_file_is_not_read_again(scene: Scene) -> None:
    scene.write("a1")
    scene.ship()
    shutil.copy(scene.current, scene.folder / f"{NAME}.1")
    assert scene.ship() == []


def test_a_file_emptied_and_written_past_its_old_end_is_a_new_generation(scene: Scene) -> None:
    scene.write("a1")
    scene.ship()
    os.truncate(scene.current, 0)
    scene.write("b1", "b2")
    assert scene.ship() == ["b1", "b2"]
    assert len(set(scene.positions)) == 3


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_file_that_lost_its_end_goes_on_with_new_positions_and_repeats_nothing(
    scene: Scene, is_restarted: bool
) -> None:
    first = "a1" * HEAD_BYTES
    scene.write(first, "a2")
    scene.ship()
    if is_restarted:
        scene.log.close()
    os.truncate(scene.current, len(first) + 1)
    if is_restarted:
        scene.restart()
    assert scene.ship() == []
    scene.write("b2")
    assert scene.ship() == ["b2"]
    assert len(set(scene.positions)) == 3


def test_a_file_moved_out_of_the_folder_is_finished_through_its_descriptor(scene: Scene, tmp_path: Path) -> None:
    scene.write("a1")
    scene.ship()
    scene.write("a2")
    elsewhere = tmp_path / "old"
    elsewhere.mkdir()
    scene.current.rename(elsewhere / "archive")
    assert scene.ship() == ["a2"]
    scene.write("b1")
    assert scene.ship() == ["b1"]


def test_a_name_that_is_missed_between_two_steps_of_a_rotation_does_not_repeat_lines(scene: Scene) -> None:
    scene.write("a1")
    scene.ship()
    hidden = scene.folder / "between"
    scene.current.rename(hidden)
    assert scene.ship() == []
    hidden.rename(scene.folder / f"{NAME}.1")
    assert scene.ship() == []


def test_a_whole_file_put_back_is_not_read_again(scene: Scene) -> None:
    scene.write("a1", "a2")
    scene.ship()
    backup = scene.folder / "backup"
    shutil.copy(scene.current, backup)
    scene.current.unlink()
    scene.ship()
    scene.restart()
    shutil.copy(backup, scene.current)
    assert scene.ship() == []


def test_packed_files_are_left_alone(scene: Scene) -> None:
    (scene.folder / f"{NAME}.1.gz").write_bytes(b"packed\n")
    assert scene.ship() == []


def test_an_emptied_journal_folder_makes_new_generations_and_loses_nothing(scene: Scene) -> None:
    scene.write("a1")
    scene.ship()
    scene.checkpoint.unlink()
    scene.restart()
    assert scene.ship() == ["a1"]


def test_a_broken_checkpoint_stops_the_journal_and_says_what_to_do(scene: Scene) -> None:
    scene.checkpoint.parent.mkdir()
    scene.checkpoint.write_text("{")
    with pytest.raises(PlacesError, match="moved away"):
        scene.ship()


def test_no_descriptor_is_left_after_many_rotations(scene: Scene) -> None:
    scene.write("a0")
    scene.ship()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(1, 30):
        scene.current.unlink()
        scene.write(f"a{number}")
        assert scene.ship() == [f"a{number}"]
    scene.log.next_batch()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert len(read_places(scene.checkpoint)) == 30


def test_a_line_over_the_limit_is_cut_and_marked(scene: Scene) -> None:
    scene.write("a1", "x" * (batches.LINE_LIMIT_BYTES + 1), "a3")
    batch = scene.log.next_batch()
    assert batch is not None
    assert [(len(line.text), line.is_cut) for line in batch.lines] == [
        (2, False),
        (batches.LINE_LIMIT_BYTES, True),
        (2, False),
    ]


@pytest.mark.parametrize("extra_bytes", [-1, 0, 1, 500_000])
def test_a_line_longer_than_a_batch_is_cut_and_the_next_one_read(scene: Scene, extra_bytes: int) -> None:
    scene.write("y" * (batches.BATCH_BYTES + extra_bytes), end="")
    assert scene.ship() == []
    scene.write("", "a2")
    assert [len(text) for text in scene.ship()] == [batches.LINE_LIMIT_BYTES, 2]


def test_bytes_that_are_no_text_are_replaced(scene: Scene) -> None:
    scene.current.write_bytes(b"a\xff\xd0b\r\n")
    assert scene.ship() == ["a��b"]


def test_a_batch_has_at_most_its_number_of_lines(scene: Scene) -> None:
    scene.write(*(str(number) for number in range(batches.BATCH_LINES + 1)))
    first = scene.log.next_batch()
    assert first is not None
    assert len(first.lines) == batches.BATCH_LINES
    assert len(scene.ship()) == batches.BATCH_LINES + 1


@given(st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")), max_size=30))
def test_any_lines_come_back_whole_and_in_order(lines: list[bytes]) -> None:
    descriptor = os.memfd_create("evidence")
    try:
        os.write(descriptor, b"".join(line + b"\n" for line in lines) + b"half")
        batch = read_batch(descriptor, "g", 0)
        assert [line.text for line in batch.lines] == [line.decode("utf-8", "replace") for line in lines if line]
        assert batch.end_bytes == sum(len(line) + 1 for line in lines)
    finally:
        os.close(descriptor)
