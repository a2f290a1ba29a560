"""What the shapes of all files of a plan have in common."""

from pydantic import BaseModel, ConfigDict

from routing.plan_files.fields import Title


class Shape(BaseModel):
    """A table with exactly the named keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TitleShape(Shape):
    """A short text in both languages."""

    uk: Title
    en: Title
