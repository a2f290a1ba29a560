"""A plan whose callers hear and may press all that the plan can say of waiting."""

from dataclasses import replace

from routing.plan import OfficeId, Plan, PromptId
from routing.waiting import Escalation, LineWaiting, QueueSpeech, QueueWaiting
from tests.live.switching import DUTY_NUMBER
from tests.plans import CHERNIVTSI, SUMY, small_plan

MENU_KEY = "*"
RETURN_S = 600
ESCALATION_S = 3
_SAID = PromptId("sumy-closed")


def waiting_plan() -> Plan:
    """Gives the small plan with keys in queues, help after a few seconds, and waiting time given back."""
    plan = small_plan()
    plain = QueueWaiting(
        music="default",
        penalties=(),
        speech=None,
        closing_announcement=None,
        empty_announcement=None,
        escalation=None,
    )
    helped = Escalation(after_s=ESCALATION_S, offices=(OfficeId("sumy"),), number=DUTY_NUMBER)
    speech = QueueSpeech(every_s=1, position=_SAID, next=_SAID, expected_wait=None, comfort=(), comfort_every_s=60)
    waiting = {
        CHERNIVTSI: replace(plain, empty_announcement=_SAID, escalation=helped, speech=speech),
        SUMY: replace(plain, closing_announcement=_SAID),
    }
    queues = {
        name: replace(queue, waiting=waiting[name], joinempty=(), leavewhenempty=())
        for name, queue in plan.queues.items()
    }
    line = replace(plan.line, waiting=LineWaiting(menu_key=MENU_KEY, return_s=RETURN_S))
    operators = {
        each.id: replace(
            each, memberships=tuple(place for place in each.memberships if str(place.queue) == each.office)
        )
        for each in plan.operators.values()
    }
    return replace(plan, queues=queues, line=line, operators=operators)
