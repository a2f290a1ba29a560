"""Makes audio out of texts (espeak-ng) and notes (sox): 8 kHz mono 16-bit WAV, as Asterisk plays it without conversion.

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
from routing.plan import Language

TOOL_S = 60.0
FORM = ("-r", "8000", "-c", "1", "-b", "16")
"""sox: 8 kHz, mono, 16 bits."""
TRIM = ("silence", "1", "0.02", "0.3%", "reverse", "silence", "1", "0.02", "0.3%", "reverse")
"""sox: silence off at both ends (the second time backwards)."""
SHAPE = ("highpass", "150", "rate", "-h", "8000", "norm", "-4", "pad", "0.05", "0.25")
"""sox: no rumble, resampled, levelled to a peak of -4 dB (so it cannot clip), a breath at the end."""


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
    shape = [text, asdict(voice), engine, FORM, TRIM, SHAPE]
    return sha256(json.dumps(shape, ensure_ascii=False).encode()).hexdigest()


def speak(text: str, voice: Voice, target: Path) -> None:
    """Makes `target`: `text` spoken. The file appears whole or not at all.

    Raises:
        MissingToolError: espeak-ng or sox is not installed.
        SpeechError: One of them failed.
    """
    sox, espeak = find_tool("sox"), find_tool("espeak-ng")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        raw, made = f"{folder}/raw.wav", f"{folder}/made.wav"
        settings = ("-v", voice.name, "-s", str(voice.words_per_minute), "-p", str(voice.pitch))
        run_tool(espeak, *settings, "-g", str(voice.word_gap_10ms), "-b", "1", "-w", raw, "--stdin", stdin=text)
        run_tool(sox, "-D", raw, *FORM, made, *TRIM, *SHAPE)
        Path(made).replace(target)


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
