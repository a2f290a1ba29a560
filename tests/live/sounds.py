"""Short tones in place of the spoken prompts, so that a test does not listen to minutes of speech."""

import math
import wave
from array import array
from functools import lru_cache
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from routing.asterisk_sounds import SILENT_SOUNDS, TONE_SOUNDS, spoken_sounds
from routing.languages import Language
from routing.plan import Plan, PromptId
from routing.prompts import sound_name_of

RATE_HZ = 8_000
SHORT_MS = 300
TONE_HZ = 440


def sound_file(paths: InstancePaths, plan: Plan, prompt: PromptId, language: Language) -> Path:
    """Gives the file of one of the plan's prompts."""
    return paths.sounds(language) / f"{sound_name_of(plan, prompt)}.wav"


def write_prompts(paths: InstancePaths, plan: Plan) -> None:
    """Writes a short tone for every prompt in both languages, for Asterisk's own sounds, and the music on hold."""
    paths.music.mkdir(parents=True, exist_ok=True)
    write_tone(paths.music / "tone.wav", 2_000)
    for language in Language:
        paths.sounds(language).mkdir(parents=True, exist_ok=True)
        (paths.asterisk_sounds(language) / "digits").mkdir(exist_ok=True)
        for prompt in plan.prompts:
            write_tone(sound_file(paths, plan, prompt, language), SHORT_MS)
        for sound in (*spoken_sounds(), *SILENT_SOUNDS, *TONE_SOUNDS):
            write_tone(paths.asterisk_sounds(language) / f"{sound}.wav", SHORT_MS)


def write_tone(path: Path, duration_ms: int) -> None:
    """Writes a quiet tone, 8 kHz mono 16-bit, by a new file and a rename."""
    temporary = path.with_suffix(".new")
    with wave.open(str(temporary), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(_tone(duration_ms))
    temporary.replace(path)


@lru_cache
def _tone(duration_ms: int) -> bytes:
    count = RATE_HZ * duration_ms // 1000
    return array("h", (round(2_000 * math.sin(2 * math.pi * TONE_HZ * n / RATE_HZ)) for n in range(count))).tobytes()
