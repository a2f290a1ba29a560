"""A decision's trail of reasons, which the dialplan tells in parts. Pure."""

from dataclasses import dataclass, field

from api.projection.events import Event, whole_number
from api.projection.rows import ReasonRows
from asterisk_conf.payload import PayloadError, decode_reasons

_BETWEEN_REASONS = "+"


@dataclass(slots=True)
class Trail:
    """The parts of one decision's trail as far as they have come."""

    parts: dict[int, str] = field(default_factory=dict)
    """Texts by part, from 1."""
    chars: int | None = None
    """Length of the whole."""

    def add(self, event: Event) -> None:
        """Takes one `UserEvent.REASONS`; one without a part or a text is passed over."""
        number, text = whole_number(event.detail("part")), event.detail("text")
        if number is not None and text is not None:
            self.parts.setdefault(number, text)
            self.chars = whole_number(event.detail("chars"))

    def reasons(self) -> ReasonRows:
        """Gives the reasons that are known whole: those before a part that is missing."""
        text, number = "", 1
        while number in self.parts:
            text += self.parts[number]
            number += 1
        if len(text) != self.chars:
            text = text.rpartition(_BETWEEN_REASONS)[0]
        return read_reasons(text)


def read_reasons(text: str | None) -> ReasonRows:
    """Gives the trail; one that cannot be read is left out here and stays in the evidence."""
    try:
        return [(reason.code, dict(reason.details)) for reason in decode_reasons(text or "")]
    except PayloadError:
        return []
