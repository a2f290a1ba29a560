"""Who reads a text that no studio has recorded: piper where the site names a voice, else espeak-ng."""

import json
import shutil
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from asterisk_conf.debian_tools import MissingToolError
from asterisk_conf.site import PromptSettings
from ivr.prompts.speech import SHAPE_KEY, VOICES, Voice, engine_version, speak, speak_with_piper, speech_key
from routing.languages import Language


class EngineName(StrEnum):
    """Where the audio of a prompt comes from."""

    STUDIO = "studio"
    PIPER = "piper"
    ESPEAK = "espeak-ng"


class Engine(Protocol):
    """Reads texts of one language aloud."""

    @property
    def name(self) -> EngineName:
        """Which one it is."""
        ...

    def key(self, text: str) -> str:
        """Gives the hash of all that shapes the audio of `text`."""
        ...

    def speak(self, text: str, target: Path) -> None:
        """Makes `target`, whole or not at all.

        Raises:
            MissingToolError: A program is not installed.
            SpeechError: One of them failed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EspeakEngine:
    """espeak-ng with one voice."""

    voice: Voice
    version: str
    name: EngineName = EngineName.ESPEAK

    def key(self, text: str) -> str:
        """See `Engine`."""
        return speech_key(text, self.voice, self.version)

    def speak(self, text: str, target: Path) -> None:
        """See `Engine`."""
        speak(text, self.voice, target)


@dataclass(frozen=True, slots=True, kw_only=True)
class PiperEngine:
    """piper with one voice file."""

    program: str
    voice_file: Path
    voice_sha256: str
    name: EngineName = EngineName.PIPER

    def key(self, text: str) -> str:
        """See `Engine`. Another voice file is another voice, whatever its name."""
        shape = [text, "piper", self.voice_sha256, *SHAPE_KEY]
        return sha256(json.dumps(shape, ensure_ascii=False).encode()).hexdigest()

    def speak(self, text: str, target: Path) -> None:
        """See `Engine`."""
        speak_with_piper(text, self.program, self.voice_file, target)


def engine_of(settings: PromptSettings, language: Language) -> Engine:
    """Gives who reads the texts of a language.

    Raises:
        MissingToolError: piper's program or voice file is not there though the site names a voice, or espeak-ng is
            not installed.
    """
    voice_file = settings.piper_voices.get(language)
    if voice_file is None:
        return EspeakEngine(voice=VOICES[language], version=engine_version())
    program = shutil.which(settings.piper)
    if program is None:
        raise MissingToolError(f"{settings.piper}: no such program; install it, or mend `prompts.piper` in site.yaml")
    return PiperEngine(program=program, voice_file=voice_file, voice_sha256=_file_sha256(voice_file))


def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            hashed = sha256()
            while part := file.read(1 << 20):
                hashed.update(part)
    except OSError as error:
        mend = "mend `prompts.piper_voices` in site.yaml"
        raise MissingToolError(f"{path}: the voice cannot be read ({error.strerror}); {mend}") from error
    return hashed.hexdigest()
