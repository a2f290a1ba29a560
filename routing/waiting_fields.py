"""Reads what a snapshot says of waiting, for `routing.snapshot`. Standard library only; errors as in `json_fields`."""

from routing.json_fields import Json, integer_of, object_of, optional_text_of, rows_of, text_of, texts_of
from routing.plan import OfficeId, PromptId
from routing.waiting import Escalation, LineWaiting, PenaltyStep, QueueSpeech, QueueWaiting


def line_waiting_of(row: Json) -> LineWaiting:
    """Gives what is the same in all queues."""
    return LineWaiting(menu_key=optional_text_of(row, "menu_key"), return_s=integer_of(row, "return_s"))


def queue_waiting_of(row: Json) -> QueueWaiting:
    """Gives how callers wait in one queue."""
    return QueueWaiting(
        music=text_of(row, "music"),
        penalties=tuple(rows_of(row, "penalties", _step)),
        speech=None if row["speech"] is None else _speech(object_of(row, "speech")),
        closing_announcement=_optional_prompt(row, "closing_announcement"),
        empty_announcement=_optional_prompt(row, "empty_announcement"),
        escalation=None if row["escalation"] is None else _escalation(object_of(row, "escalation")),
    )


def _optional_prompt(row: Json, key: str) -> PromptId | None:
    name = optional_text_of(row, key)
    return None if name is None else PromptId(name)


def _step(row: Json) -> PenaltyStep:
    return PenaltyStep(after_s=integer_of(row, "after_s"), max_penalty=integer_of(row, "max_penalty"))


def _speech(row: Json) -> QueueSpeech:
    return QueueSpeech(
        every_s=integer_of(row, "every_s"),
        position=PromptId(text_of(row, "position")),
        next=PromptId(text_of(row, "next")),
        expected_wait=_optional_prompt(row, "expected_wait"),
        comfort=tuple(map(PromptId, texts_of(row, "comfort"))),
        comfort_every_s=integer_of(row, "comfort_every_s"),
    )


def _escalation(row: Json) -> Escalation:
    return Escalation(
        after_s=integer_of(row, "after_s"),
        offices=tuple(map(OfficeId, texts_of(row, "offices"))),
        number=optional_text_of(row, "number"),
    )
