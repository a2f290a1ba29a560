"""The files of a plan: YAML that people edit, read, checked and made into a `routing.plan.Plan`.

The only part of `routing` that reads files and imports third-party modules (pydantic, ruamel.yaml, holidays).
"""

from routing.plan_files.problems import PlanError, Problem
from routing.plan_files.reader import read_plan

__all__ = ["PlanError", "Problem", "read_plan"]
