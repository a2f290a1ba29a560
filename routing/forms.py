"""What operators fill in: the topics of calls, and the form of reports on a detention.

Pure data, as `routing.plan`: standard library only.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from routing.languages import Text

TopicId = NewType("TopicId", str)
"""What a call was about: `[a-z][a-z0-9-]{0,31}`."""
FieldId = NewType("FieldId", str)
"""A field of a form: `[a-z][a-z0-9_]{0,31}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a call can be about; operators choose one when they classify a call."""

    id: TopicId
    title: Text
    parent: TopicId | None
    """None: one of the topics at the top."""


class FieldKind(StrEnum):
    """What stands in a field of a form."""

    LINE = "line"
    TEXT = "text"
    """Several lines."""
    DAY = "day"
    MOMENT = "moment"
    """Date, hour and minute."""
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """One answer of a field of kind choice."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of the form of detention reports."""

    id: FieldId
    title: Text
    kind: FieldKind
    choices: tuple[FieldChoice, ...]
    """Only with `kind` choice."""
    is_needed: bool
    """True: without it the report counts as incomplete; it is accepted all the same."""
    is_checked: bool
    """False: nobody has yet compared this field with the Cabinet's resolution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetentionForm:
    """How reports of a detention are taken down."""

    name_lawyer_s: int
    """From the report until a lawyer must be named."""
    join_window_s: int
    """Reports on the same person at the same place are one when their moments lie no further apart."""
    person_field: FieldId
    place_field: FieldId
    moment_field: FieldId
    """Fields by which two reports are known to be on the same detention."""
    fields: tuple[FormField, ...]
