"""Tones that softphones play, and finding them in what the other side recorded. Files are 8 kHz mono 16-bit WAV."""

import math
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

SAMPLE_RATE_HZ = 8_000
WINDOW_SAMPLES = 800
"""100 ms: a resolution of 10 Hz, far below the distance of two tones."""
LOUDNESS = 0.3
SILENCE_RMS = 200.0
"""Root mean square of 16-bit samples under which a window counts as silence."""
MINIMUM_SHARE = 0.6
"""Share of a window's energy that the tone must have: speech and music stay far below."""


class RecordingError(ValueError):
    """A file is not a recording that we can read."""


def write_tone(path: Path, frequency_hz: int, duration_s: int) -> None:
    """Writes a steady sine tone."""
    amplitude = LOUDNESS * 32_767
    step = 2 * math.pi * frequency_hz / SAMPLE_RATE_HZ
    second = array("h", (round(amplitude * math.sin(step * index)) for index in range(SAMPLE_RATE_HZ)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        for _ in range(duration_s):
            file.writeframesraw(second.tobytes())


def read_samples(path: Path) -> Sequence[int]:
    """Reads a recording's samples.

    Raises:
        RecordingError: The file is missing, is no WAV, or has another format.
    """
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            samples = array("h", file.readframes(file.getnframes()))
    except (OSError, EOFError, ValueError, wave.Error) as error:
        raise RecordingError(f"{path}: {error}") from error
    if form != (1, 2, SAMPLE_RATE_HZ):
        raise RecordingError(f"{path}: not 8 kHz mono 16-bit but {form}")
    return samples


def tone_share(window: Sequence[int], frequency_hz: int) -> float:
    """Gives the share, 0 to 1, of a window's energy that lies at `frequency_hz`; 0 for silence.

    Source: Goertzel's algorithm; a pure sine of amplitude A has energy N·A²/2 and Goertzel power (N·A/2)².
    """
    energy = float(sum(sample * sample for sample in window))
    if math.sqrt(energy / len(window)) < SILENCE_RMS:
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * frequency_hz / SAMPLE_RATE_HZ)
    before, last = 0.0, 0.0
    for sample in window:
        before, last = last, sample + coefficient * last - before
    power = before * before + last * last - coefficient * before * last
    return min(1.0, 2 * power / (len(window) * energy))


def tone_s(path: Path, frequency_hz: int) -> float:
    """Gives for how many seconds of the recording the tone is what one hears.

    Raises:
        RecordingError: The file is no recording that we can read.
    """
    samples = read_samples(path)
    starts = range(0, len(samples) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES)
    heard = sum(tone_share(samples[at : at + WINDOW_SAMPLES], frequency_hz) >= MINIMUM_SHARE for at in starts)
    return heard * WINDOW_SAMPLES / SAMPLE_RATE_HZ
