import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.privacy.audio import remove_audio
from api.privacy.retention import next_night


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T00:00+00:00", "2026-11-24T01:30+00:00"),
        ("2026-11-24T01:30+00:00", "2026-11-25T01:30+00:00"),
        ("2026-11-24T12:00+00:00", "2026-11-25T01:30+00:00"),
        ("2026-07-24T12:00+00:00", "2026-07-25T00:30+00:00"),
        ("2026-10-24T12:00+00:00", "2026-10-25T00:30+00:00"),
        ("2026-10-25T00:30+00:00", "2026-10-26T01:30+00:00"),
        ("2026-03-28T12:00+00:00", "2026-03-29T01:30+00:00"),
    ],
    ids=["before", "at", "after", "summer", "clocks back", "between the two", "clocks forward"],
)
def test_the_night_comes_once_a_day_at_half_past_three_in_kyiv(now: str, expected: str) -> None:
    assert next_night(datetime.fromisoformat(now)).astimezone(UTC) == datetime.fromisoformat(expected)


def test_old_recordings_end_and_those_of_held_calls_stay(tmp_path: Path) -> None:
    (tmp_path / "2020").mkdir()
    names = ["node1-1.1.wav", "node1-1.1-in.wav", "node1-1.10.wav", "2020/node1-2.2.wav", "young.wav"]
    for name in names:
        (tmp_path / name).write_bytes(b"RIFF")
        if name != "young.wav":
            os.utime(tmp_path / name, (0, 0))
    held = frozenset({"node1-1.1"})
    assert remove_audio(tmp_path, held, days=30, is_dry=True) == 2
    assert remove_audio(tmp_path, held, days=30, is_dry=False) == 2
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"node1-1.1.wav", "node1-1.1-in.wav", "young.wav"}
    assert remove_audio(tmp_path / "none", held, days=30, is_dry=False) == 0
