"""The key that leads from a queue back to the menu, and what becomes of a caller who comes back without a new choice.

Pure. The caller's place is kept by priority alone: about as good as before, never exactly (docs/decisions).
"""

from dataclasses import replace

from asterisk_conf.handoff import CallFacts
from routing.menus import Ask, Chosen, enter
from routing.plan import Plan
from routing.readings import Listener
from routing.reasons import Reason, ReasonCode, because

_NO_CHOICE = frozenset({ReasonCode.SILENCE.value, ReasonCode.WRONG_KEYS.value, ReasonCode.TOO_MANY_ANSWERS.value})


def is_menu_key(plan: Plan, key: str | None) -> bool:
    """Tells whether `key`, pressed in a queue, leads to the menu."""
    return key is not None and plan.line.waiting is not None and key == plan.line.waiting.menu_key


def menu_again(plan: Plan, call: CallFacts, listener: Listener) -> Ask:
    """Gives the first question for a caller who comes from a queue; keys of before stay in the walk's record."""
    ask = enter(plan, plan.line.entry_menu, call.language or plan.line.languages[0], listener)
    return replace(ask, position=replace(ask.position, keys=call.keys))


def after_menu(call: CallFacts, chosen: Chosen) -> tuple[CallFacts, tuple[Reason, ...]]:
    """Gives the call to decide, and why: a new choice begins anew; without one the caller goes on waiting as before."""
    call = replace(call, language=chosen.language, keys=chosen.keys, queue_key=None)
    if chosen.why.code in _NO_CHOICE and call.service is not None:
        return call, (because(ReasonCode.BACK_TO_QUEUE, queue=call.queue or ""),)
    return replace(call, service=chosen.service, centre=chosen.centre, tried_queues=()), (chosen.why,)
