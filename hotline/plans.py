"""Plans that may be run: valid, and proven to have no dead end."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hotline.errors import HotlineError
from routing.plan import Plan
from routing.plan_files import read_plan
from routing.proof import Proof, prove


class DeadEndError(HotlineError):
    """A plan has paths that end nowhere; the text tells each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPlan:
    """A plan that `hotline up` is to publish."""

    plan: Plan
    reason: str
    """Why, as it is kept and shown."""
    yields: bool = False
    """True: a version that a person put in force stays there."""


def read_proven_plan(folder: Path) -> tuple[Plan, Proof]:
    """Reads a plan and proves from now on that every caller is helped.

    Raises:
        PlanError: It does not validate.
        DeadEndError: A path ends nowhere.
    """
    plan = read_plan(folder)
    proof = prove(plan, datetime.now(UTC))
    if not proof.is_proven:
        rows = [f"dead end: {' → '.join(end.path)}: {end.why}" for end in proof.dead_ends]
        raise DeadEndError("\n".join([*rows, f"the plan in {folder} is refused"]))
    return plan, proof
