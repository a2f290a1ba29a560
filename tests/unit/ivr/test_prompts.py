import shutil
from pathlib import Path

import pytest

from asterisk_conf import debian_tools
from asterisk_conf.debian_tools import MissingToolError
from asterisk_conf.instance import InstancePaths
from hotline.tones import SAMPLE_RATE_HZ, read_samples
from ivr.prompts.audio import MUSIC_FILE, build_prompts, list_audio
from ivr.prompts.errors import SpeechError
from ivr.prompts.speech import VOICES, run_tool, speak, speech_key
from routing.languages import Language
from tests.plans import small_plan

needs_engine = pytest.mark.skipif(
    shutil.which("espeak-ng") is None or shutil.which("sox") is None, reason="espeak-ng or sox is not installed"
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@needs_engine
def test_a_text_becomes_audible_audio_without_clipping_and_without_long_silence(tmp_path: Path) -> None:
    target = tmp_path / "hello.wav"
    speak("Вітаємо. Ви зателефонували на лінію правової допомоги.", VOICES[Language.UK], target)
    samples = read_samples(target)
    loud = [index for index, sample in enumerate(samples) if abs(sample) > 500]
    assert 2 < len(samples) / SAMPLE_RATE_HZ < 8
    assert 15_000 < max(map(abs, samples)) < 32_000
    assert loud[0] < 0.3 * SAMPLE_RATE_HZ
    assert len(samples) - loud[-1] < 0.8 * SAMPLE_RATE_HZ


@needs_engine
def test_prompts_are_made_once_and_installed_for_every_language(tmp_path: Path) -> None:
    plan, paths = small_plan(), InstancePaths(tmp_path / "instance")
    lines: list[str] = []
    first = build_prompts(plan, paths, lines.append)
    second = build_prompts(plan, paths, lines.append)
    assert first.made == len(lines) > 0
    assert (second.made, second.reused) == (0, len(plan.prompts) * len(plan.line.languages))
    assert all(item.is_installed for item in list_audio(plan, paths))
    assert len(read_samples(paths.music / MUSIC_FILE)) > 20 * SAMPLE_RATE_HZ


@needs_engine
def test_music_is_quieter_than_speech(tmp_path: Path) -> None:
    paths = InstancePaths(tmp_path / "instance")
    build_prompts(small_plan(), paths, lambda _line: None)
    assert 1_000 < max(map(abs, read_samples(paths.music / MUSIC_FILE))) < 6_000


@needs_engine
def test_a_prompt_that_was_changed_by_hand_is_put_right_again(tmp_path: Path) -> None:
    plan, paths = small_plan(), InstancePaths(tmp_path / "instance")
    build_prompts(plan, paths, lambda _line: None)
    changed = list_audio(plan, paths)[0]
    changed.installed.unlink()
    changed.installed.write_bytes(b"not audio")
    assert not changed.is_installed
    build_prompts(plan, paths, lambda _line: None)
    assert changed.is_installed


def test_another_text_voice_or_engine_is_another_file() -> None:
    voice = VOICES[Language.UK]
    keys = {
        speech_key("так", voice, "1.51"),
        speech_key("ні", voice, "1.51"),
        speech_key("так", VOICES[Language.EN], "1.51"),
        speech_key("так", voice, "1.52"),
    }
    assert len(keys) == 4


def test_a_missing_engine_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match="espeak-ng is not installed; mend it with: apt-get install espeak-ng"):
        list_audio(small_plan(), InstancePaths(tmp_path))
    assert set(debian_tools.missing_tools()) == set(debian_tools.PACKAGES)


def test_a_tool_that_fails_says_what_it_said() -> None:
    with pytest.raises(SpeechError, match="no such voice"):
        run_tool("/bin/sh", "-c", "echo no such voice >&2; exit 1")
