"""The spoken texts of a plan and the music of its queues: audio that is missing is made, and put where it is played."""

import filecmp
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from ivr.prompts.speech import FORM, VOICES, cache_folder, engine_version, play_notes, speak, speech_key
from routing.plan import Language, Plan, PromptId
from routing.prompts import sound_name_of

WORKERS = 2
MELODY = (
    "C4", "E4", "G4", "C5", "G4", "E4",
    "A3", "C4", "E4", "A4", "E4", "C4",
    "F3", "A3", "C4", "F4", "C4", "A3",
    "G3", "B3", "D4", "G4", "D4", "B3",
    "C4", "G4", "E4", "C5", "G4", "E4",
    "F4", "A4", "C5", "A4", "F4", "C4",
    "G4", "B4", "D5", "B4", "G4", "D4",
    "C4", "E4", "G4", "C5", "G4", "C4",
)  # fmt: skip
"""Our own: broken chords C, Am, F, G."""
NOTE_S = 0.55
MUSIC_FILE = "melody.wav"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptAudio:
    """One text in one language, and its audio."""

    prompt: PromptId
    language: Language
    text: str
    cached: Path
    """Where the cache has it, or will."""
    installed: Path
    """Where Asterisk looks for it."""

    @property
    def is_made(self) -> bool:
        """True: the cache has it."""
        return self.cached.exists()

    @property
    def is_installed(self) -> bool:
        """True: Asterisk has exactly what the cache has."""
        return self.is_made and _same(self.cached, self.installed)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did."""

    made: int
    reused: int


def list_audio(plan: Plan, paths: InstancePaths) -> tuple[PromptAudio, ...]:
    """Gives every prompt of the plan in every language of the line, in the plan's order.

    Raises:
        MissingToolError: espeak-ng is not installed.
    """
    engine, cache = engine_version(), cache_folder()
    return tuple(
        PromptAudio(
            prompt=prompt.id,
            language=language,
            text=(text := prompt.text.in_language(language)),
            cached=cache / f"{speech_key(text, VOICES[language], engine)}.wav",
            installed=_sound_file(plan, paths, prompt.id, language),
        )
        for language in plan.line.languages
        for prompt in plan.prompts.values()
    )


def build_prompts(plan: Plan, paths: InstancePaths, progress: Progress) -> BuildReport:
    """Makes what is missing, two at a time, and installs everything, music included.

    Raises:
        MissingToolError: espeak-ng or sox is not installed.
        SpeechError: One of them failed.
    """
    audio = list_audio(plan, paths)
    made = _make_and_install(audio, progress)
    _install(_music(), paths.music / MUSIC_FILE)
    return BuildReport(made=made, reused=len(audio) - made)


def build_missing_prompts(plan: Plan, paths: InstancePaths, progress: Progress) -> int:
    """Makes and installs the sounds of which Asterisk has no file; gives how many.

    Why not `build_prompts`: a name stands for a text, so a file that is there is right, whatever engine made it; and a
    publish that changes no text needs no engine.

    Raises:
        MissingToolError: espeak-ng or sox is not installed, and something is missing.
        SpeechError: One of them failed.
    """
    files = (_sound_file(plan, paths, prompt, language) for language in plan.line.languages for prompt in plan.prompts)
    if all(file.exists() for file in files):
        return 0
    missing = [item for item in list_audio(plan, paths) if not item.installed.exists()]
    _make_and_install(missing, progress)
    return len(missing)


def _make_and_install(audio: Sequence[PromptAudio], progress: Progress) -> int:
    """Makes what the cache lacks and installs everything; gives how many were made."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    missing = list({item.cached: item for item in audio if not item.is_made}.values())
    with ThreadPoolExecutor(max_workers=WORKERS) as workers:
        for number, item in enumerate(workers.map(_make, missing), start=1):
            progress(f"prompt {number} of {len(missing)}: {item.prompt} ({item.language})")
    for item in audio:
        _install(item.cached, item.installed)
    return len(missing)


def _sound_file(plan: Plan, paths: InstancePaths, prompt: PromptId, language: Language) -> Path:
    return paths.sounds(language) / f"{sound_name_of(plan, prompt)}.wav"


def _make(item: PromptAudio) -> PromptAudio:
    speak(item.text, VOICES[item.language], item.cached)
    return item


def _music() -> Path:
    key = sha256(repr((MELODY, NOTE_S, FORM)).encode()).hexdigest()
    made = cache_folder() / f"{key}.wav"
    if not made.exists():
        play_notes(MELODY, NOTE_S, made)
    return made


def _install(source: Path, target: Path) -> None:
    """Puts a file where Asterisk plays it, by a rename: a call in progress hears the old one to its end."""
    if _same(source, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    try:
        os.link(source, temporary)
    except OSError:  # another file system, or one without hard links
        shutil.copyfile(source, temporary)
    temporary.chmod(0o644)
    temporary.replace(target)


def _same(one: Path, other: Path) -> bool:
    return other.exists() and (one.samefile(other) or filecmp.cmp(one, other, shallow=False))


def total_bytes(audio: Iterable[PromptAudio]) -> int:
    """Gives the size of the audio that is made."""
    return sum(item.cached.stat().st_size for item in audio if item.is_made)
