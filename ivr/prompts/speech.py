"""Makes audio out of texts (espeak-ng, piper) and notes (sox): 8 kHz mono 16-bit WAV, as Asterisk plays it.

What a voice studio recorded takes the same form and the same loudness here (`level_sound`).

Every file is made once and kept in a cache under the hash of all that shapes it, so nothing is made twice.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from asterisk_conf.debian_tools import find_tool
from ivr.prompts.errors import SpeechError
from ivr.prompts.measures import TARGET_DBFS, measure
from routing.languages import Language

TOOL_S = 60.0
FORM = ("-r", "8000", "-c", "1", "-b", "16")
"""sox: 8 kHz, mono, 16 bits."""
TRIM = ("silence", "1", "0.02", "0.3%", "reverse", "silence", "1", "0.02", "0.3%", "reverse")
"""sox: silence off at both ends (the second time backwards)."""
PEAK_DB = 6
SHAPE = ("gain", "-h", "highpass", "150", "rate", "-h", "8000", "norm", f"-{PEAK_DB}")
"""sox: no rumble, resampled, peaks so far below full scale."""
HEADROOM_DB = 1.5
"""Peaks stay so far below full scale."""
BREATH = ("pad", "0.05", "0.25")
"""sox: a breath at the end, so that two prompts do not run into each other."""
SHAPE_KEY = (FORM, TRIM, SHAPE, BREATH, TARGET_DBFS, HEADROOM_DB)
"""All that shapes audio beside the voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How espeak-ng speaks."""

    name: str
    words_per_minute: int
    pitch: int
    """0 to 99."""
    word_gap_10ms: int
    """Extra silence between words."""


VOICES = {
    Language.UK: Voice(name="uk", words_per_minute=145, pitch=42, word_gap_10ms=1),
    Language.EN: Voice(name="en-gb", words_per_minute=155, pitch=42, word_gap_10ms=1),
}


def cache_folder() -> Path:
    """Gives the folder of finished audio: `${XDG_CACHE_HOME:-~/.cache}/legalaid-hotline/prompts`."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "legalaid-hotline" / "prompts"


def engine_version() -> str:
    """Gives what `espeak-ng --version` says: a new engine makes all prompts anew.

    Raises:
        MissingToolError: espeak-ng is not installed.
    """
    return run_tool(find_tool("espeak-ng"), "--version").partition("Data at")[0].strip()


def speech_key(text: str, voice: Voice, engine: str) -> str:
    """Gives the hash of all that shapes the audio of `text`."""
    shape = [text, asdict(voice), engine, *SHAPE_KEY]
    return sha256(json.dumps(shape, ensure_ascii=False).encode()).hexdigest()


def speak(text: str, voice: Voice, target: Path) -> None:
    """Makes `target`: `text` spoken. The file appears whole or not at all.

    Raises:
        MissingToolError: espeak-ng or sox is not installed.
        SpeechError: One of them failed.
    """
    espeak = find_tool("espeak-ng")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        raw, made = f"{folder}/raw.wav", f"{folder}/made.wav"
        settings = ("-v", voice.name, "-s", str(voice.words_per_minute), "-p", str(voice.pitch))
        run_tool(espeak, *settings, "-g", str(voice.word_gap_10ms), "-b", "1", "-w", raw, "--stdin", stdin=text)
        level_sound(Path(raw), Path(made))
        Path(made).replace(target)


def speak_with_piper(text: str, piper: str, voice_file: Path, target: Path) -> None:
    """Makes `target`: `text` spoken by piper. The file appears whole or not at all. Raises as `speak`.

    Source: README of piper: the text comes by standard input, `--model` names the voice, `--output_file` the WAV.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        raw, made = f"{folder}/raw.wav", f"{folder}/made.wav"
        run_tool(piper, "--model", str(voice_file), "--output_file", raw, stdin=text)
        level_sound(Path(raw), Path(made))
        Path(made).replace(target)


def level_sound(source: Path, target: Path) -> None:
    """Makes `target` out of a WAV of any rate, width and channels: our form, trimmed, at `TARGET_DBFS`.

    Raises:
        MissingToolError: sox is not installed.
        SpeechError: sox cannot read `source`, or there is nothing to hear in it.
    """
    sox = find_tool("sox")
    shaped = target.with_suffix(".shaped.wav")
    try:
        run_tool(sox, "-D", "-t", "wav", str(source), *FORM, str(shaped), *TRIM, *SHAPE)
        loudness_dbfs = measure(shaped).loudness_dbfs
        if loudness_dbfs is None:
            raise SpeechError(f"{source.name}: there is nothing to hear in it")
        gain_db = TARGET_DBFS - loudness_dbfs
        # Why not always -l: sox's limiter bends what it needs not limit, and makes louder what should become quieter.
        limit = ("-l",) if gain_db > PEAK_DB - HEADROOM_DB else ()
        gain = ("gain", *limit, f"{gain_db + HEADROOM_DB:.2f}", "gain", f"-{HEADROOM_DB}")
        run_tool(sox, "-D", str(shaped), *FORM, str(target), *gain, *BREATH)
    finally:
        shaped.unlink(missing_ok=True)


def write_silence(target: Path) -> None:
    """Makes `target`: a tenth of a second in which nothing is heard. Raises as `speak`."""
    run_tool(find_tool("sox"), "-D", "-n", *FORM, str(target), "trim", "0", "0.1")


def write_beep(frequency_hz: int, target: Path) -> None:
    """Makes `target`: a short tone. Raises as `speak`."""
    shape = ("synth", "0.25", "sine", str(frequency_hz), "fade", "0.02", "0.25", "0.02", "norm", "-18")
    run_tool(find_tool("sox"), "-D", "-n", *FORM, str(target), *shape)


def run_tool(*command: str, stdin: str = "") -> str:
    """Runs one of our tools and gives its output.

    Raises:
        SpeechError: It failed or took longer than `TOOL_S`.
    """
    try:
        done = subprocess.run(  # noqa: S603  a tool found by find_tool, arguments of our own, the text by stdin
            command, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=TOOL_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SpeechError(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise SpeechError(f"{command[0]}: {done.stderr.strip()[-300:] or f'ended with {done.returncode}'}")
    return done.stdout


def play_notes(notes: Sequence[str], note_s: float, target: Path) -> None:
    """Makes `target`: a quiet melody of plucked notes (`C4`, `E4`…), each of `note_s` seconds.

    Raises:
        MissingToolError: sox is not installed.
        SpeechError: sox failed.
    """
    sox = find_tool("sox")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        for note in sorted(set(notes)):
            sound = ("synth", str(note_s), "pluck", note, "fade", "q", "0.03", str(note_s), "0.2", "lowpass", "1800")
            run_tool(sox, "-D", "-R", "-n", *FORM, f"{folder}/{note}.wav", *sound)
        made = f"{folder}/made.wav"
        run_tool(sox, "-D", *(f"{folder}/{note}.wav" for note in notes), made, "norm", "-18")
        Path(made).replace(target)
