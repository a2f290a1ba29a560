"""What `hotline prompts check` finds, on real audio that was spoiled on purpose; and which voice wins."""

import shutil
import wave
from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.debian_tools import MissingToolError
from asterisk_conf.instance import InstancePaths
from asterisk_conf.site import PromptSettings, SiteSettings, write_site
from ivr.prompts.audio import build_missing_prompts, build_prompts, install_asterisk_sounds, list_audio
from ivr.prompts.checking import FindingCode, check_audio
from ivr.prompts.engines import EngineName, engine_of
from routing.asterisk_sounds import SILENT_SOUNDS, TONE_SOUNDS, spoken_sounds
from routing.languages import Language, Text
from routing.plan import Plan, PromptId, Recording
from routing.prompts import text_hash
from tests.plans import small_plan

pytestmark = pytest.mark.skipif(
    shutil.which("espeak-ng") is None or shutil.which("sox") is None, reason="espeak-ng or sox is not installed"
)
GREETING = PromptId("greeting")
RATE_HZ = 8_000
LOUD = [8_000, 8_000, -8_000, -8_000] * 4_000
FAKE_PIPER = """\
#!/bin/sh
# Stands for piper's edge: reads the text, writes the WAV that it was asked for.
test "$1" = --model && test "$3" = --output_file || exit 3
read -r text
test -n "$text" && exec sox -n -r 22050 -c 1 -b 16 "$4" synth 1 sine 300 gain -12
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, InstancePaths]:
    """A small plan whose prompts are all made."""
    folder = tmp_path_factory.mktemp("built")
    whole = small_plan()
    needed = {GREETING, *spoken_sounds().values()}
    plan = replace(whole, prompts={key: prompt for key, prompt in whole.prompts.items() if key in needed})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        build_prompts(plan, InstancePaths(folder / "instance"), lambda _: None)
    return plan, InstancePaths(folder / "instance")


@pytest.fixture(autouse=True)
def same_cache(built: tuple[Plan, InstancePaths], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(built[1].root.parent / "cache"))


def only_greeting(plan: Plan) -> Plan:
    return replace(plan, prompts={GREETING: plan.prompts[GREETING]})


def write_samples(path: Path, samples: list[int], *, rate_hz: int = RATE_HZ, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(array("h", samples).tobytes())


def remove(path: Path) -> None:
    path.unlink()


def write_nonsense(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"not audio")


def test_what_was_built_is_in_place_and_sounds_right(built: tuple[Plan, InstancePaths]) -> None:
    plan, paths = built
    assert check_audio(plan, paths) == ()


def test_asterisks_own_sounds_are_in_place_in_both_languages(built: tuple[Plan, InstancePaths]) -> None:
    _, paths = built
    for language in Language:
        folder = paths.asterisk_sounds(language)
        for sound in (*spoken_sounds(), *SILENT_SOUNDS, *TONE_SOUNDS):
            assert (folder / f"{sound}.wav").stat().st_size > 1_000


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (remove, FindingCode.MISSING),
        (write_nonsense, FindingCode.UNREADABLE),
        (lambda path: write_samples(path, LOUD, rate_hz=16_000), FindingCode.FORM),
        (lambda path: write_samples(path, LOUD, channels=2), FindingCode.FORM),
        (lambda path: write_samples(path, [32_767] * 8 + LOUD), FindingCode.CLIPPED),
        (lambda path: write_samples(path, [sample // 20 for sample in LOUD]), FindingCode.QUIET),
        (lambda path: write_samples(path, [0] * 8_000), FindingCode.QUIET),
        (lambda path: write_samples(path, [0] * 8_000 + LOUD), FindingCode.SILENCE),
        (lambda path: write_samples(path, LOUD + [0] * 16_000), FindingCode.SILENCE),
    ],
)
def test_each_defect_is_found(
    built: tuple[Plan, InstancePaths], spoil: Callable[[Path], None], code: FindingCode
) -> None:
    plan, paths = only_greeting(built[0]), built[1]
    spoiled = list_audio(plan, paths)[0]
    spoil(spoiled.installed)
    try:
        found = check_audio(plan, paths)
        assert code in {each.code for each in found}
        assert {(each.prompt, each.language) for each in found} == {(GREETING, spoiled.language)}
    finally:
        build_prompts(plan, paths, lambda _: None)
    assert check_audio(plan, paths) == ()


def recorded(plan: Plan, text: str, sha256: str) -> Plan:
    recording = Recording(language=Language.UK, sha256=sha256, text_hash=text_hash(text))
    return replace(plan, prompts={GREETING: replace(plan.prompts[GREETING], recordings=(recording,))})


def test_a_recording_wins_and_a_rollback_plays_the_synthetic_voice_again(built: tuple[Plan, InstancePaths]) -> None:
    before, paths = only_greeting(built[0]), built[1]
    after = recorded(before, before.prompts[GREETING].text.uk, "a" * 64)
    write_samples(paths.studio_recordings / f"{'a' * 64}.wav", LOUD)
    assert build_missing_prompts(after, paths, lambda _: None) == 2
    uk, en = list_audio(after, paths)
    assert (uk.engine_name, en.engine_name) == (EngineName.STUDIO, EngineName.ESPEAK)
    assert uk.installed.read_bytes() == (paths.studio_recordings / f"{'a' * 64}.wav").read_bytes()
    old = list_audio(before, paths)[0]
    assert old.installed != uk.installed
    assert old.is_installed
    assert build_missing_prompts(before, paths, lambda _: None) == 0


def test_asterisks_own_sounds_follow_the_plan_and_go_back_with_a_rollback(built: tuple[Plan, InstancePaths]) -> None:
    before, paths = built
    thanks = PromptId("asterisk-queue-thankyou")
    after = replace(before.prompts[thanks], text=Text(uk="Дякуємо!", en="Thanks!"))
    played = paths.asterisk_sounds(Language.UK) / "queue-thankyou.wav"
    old = played.read_bytes()
    changed = replace(before, prompts=before.prompts | {thanks: after})
    assert build_missing_prompts(changed, paths, lambda _: None) == 2
    assert played.read_bytes() == old, "only a plan in force may change them"
    install_asterisk_sounds(changed, paths)
    assert played.read_bytes() != old
    install_asterisk_sounds(before, paths)
    assert played.read_bytes() == old


def test_a_recording_of_another_text_is_outdated_and_the_synthetic_voice_reads(
    built: tuple[Plan, InstancePaths],
) -> None:
    paths = built[1]
    plan = recorded(only_greeting(built[0]), "Колишній текст.", "b" * 64)
    assert [each.code for each in check_audio(plan, paths)] == [FindingCode.OUTDATED]
    assert list_audio(plan, paths)[0].engine_name is EngineName.ESPEAK


def test_a_recording_that_is_not_here_costs_the_voice_and_not_the_text(built: tuple[Plan, InstancePaths]) -> None:
    before, paths = only_greeting(built[0]), built[1]
    plan = recorded(before, before.prompts[GREETING].text.uk, "c" * 64)
    build_missing_prompts(plan, paths, lambda _: None)
    assert [each.code for each in check_audio(plan, paths)] == [FindingCode.NO_RECORDING]
    assert list_audio(plan, paths)[0].is_installed


def test_piper_reads_where_the_site_names_a_voice(built: tuple[Plan, InstancePaths], tmp_path: Path) -> None:
    program, voice = tmp_path / "piper", tmp_path / "uk.onnx"
    program.write_text(FAKE_PIPER, "utf-8")
    program.chmod(0o755)
    voice.write_bytes(b"voice")
    paths = InstancePaths(tmp_path / "instance")
    paths.root.mkdir()
    settings = PromptSettings(piper=str(program), piper_voices={Language.UK: voice})
    write_site(paths.site_file, SiteSettings(prompts=settings))
    plan = only_greeting(built[0])
    changed = replace(plan.prompts[GREETING], text=Text(uk="Так.", en="Yes."))
    build_prompts(replace(plan, prompts={GREETING: changed}), paths, lambda _: None)
    uk, en = list_audio(replace(plan, prompts={GREETING: changed}), paths)
    assert (uk.engine_name, en.engine_name) == (EngineName.PIPER, EngineName.ESPEAK)
    assert uk.is_installed
    voice.write_bytes(b"another voice")
    assert not list_audio(replace(plan, prompts={GREETING: changed}), paths)[0].is_made


def test_a_voice_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    voices = {Language.UK: tmp_path / "none.onnx"}
    with pytest.raises(MissingToolError, match=r"mend `prompts.piper` in site.yaml"):
        engine_of(PromptSettings(piper="no-such-piper", piper_voices=voices), Language.UK)
    with pytest.raises(MissingToolError, match=r"mend `prompts.piper_voices` in site.yaml"):
        engine_of(PromptSettings(piper="true", piper_voices=voices), Language.UK)
