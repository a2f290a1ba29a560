"""Takes the voice studio's recordings: all of a folder, or none.

A folder holds `uk/<prompt id>.wav` and `en/<prompt id>.wav`, of any rate, width and number of channels. What is taken
gets the line's form and loudness and is kept under its hash, which the plan names from then on.
"""

import re
import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from ivr.prompts.errors import ImportRefusedError, SpeechError
from ivr.prompts.measures import measure
from ivr.prompts.speech import level_sound
from routing.languages import Language
from routing.plan import Plan, PromptId, Recording
from routing.prompts import text_hash

LARGEST_BYTES = 100_000_000
"""Ten minutes of stereo at 48 kHz and 24 bits; a prompt is seconds long."""
LONGEST_S = 300.0
_NAME = re.compile(r"[a-z][a-z0-9-]{0,47}\.wav", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioFile:
    """A file of the studio's folder that fits a prompt."""

    prompt: PromptId
    language: Language
    path: Path


def take_recordings(folder: Path, plan: Plan, store: Path) -> dict[PromptId, tuple[Recording, ...]]:
    """Converts every recording of `folder` and keeps it in `store`; gives the recordings by prompt.

    Raises:
        ImportRefusedError: Something is wrong with one of the files; nothing is kept.
        MissingToolError: sox is not installed.
        OSError: The store cannot be written.
    """
    files, problems = _studio_files(folder, plan)
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store, prefix=".import-") as aside:
        converted: list[tuple[StudioFile, Path]] = []
        for number, file in enumerate(files):
            made = Path(aside, f"{number}.wav")
            try:
                _convert(file, made)
            except SpeechError as error:
                problems.append(f"{file.language}/{file.path.name}: {error}")
            else:
                converted.append((file, made))
        if problems:
            raise ImportRefusedError("\n".join([*problems, "nothing was imported"]))
        return _keep(converted, plan, store)


def _studio_files(folder: Path, plan: Plan) -> tuple[list[StudioFile], list[str]]:
    """Gives the files that fit, and what is wrong with the others."""
    files: list[StudioFile] = []
    problems: list[str] = []
    if not folder.is_dir():
        return files, [f"{folder}: there is no such folder"]
    for language in plan.line.languages:
        for path in sorted(Path(folder, language.value).glob("*")):
            problem = _problem_of(path, folder, plan)
            if problem is not None:
                problems.append(f"{language}/{path.name}: {problem}")
            else:
                files.append(StudioFile(prompt=PromptId(path.stem), language=language, path=path))
    if not files and not problems:
        problems.append(f"{folder}: no recording in it; put them into {folder}/uk and {folder}/en as <prompt id>.wav")
    return files, problems


def _problem_of(path: Path, folder: Path, plan: Plan) -> str | None:
    if not _NAME.fullmatch(path.name):
        return "not the name of a recording; call it <prompt id>.wav"
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        return "not a file of this folder (links are not followed)"
    if path.stem not in plan.prompts:
        close = get_close_matches(path.stem, plan.prompts, n=1)
        return "the plan has no such prompt" + (f"; did you mean {close[0]}.wav?" if close else "")
    if path.stat().st_size > LARGEST_BYTES:
        return f"larger than {LARGEST_BYTES:,} bytes: that is no prompt"
    return None


def _convert(file: StudioFile, made: Path) -> None:
    level_sound(file.path, made)
    length_s = measure(made).length_s
    if length_s > LONGEST_S:
        raise SpeechError(f"{length_s:.0f} s long, at most {LONGEST_S:.0f} s can be a prompt")


def _keep(converted: list[tuple[StudioFile, Path]], plan: Plan, store: Path) -> dict[PromptId, tuple[Recording, ...]]:
    kept: dict[PromptId, tuple[Recording, ...]] = {}
    for file, made in converted:
        digest = sha256(made.read_bytes()).hexdigest()
        text = plan.prompts[file.prompt].text.in_language(file.language)
        made.chmod(0o644)
        made.replace(store / f"{digest}.wav")
        recording = Recording(language=file.language, sha256=digest, text_hash=text_hash(text))
        kept[file.prompt] = (*kept.get(file.prompt, ()), recording)
    return kept
