"""What is wrong with a plan's files, told so that an administrator can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One defect."""

    file: str
    """Name of the file inside the plan's folder."""
    line: int
    """Counted from 1; 0 means the whole file."""
    path: str
    """Where in the file: `queues.sumy.overflow`; empty for the whole file."""
    message: str
    mend: str
    """What to write instead."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        return f"{where}:{path} {self.message} → {self.mend}"


class PlanError(ValueError):
    """A folder holds no valid plan; `problems` has all that was found, in the order of files and lines."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
