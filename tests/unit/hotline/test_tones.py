import math
import random
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest

from hotline.tones import SAMPLE_RATE_HZ, RecordingError, read_samples, tone_s, tone_share, write_tone


def sine(frequency_hz: float, amplitude: float, count: int = 800) -> Sequence[int]:
    step = 2 * math.pi * frequency_hz / SAMPLE_RATE_HZ
    return array("h", (round(amplitude * math.sin(step * at)) for at in range(count)))


def test_a_written_tone_is_found_for_its_whole_length(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    write_tone(path, 700, 3)
    assert tone_s(path, 700) == pytest.approx(3.0)
    assert len(read_samples(path)) == 3 * SAMPLE_RATE_HZ


@pytest.mark.parametrize("other_hz", [500, 900, 1100, 1400])
def test_another_tone_is_not_taken_for_ours(tmp_path: Path, other_hz: int) -> None:
    path = tmp_path / "tone.wav"
    write_tone(path, other_hz, 1)
    assert tone_s(path, 700) == 0


def test_silence_has_no_tone() -> None:
    assert tone_share(array("h", [0] * 800), 700) == 0
    assert tone_share(sine(700, 100), 700) == 0


def test_a_tone_is_found_under_noise() -> None:
    draw = random.Random(7)
    noisy = [sample + draw.randint(-1500, 1500) for sample in sine(700, 8000)]
    assert tone_share(noisy, 700) > 0.8


def test_noise_is_no_tone() -> None:
    draw = random.Random(7)
    assert tone_share([draw.randint(-8000, 8000) for _ in range(800)], 700) < 0.1


def test_a_file_that_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(b"RIFF....")
    with pytest.raises(RecordingError, match=r"broken\.wav"):
        tone_s(path, 700)
    with pytest.raises(RecordingError, match=r"none\.wav"):
        tone_s(tmp_path / "none.wav", 700)
