"""How long prompts play, so that the lease of a call covers them."""

import wave
from collections.abc import Callable
from pathlib import Path

from routing.languages import Language


class PromptLengths:
    """Reads the length of sound files; `folder_of` gives the folder of a language."""

    def __init__(self, folder_of: Callable[[Language], Path]) -> None:
        self._folder_of = folder_of
        self._known: dict[Path, tuple[int, float]] = {}

    def length_s(self, sound: str, language: Language) -> float:
        """Gives the length in seconds of a sound (named as `routing.prompts` does).

        It is 0 for a file that is missing or broken, which Asterisk does not play either.
        """
        path = self._folder_of(language) / f"{sound}.wav"
        try:
            changed_ns = path.stat().st_mtime_ns
            known = self._known.get(path)
            if known is None or known[0] != changed_ns:
                known = self._known[path] = (changed_ns, _read_length_s(path))
        except (OSError, EOFError, wave.Error):
            return 0.0
        return known[1]


def _read_length_s(path: Path) -> float:
    with wave.open(str(path), "rb") as sound:
        return sound.getnframes() / sound.getframerate()
