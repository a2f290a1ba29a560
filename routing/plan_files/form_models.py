"""The shapes of what operators fill in: `topics.yaml` and `detention.yaml`."""

from typing import Annotated, Self

from pydantic import Field, RootModel, model_validator

from routing.forms import FieldKind
from routing.plan_files.fields import EntryKey, FieldKey, defect
from routing.plan_files.shapes import Shape, TitleShape


class TopicShape(Shape):
    """What a call can be about."""

    title: TitleShape
    parent: EntryKey | None = None


class TopicsFile(RootModel[dict[EntryKey, TopicShape]]):
    """`topics.yaml`."""


class FieldShape(Shape):
    """A field of the form of detention reports."""

    title: TitleShape
    kind: FieldKind
    choices: dict[FieldKey, TitleShape] = Field(default_factory=dict)
    is_needed: bool = False
    is_checked: bool = False

    @model_validator(mode="after")
    def _choices_fit_kind(self) -> Self:
        if bool(self.choices) != (self.kind is FieldKind.CHOICE):
            raise defect("`choices:` and `kind:` do not fit", "write `kind: choice` together with `choices:`")
        return self


class DetentionFile(Shape):
    """`detention.yaml`."""

    name_lawyer_s: Annotated[int, Field(ge=60, le=86_400)]
    join_window_s: Annotated[int, Field(ge=0, le=86_400)]
    person_field: FieldKey
    place_field: FieldKey
    moment_field: FieldKey
    fields: Annotated[dict[FieldKey, FieldShape], Field(min_length=1, max_length=60)]
