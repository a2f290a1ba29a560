"""What is wrong with the audio of a plan as callers hear it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from asterisk_conf.instance import InstancePaths
from ivr.prompts.audio import PromptAudio, list_audio, recording_file
from ivr.prompts.errors import UnreadableSoundError
from ivr.prompts.measures import TARGET_DBFS, SoundMeasures, measure
from routing.languages import Language
from routing.plan import Plan, PromptId
from routing.prompts import is_outdated

QUIET_DB = 6.0
"""So far below the common loudness a prompt is too quiet beside its neighbours."""
LONGEST_LEAD_S = 0.5
LONGEST_TAIL_S = 1.0


class FindingCode(StrEnum):
    """Kinds of defects."""

    MISSING = "missing"
    OUTDATED = "outdated"
    NO_RECORDING = "no-recording"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    FORM = "form"
    CLIPPED = "clipped"
    QUIET = "quiet"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One defect of one prompt in one language."""

    prompt: PromptId
    language: Language
    code: FindingCode
    text: str
    """What is wrong, and what mends it."""


def check_audio(plan: Plan, paths: InstancePaths) -> tuple[Finding, ...]:
    """Finds every defect of the plan's audio, in the plan's order. Raises as `list_audio`."""
    return tuple(finding for item in list_audio(plan, paths) for finding in _findings(item, plan, paths))


def _findings(item: PromptAudio, plan: Plan, paths: InstancePaths) -> Iterator[Finding]:
    for code, text in (*_recording_defects(item, plan, paths), *_file_defects(item)):
        yield Finding(prompt=item.prompt, language=item.language, code=code, text=text)


def _recording_defects(item: PromptAudio, plan: Plan, paths: InstancePaths) -> Iterator[tuple[FindingCode, str]]:
    prompt = plan.prompts[item.prompt]
    if is_outdated(prompt, item.language):
        yield FindingCode.OUTDATED, "the text changed after it was recorded, a synthetic voice reads it: record it anew"
    recorded = recording_file(prompt, item.language, paths)
    if recorded is not None and not recorded.exists():
        yield FindingCode.NO_RECORDING, f"its recording is not on this machine: copy {recorded.name} here, then build"


def _file_defects(item: PromptAudio) -> Iterator[tuple[FindingCode, str]]:
    if not item.installed.exists():
        yield FindingCode.MISSING, "callers hear nothing: run `hotline prompts build`"
        return
    if item.is_made and not item.is_installed:
        yield FindingCode.CHANGED, "Asterisk has other audio than was made or recorded: run `hotline prompts build`"
    try:
        measured = measure(item.installed)
    except UnreadableSoundError as error:
        yield FindingCode.UNREADABLE, str(error)
        return
    yield from _sound_defects(measured)


def _sound_defects(measured: SoundMeasures) -> Iterator[tuple[FindingCode, str]]:
    if not measured.has_right_form:
        form = f"{measured.rate_hz} Hz, {measured.channels} channels, {measured.width_bits} bits"
        yield FindingCode.FORM, f"{form}: Asterisk needs 8000 Hz, 1 channel, 16 bits"
        return
    if measured.is_clipped:
        yield FindingCode.CLIPPED, "it is clipped: record it with less gain"
    if measured.loudness_dbfs is None or measured.loudness_dbfs < TARGET_DBFS - QUIET_DB:
        loudness = "silent" if measured.loudness_dbfs is None else f"{measured.loudness_dbfs:.0f} dBFS"
        yield FindingCode.QUIET, f"it is too quiet ({loudness}, others have {TARGET_DBFS:.0f} dBFS)"
    if measured.lead_s > LONGEST_LEAD_S:
        yield FindingCode.SILENCE, f"it begins with {measured.lead_s:.1f} s of silence"
    if measured.tail_s > LONGEST_TAIL_S:
        yield FindingCode.SILENCE, f"it ends with {measured.tail_s:.1f} s of silence"
