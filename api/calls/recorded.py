"""What was recorded of a call, as its own evidence tells, and where it can be heard."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from api.calls.schemas import CallRecording, CallStep
from api.projection.words import StepKind
from api.recordings.files import is_kept
from asterisk_conf.names import RecordingState

LISTENING_PATH = "/api/v1/recordings/"


def recordings_of(steps: Iterable[CallStep]) -> list[CallRecording]:
    """Gives a call's recordings from its steps: one for each start, one for each time that the caller declined."""
    found: list[CallRecording] = []
    for step in steps:
        if step.kind is not StepKind.RECORDING:
            continue
        match step.state:
            case RecordingState.STARTED:
                found.append(CallRecording(state=RecordingState.STARTED, file=step.subject, began_at=step.occurred_at))
            case RecordingState.STOPPED:
                _stop(found, step)
            case RecordingState.DECLINED:
                found.append(CallRecording(state=RecordingState.DECLINED, declined_at=step.occurred_at))
    return found


def _stop(found: list[CallRecording], step: CallStep) -> None:
    """Ends the recording of the same file; one whose start was lost is told by its end alone."""
    ended = {"state": RecordingState.STOPPED, "stopped_at": step.occurred_at}
    for place, one in enumerate(found):
        if one.state is RecordingState.STARTED and one.file == step.subject:
            found[place] = one.model_copy(update=ended)
            return
    found.append(CallRecording(state=RecordingState.STOPPED, file=step.subject, stopped_at=step.occurred_at))


def with_links(recordings: Sequence[CallRecording], folder: Path | None) -> list[CallRecording]:
    """Adds where each can be heard, if its file is still in the folder; looks at the disk."""
    return [
        one.model_copy(update={"url": f"{LISTENING_PATH}{one.file}"})
        if one.file is not None and is_kept(folder, one.file)
        else one
        for one in recordings
    ]
