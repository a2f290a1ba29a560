"""What the live report tells of this folder's work."""

from dataclasses import dataclass


@dataclass(slots=True)
class DesiredStatus:
    """How far the node is with what the api wants; written here, read by the live report."""

    overrides_revision: str | None = None
    """Revision whose overrides are in force; None: the api was not heard since the start."""
    plan_problem: str | None = None
    """Why the wanted plan is not in force; None: it is, or none is wanted."""
