"""The plans that calls began with, read from the node's state folder and kept while they are used."""

from collections import OrderedDict
from pathlib import Path

from asterisk_conf.state_files import read_current, read_plan_of_call
from routing.plan import Plan, PlanVersion

KEPT_PLANS = 4


class PlanStore:
    """Gives plans by version; the `KEPT_PLANS` last used ones stay in memory. A snapshot never changes."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._plans: OrderedDict[PlanVersion, Plan] = OrderedDict()

    def current_version(self) -> PlanVersion:
        """Gives the version in force.

        Raises:
            StateError: It cannot be read.
        """
        return read_current(self._state)

    def plan_of_call(self, version: PlanVersion | None) -> Plan:
        """Gives the plan of a call; the one in force when the call names none that is known.

        Raises:
            StateError: No plan can be read.
        """
        wanted = version if version is not None else self.current_version()
        plan = self._plans.get(wanted)
        if plan is None:
            plan = read_plan_of_call(self._state, wanted)
            self._plans[plan.version] = plan
        self._plans.move_to_end(plan.version)
        while len(self._plans) > KEPT_PLANS:
            self._plans.popitem(last=False)
        return plan
