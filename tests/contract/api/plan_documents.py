"""Plans as the commands would send them: the small plan, and variants that are proven or not."""

from dataclasses import replace
from typing import Any

from routing import snapshot
from routing.plan import MinuteRange, Plan
from tests.plans import CHERNIVTSI, SUMY, small_plan

Document = dict[str, Any]


def versioned(plan: Plan) -> Plan:
    """Gives the plan with the version of its contents."""
    return replace(plan, version=snapshot.version_of(plan))


def document_of(plan: Plan) -> Document:
    """Gives the snapshot that a client sends."""
    return snapshot.to_document(versioned(plan))


def evening_plan(end_hour: int = 20) -> Plan:
    """The small plan with longer evenings in Sumy."""
    plan = small_plan()
    day = (MinuteRange(start_minute=8 * 60, end_minute=end_hour * 60),)
    office = replace(plan.offices[plan.queues[SUMY].office], hours=(*(day,) * 5, (), ()))
    return replace(plan, offices={**plan.offices, office.id: office})


def unanswered_plan() -> Plan:
    """A plan whose round-the-clock queue has no operator."""
    plan = small_plan()
    operators = {
        operator.id: replace(
            operator, memberships=tuple(place for place in operator.memberships if place.queue != CHERNIVTSI)
        )
        for operator in plan.operators.values()
    }
    return replace(plan, operators=operators)
