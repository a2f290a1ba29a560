"""Recordings of the studio: converted, levelled, kept under their hash; all of them or none."""

import math
import shutil
import struct
import wave
from hashlib import sha256
from pathlib import Path

import pytest

from ivr.prompts.errors import ImportRefusedError
from ivr.prompts.measures import TARGET_DBFS, measure
from ivr.prompts.studio import take_recordings
from routing.languages import Language
from routing.plan import PromptId
from routing.prompts import text_hash
from tests.plans import small_plan

pytestmark = pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
PLAN = small_plan()
GREETING = PromptId("greeting")


def write_wav(path: Path, *, rate_hz: int = 48_000, channels: int = 2, width: int = 3, amplitude: float = 0.02) -> None:
    """A second of silence, a second of a tone, a second of silence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = bytearray()
    for index in range(3 * rate_hz):
        is_heard = rate_hz <= index < 2 * rate_hz
        value = amplitude * math.sin(2 * math.pi * 500 * index / rate_hz) if is_heard else 0.0
        sample = struct.pack("<i", round(value * (2**31 - 1)))[4 - width :]
        frames += (bytes([sample[0] ^ 0x80]) if width == 1 else sample) * channels
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate_hz, 0, "NONE", ""))
        file.writeframes(bytes(frames))


@pytest.mark.parametrize(
    ("rate_hz", "channels", "width", "amplitude"),
    [(48_000, 2, 3, 0.02), (44_100, 1, 2, 0.9), (16_000, 2, 4, 0.1), (8_000, 1, 1, 0.5)],
)
def test_a_recording_of_any_form_gets_the_lines_form_and_loudness(
    tmp_path: Path, rate_hz: int, channels: int, width: int, amplitude: float
) -> None:
    write_wav(tmp_path / "in/uk/greeting.wav", rate_hz=rate_hz, channels=channels, width=width, amplitude=amplitude)
    taken = take_recordings(tmp_path / "in", PLAN, tmp_path / "store")
    (recording,) = taken[GREETING]
    kept = tmp_path / "store" / f"{recording.sha256}.wav"
    measured = measure(kept)
    assert sha256(kept.read_bytes()).hexdigest() == recording.sha256
    assert (recording.language, recording.text_hash) == (Language.UK, text_hash(PLAN.prompts[GREETING].text.uk))
    assert measured.has_right_form
    assert not measured.is_clipped
    assert measured.loudness_dbfs == pytest.approx(TARGET_DBFS, abs=2)
    assert measured.length_s == pytest.approx(1.3, abs=0.2)


def test_both_languages_are_taken_together(tmp_path: Path) -> None:
    for language in Language:
        write_wav(tmp_path / "in" / language / "greeting.wav")
    taken = take_recordings(tmp_path / "in", PLAN, tmp_path / "store")
    assert {each.language for each in taken[GREETING]} == set(Language)


def test_one_wrong_file_refuses_all_and_every_wrong_one_is_named(tmp_path: Path) -> None:
    folder, store = tmp_path / "in", tmp_path / "store"
    write_wav(folder / "uk/greeting.wav")
    write_wav(folder / "uk/greting.wav")
    write_wav(folder / "uk/wrong-key.wav", amplitude=0.0)
    (folder / "uk/main-menu.wav").write_bytes(b"RIFF....WAVE no sound at all")
    (folder / "uk/Notes.txt").write_text("later", "utf-8")
    with pytest.raises(ImportRefusedError) as refused:
        take_recordings(folder, PLAN, store)
    told = str(refused.value)
    assert "uk/greting.wav: the plan has no such prompt; did you mean greeting.wav?" in told
    assert "uk/wrong-key.wav" in told
    assert "uk/main-menu.wav" in told
    assert "uk/Notes.txt: not the name of a recording" in told
    assert told.endswith("nothing was imported")
    assert list(store.iterdir()) == []


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    write_wav(tmp_path / "secret/greeting.wav")
    (tmp_path / "in/uk").mkdir(parents=True)
    (tmp_path / "in/uk/greeting.wav").symlink_to(tmp_path / "secret/greeting.wav")
    with pytest.raises(ImportRefusedError, match="links are not followed"):
        take_recordings(tmp_path / "in", PLAN, tmp_path / "store")
    shutil.rmtree(tmp_path / "in/uk")
    (tmp_path / "in/uk").symlink_to(tmp_path / "secret")
    with pytest.raises(ImportRefusedError, match="links are not followed"):
        take_recordings(tmp_path / "in", PLAN, tmp_path / "store")


@pytest.mark.parametrize("folder", ["in", "nowhere"])
def test_an_empty_or_missing_folder_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(ImportRefusedError, match=r"no recording in it|no such folder"):
        take_recordings(tmp_path / folder, PLAN, tmp_path / "store")
