"""What the plan says of waiting: penalties, announcements, help from other offices, keys. Pure shapes, part of a plan.

Standard library only, as `routing.plan`, whose rows hold these.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.plan import OfficeId, PromptId

HELPER_PENALTY = 100
"""Penalty of operators of other offices who are called in: those of the queue itself are always called first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyStep:
    """Who waits in a queue for `after_s` is offered to operators of a higher penalty too."""

    after_s: int
    max_penalty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSpeech:
    """What callers hear of their place while they wait. No word of it depends on the number that follows."""

    every_s: int
    position: "PromptId"
    """Before the caller's place as a number: "Your place in the queue:"."""
    next: "PromptId"
    """Instead of the place, for the first in the queue."""
    expected_wait: "PromptId | None"
    """Before the expected wait in minutes, told once to who comes while others wait; None: it is not told."""
    comfort: tuple["PromptId", ...]
    """Said in turn, whatever the place is."""
    comfort_every_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who else is called when somebody has waited too long."""

    after_s: int
    offices: tuple["OfficeId", ...]
    """Their operators who are logged in join the queue's own."""
    number: str | None
    """The duty officer's, E.164; None: there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueWaiting:
    """How callers wait in one queue."""

    music: str
    """Class of musiconhold.conf: `default`, or a folder of that name inside the music folder."""
    penalties: tuple[PenaltyStep, ...]
    """In order of `after_s`; empty: all operators are called from the first second."""
    speech: QueueSpeech | None
    """None: callers hear music only."""
    closing_announcement: "PromptId | None"
    """What those hear who still wait when the queue closes, before they are moved."""
    empty_announcement: "PromptId | None"
    """What callers hear who come while no operator can be reached."""
    escalation: Escalation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWaiting:
    """What is the same in all queues."""

    menu_key: str | None
    """Leads from a queue back to the menu; None: no key does."""
    return_s: int
    """Who hung up in a queue and rings again within this time gets the waiting time back; 0: nobody does."""


def first_max_penalty(waiting: QueueWaiting | None) -> int | None:
    """Gives up to which penalty operators are called at once; None: all."""
    if waiting is None or not waiting.penalties or waiting.penalties[0].after_s > 0:
        return None
    return waiting.penalties[0].max_penalty
