"""The spoken texts of a plan and the music of its queues: audio that is missing is made, and put where it is played."""

import filecmp
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import PromptSettings, read_site
from ivr.prompts.engines import Engine, EngineName, engine_of
from ivr.prompts.speech import FORM, cache_folder, play_notes, write_beep, write_silence
from routing.asterisk_sounds import SILENT_SOUNDS, TONE_SOUNDS, spoken_sounds
from routing.languages import Language
from routing.plan import Plan, Prompt, PromptId
from routing.prompts import recording_of, sound_name, sound_name_of

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
    engine: Engine | None
    """Who reads it; None: the studio has recorded it."""
    cached: Path
    """Where the cache or the recordings have it, or the cache will."""
    installed: Path
    """Where Asterisk looks for it."""

    @property
    def engine_name(self) -> EngineName:
        """Where the audio comes from."""
        return EngineName.STUDIO if self.engine is None else self.engine.name

    @property
    def is_made(self) -> bool:
        """True: the cache or the recordings have it."""
        return self.cached.exists()

    @property
    def is_installed(self) -> bool:
        """True: Asterisk has exactly what the cache or the recordings have."""
        return self.is_made and _same(self.cached, self.installed)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did."""

    made: int
    reused: int


def list_audio(plan: Plan, paths: InstancePaths) -> tuple[PromptAudio, ...]:
    """Gives every prompt of the plan in every language of the line, in the plan's order.

    Raises:
        MissingToolError: No voice is installed.
        SiteError: The site settings cannot be used.
    """
    settings = read_site(paths.site_file).prompts if paths.site_file.exists() else PromptSettings()
    engines = {language: engine_of(settings, language) for language in plan.line.languages}
    return tuple(
        _audio_of(prompt, language, engines[language], paths)
        for language in plan.line.languages
        for prompt in plan.prompts.values()
    )


def _audio_of(prompt: Prompt, language: Language, engine: Engine, paths: InstancePaths) -> PromptAudio:
    """Gives a prompt's audio: a recording that is here wins; one that is not costs the voice, not the text."""
    text = prompt.text.in_language(language)
    recorded = recording_file(prompt, language, paths)
    is_recorded = recorded is not None and recorded.exists()
    return PromptAudio(
        prompt=prompt.id,
        language=language,
        text=text,
        engine=None if is_recorded else engine,
        cached=recorded if recorded is not None and is_recorded else cache_folder() / f"{engine.key(text)}.wav",
        installed=paths.sounds(language) / f"{sound_name(prompt)}.wav",
    )


def recording_file(prompt: Prompt, language: Language, paths: InstancePaths) -> Path | None:
    """Gives where the recording that callers hear is kept; None: the plan has none for this text."""
    recording = recording_of(prompt, language)
    return None if recording is None else paths.studio_recordings / f"{recording.sha256}.wav"


def build_prompts(plan: Plan, paths: InstancePaths, progress: Progress) -> BuildReport:
    """Makes what is missing, two at a time, and installs everything, music and Asterisk's own sounds included.

    Raises:
        MissingToolError: A voice or sox is not installed.
        SpeechError: One of them failed.
        SiteError: The site settings cannot be used.
    """
    audio = list_audio(plan, paths)
    made = _make_and_install(audio, progress)
    install_asterisk_sounds(plan, paths)
    _install(_music(), paths.music / MUSIC_FILE)
    return BuildReport(made=made, reused=len(audio) - made)


def build_missing_prompts(plan: Plan, paths: InstancePaths, progress: Progress) -> int:
    """Makes and installs the sounds of which Asterisk has no file; gives how many.

    Why not `build_prompts`: a name stands for a text, so a file that is there is right, whatever engine made it; and a
    publish that changes no text needs no engine. Asterisk's own sounds are `install_asterisk_sounds`' business.

    Raises:
        MissingToolError: A voice or sox is not installed, and something is missing.
        SpeechError: One of them failed.
        SiteError: The site settings cannot be used, and something is missing.
    """
    files = (_sound_file(plan, paths, prompt, language) for language in plan.line.languages for prompt in plan.prompts)
    missing: list[PromptAudio] = []
    if not all(file.exists() for file in files):
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
    if item.engine is not None:
        item.engine.speak(item.text, item.cached)
    return item


def install_asterisk_sounds(plan: Plan, paths: InstancePaths) -> None:
    """Puts what Asterisk plays by itself under Asterisk's own names; plans of before lack some of the texts.

    These names have no version: the sounds change at once for all calls, so only a plan in force may bring them.

    Raises:
        MissingToolError: sox is not installed, and a tone is missing.
        SpeechError: It failed.
        OSError: A file cannot be written.
    """
    for language in plan.line.languages:
        folder = paths.asterisk_sounds(language)
        for sound, prompt in spoken_sounds().items():
            if (source := _sound_file(plan, paths, prompt, language)).exists():
                _install(source, folder / f"{sound}.wav")
        for sound in SILENT_SOUNDS:
            _install_wordless(folder / f"{sound}.wav", "silence", write_silence)
        for sound, frequency_hz in TONE_SOUNDS.items():
            _install_wordless(folder / f"{sound}.wav", f"tone {frequency_hz}", partial(write_beep, frequency_hz))


def _install_wordless(target: Path, what: str, write: Callable[[Path], None]) -> None:
    """Puts a silence or a tone in place if it is not there; no plan changes it."""
    if not target.exists():
        _install(_made(what, write), target)


def _made(what: str, write: Callable[[Path], None]) -> Path:
    """Gives a sound without words, made once."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    made = cache_folder() / f"{sha256(repr((what, FORM)).encode()).hexdigest()}.wav"
    if not made.exists():
        with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
            write(Path(folder, "made.wav"))
            Path(folder, "made.wav").replace(made)
    return made


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
