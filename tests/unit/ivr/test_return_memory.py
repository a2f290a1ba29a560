"""Who hung up while waiting and rings again soon has waited already."""

from pathlib import Path

import pytest

from ivr.ami.frames import Frame, parse_frame
from ivr.queues.returns import ReturnMemory

KEY = b"a key of the tests"
HUNG_UP = "Event: QueueCallerAbandon\nCallerIDNum: +380670000017\nHoldTime: 40"
NOW_S = 1_800_000_000.0


def frame(text: str) -> Frame:
    return parse_frame(text.replace("\n", "\r\n").encode())


def memory(tmp_path: Path, now_s: float = NOW_S) -> ReturnMemory:
    return ReturnMemory(tmp_path / "returns.json", KEY, lambda: now_s)


@pytest.mark.parametrize("number", ["+380670000017", "0670000017", "380670000017"])
def test_the_time_counts_for_every_form_of_the_same_number_once(tmp_path: Path, number: str) -> None:
    kept = memory(tmp_path)
    kept.take_event(frame(HUNG_UP))
    assert (kept.claim(number, 600), kept.claim(number, 600)) == (40, 0)


def test_the_wait_is_that_of_the_whole_call_and_of_the_one_before(tmp_path: Path) -> None:
    kept = memory(tmp_path)
    variables = f"\nChanVariable: HOTLINE_QUEUED_AT_EPOCH={int(NOW_S) - 100}\nChanVariable: HOTLINE_WAITED_BEFORE_S=30"
    kept.take_event(frame(HUNG_UP + variables))
    assert kept.claim("0670000017", 600) == 130


@pytest.mark.parametrize(("later_s", "waited_s"), [(600, 40), (601, 0)])
def test_it_counts_only_so_long_and_survives_a_restart(tmp_path: Path, later_s: int, waited_s: int) -> None:
    memory(tmp_path).take_event(frame(HUNG_UP))
    assert memory(tmp_path, NOW_S + later_s).claim("0670000017", 600) == waited_s


def test_no_number_is_written_down(tmp_path: Path) -> None:
    memory(tmp_path).take_event(frame(HUNG_UP))
    assert "670000017" not in (tmp_path / "returns.json").read_text("utf-8")
    assert (tmp_path / "returns.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "event",
    [
        HUNG_UP.replace("+380670000017", "<unknown>"),
        HUNG_UP.replace("QueueCallerAbandon", "QueueCallerLeave"),
        "Event: QueueCallerAbandon",
    ],
)
def test_nobody_else_is_remembered(tmp_path: Path, event: str) -> None:
    kept = memory(tmp_path)
    kept.take_event(frame(event))
    assert kept.claim("0670000017", 600) == 0
    assert not (tmp_path / "returns.json").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": [1, "y"]}'])
def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "returns.json").write_text(text, "utf-8")
    kept = memory(tmp_path)
    assert kept.claim("0670000017", 600) == 0
    kept.take_event(frame(HUNG_UP))
    assert memory(tmp_path).claim("0670000017", 600) == 40
