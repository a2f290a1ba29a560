"""From the checked files to what the plan says of waiting. Nothing is checked here."""

from routing.plan import OfficeId, PromptId
from routing.plan_files.models import EscalationShape, LineWaitingShape, QueueWaitingShape, SpeechShape
from routing.waiting import Escalation, LineWaiting, PenaltyStep, QueueSpeech, QueueWaiting


def line_waiting(shape: LineWaitingShape | None) -> LineWaiting | None:
    """Gives what is the same in all queues."""
    return None if shape is None else LineWaiting(menu_key=shape.menu_key, return_s=shape.return_s)


def queue_waiting(shape: QueueWaitingShape | None) -> QueueWaiting | None:
    """Gives how callers wait in one queue."""
    if shape is None:
        return None
    return QueueWaiting(
        music=shape.music,
        penalties=tuple(PenaltyStep(after_s=each.after_s, max_penalty=each.max_penalty) for each in shape.penalties),
        speech=None if shape.speech is None else _speech(shape.speech),
        closing_announcement=_prompt(shape.closing_announcement),
        empty_announcement=_prompt(shape.empty_announcement),
        escalation=None if shape.escalation is None else _escalation(shape.escalation),
    )


def _prompt(name: str | None) -> PromptId | None:
    return None if name is None else PromptId(name)


def _speech(shape: SpeechShape) -> QueueSpeech:
    return QueueSpeech(
        every_s=shape.every_s,
        position=PromptId(shape.position),
        next=PromptId(shape.next),
        expected_wait=_prompt(shape.expected_wait),
        comfort=tuple(map(PromptId, shape.comfort)),
        comfort_every_s=shape.comfort_every_s,
    )


def _escalation(shape: EscalationShape) -> Escalation:
    return Escalation(after_s=shape.after_s, offices=tuple(map(OfficeId, shape.offices)), number=shape.number)
