"""What a sound file is like: its form, loudness, clipping and silence. Reads WAV with the standard library only."""

import math
import wave
from array import array
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ivr.prompts.errors import UnreadableSoundError

RATE_HZ = 8_000
TARGET_DBFS = -19.0
"""Loudness to which all speech is levelled. Why: peaks of speech lie some 15 dB above it, so hardly any is limited."""
SPEECH_RANGE_DB = 25.0
"""Windows so far below the loudest are pauses, and no speech."""
SILENCE_AMPLITUDE = 150
"""Samples up to this amplitude are silence: 0.5 % of full scale."""
FULL_SCALE = 32_767
CLIPPED_RUN = 3
"""So many samples in a row at full scale were cut off; one alone may be a peak."""
_WINDOW_SAMPLES = 400
"""50 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundMeasures:
    """What was measured in one sound file."""

    channels: int
    width_bits: int
    rate_hz: int
    length_s: float
    loudness_dbfs: float | None
    """Root mean square of the speech without its pauses; None: silence, or a form that is not measured."""
    is_clipped: bool
    lead_s: float
    tail_s: float
    """Silence at the beginning and at the end."""

    @property
    def has_right_form(self) -> bool:
        """True: 8 kHz, mono, 16 bits, as Asterisk plays it without conversion."""
        return (self.channels, self.width_bits, self.rate_hz) == (1, 16, RATE_HZ)


def measure(path: Path) -> SoundMeasures:
    """Measures a sound file. Loudness, clipping and silence are looked for in files of the right form only.

    Raises:
        UnreadableSoundError: It is missing, or no WAV file.
    """
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth() * 8, file.getframerate())
            frames = file.getnframes()
            raw = file.readframes(frames)
    except (OSError, EOFError, ValueError, wave.Error) as error:
        raise UnreadableSoundError(f"{path.name}: {error}") from error
    is_right = form == (1, 16, RATE_HZ) and len(raw) % 2 == 0
    samples = array("h", raw) if is_right else array("h")
    lead, tail = _silence_samples(samples)
    return SoundMeasures(
        channels=form[0],
        width_bits=form[1],
        rate_hz=form[2],
        length_s=frames / form[2],
        loudness_dbfs=_loudness_dbfs(samples),
        is_clipped=_is_clipped(samples),
        lead_s=lead / RATE_HZ,
        tail_s=tail / RATE_HZ,
    )


def _loudness_dbfs(samples: "array[int]") -> float | None:
    """Gives the root mean square of the windows with speech, in decibels below full scale."""
    # Why whole windows only: what is left at the end may be one loud sample, and would stand for the whole.
    last = max(len(samples) - _WINDOW_SAMPLES, 0)
    starts = range(0, last + 1, _WINDOW_SAMPLES) if samples else ()
    powers = [_mean_square(samples[start : start + _WINDOW_SAMPLES]) for start in starts]
    loudest = max(powers, default=0.0)
    if loudest == 0:
        return None
    speech = [power for power in powers if power >= loudest / 10 ** (SPEECH_RANGE_DB / 10)]
    return 10 * math.log10(sum(speech) / len(speech) / FULL_SCALE**2)


def _mean_square(samples: "array[int]") -> float:
    return sum(sample * sample for sample in samples) / len(samples)


def _is_clipped(samples: "array[int]") -> bool:
    if max(samples, default=0) < FULL_SCALE and min(samples, default=0) > -FULL_SCALE:
        return False
    runs = groupby(samples, key=lambda sample: abs(sample) >= FULL_SCALE)
    return any(is_full and len(list(run)) >= CLIPPED_RUN for is_full, run in runs)


def _silence_samples(samples: "array[int]") -> tuple[int, int]:
    """Gives how many samples of silence there are at the beginning and at the end."""
    heard = [index for index, sample in enumerate(samples) if abs(sample) > SILENCE_AMPLITUDE]
    if not heard:
        return len(samples), len(samples)
    return heard[0], len(samples) - 1 - heard[-1]
