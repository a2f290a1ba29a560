"""Whether an override fits the plan in force and the clock. Pure."""

import re
from datetime import datetime, timedelta
from typing import assert_never

from api.overrides.errors import DestinationInvalidError, UnknownTargetError, UntilInPastError, UntilTooFarError
from api.overrides.schemas import OverrideRequest
from routing.overrides import OverrideAction, OverrideScope
from routing.plan import Plan

LONGEST = timedelta(days=31)
"""An override is for what passes; what lasts belongs into the plan."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def check_override(plan: Plan, request: OverrideRequest, now: datetime) -> None:
    """Checks an override against the plan in force at `now` (aware).

    Raises:
        UnknownTargetError: The plan has no such target.
        DestinationInvalidError: The destination does not fit the action.
        UntilInPastError: It would be over already.
        UntilTooFarError: It would last longer than `LONGEST`.
    """
    _check_target(plan, request)
    _check_destination(plan, request)
    if request.until <= now:
        raise UntilInPastError(f"until {request.until:%Y-%m-%d %H:%M:%S} UTC is in the past")
    if request.until > now + LONGEST:
        raise UntilTooFarError(f"an override ends within {LONGEST.days} days; what lasts longer belongs into the plan")


def targets_of(plan: Plan, scope: OverrideScope) -> list[str]:
    """Gives what an override of this scope can be laid over."""
    match scope:
        case OverrideScope.LINE:
            return [""]
        case OverrideScope.SERVICE:
            return sorted(plan.services)
        case OverrideScope.QUEUE:
            return sorted(plan.queues)
        case OverrideScope.OFFICE:
            return sorted(plan.offices)
        case _:
            assert_never(scope)


def _check_target(plan: Plan, request: OverrideRequest) -> None:
    known = targets_of(plan, request.scope)
    if request.target in known:
        return
    if request.scope is OverrideScope.LINE:
        raise UnknownTargetError("the scope line has no target: leave it empty")
    raise UnknownTargetError(
        f"the plan has no {request.scope} {request.target!r}; it has {', '.join(known)}", {"known": [*known]}
    )


def _check_destination(plan: Plan, request: OverrideRequest) -> None:
    wanted = request.destination
    match request.action:
        case OverrideAction.OPEN | OverrideAction.CLOSED:
            if wanted is not None:
                raise DestinationInvalidError(f"the action {request.action} has no destination")
        case OverrideAction.TO_QUEUE:
            if wanted not in plan.queues:
                known = sorted(plan.queues)
                raise DestinationInvalidError(f"the plan has no queue {wanted!r}; it has {', '.join(known)}")
        case OverrideAction.TO_NUMBER:
            if wanted is None or not _E164.fullmatch(wanted):
                raise DestinationInvalidError("a number as +380… is needed: + and 7 to 15 digits")
        case _:
            assert_never(request.action)
