"""Walks the dialplan from where telephones come in, and tells what it could dial that it must not.

The walk sees every context whose name a jump mentions, whatever its condition: too much rather than too little.
"""

import re
from collections.abc import Iterable, Iterator

from asterisk_conf.names import TRUNK_PREFIX, Context, OperatorCode, Variable
from hotline.security.seen import Dialplan, DialplanStep
from routing.centres import numbers_of
from routing.numbers import did_forms
from routing.plan import Plan

APPLICATIONS = frozenset(
    {
        "AGI", "AddQueueMember", "Answer", "CELGenUserEvent", "Dial", "Gosub", "Goto", "GotoIf", "Hangup", "MixMonitor",
        "MusicOnHold", "NoOp", "PauseQueueMember", "Playback", "Queue", "Read", "RemoveQueueMember", "Return", "Set",
        "StopMixMonitor", "StoreDTMF", "UnpauseQueueMember", "Wait",
    }
)  # fmt: skip
"""What our dialplan uses. System, Originate, Exec, DISA, Page, Transfer and ChanSpy are not among them."""
JUMPS = frozenset({"Goto", "GotoIf", "Gosub", "Dial", "Queue"})
_SAFE_NUMBER = f"${{FILTER(+0-9,${{{Variable.NUMBER}}})}}"
_DIAL = re.compile(rf"PJSIP/([^@,&]+)@{TRUNK_PREFIX}[a-z0-9-]+,")
_PAUSE_PATTERN = f"_{OperatorCode.PAUSE}[1-9]"


def outbound_faults(dialplan: Dialplan, entries: Iterable[str], plan: Plan) -> tuple[str, ...]:
    """Gives what is wrong, in words.

    Args:
        dialplan: As Asterisk has loaded it.
        entries: Contexts of SIP endpoints.
        plan: In force: its directory holds the only numbers that may be dialled.
    """
    starts = frozenset(entries)
    reached = reachable(dialplan, starts)
    steps = [step for step in dialplan.steps if step.context in reached]
    faults = [f"a context goes elsewhere: {text}" for text in dialplan.inclusions]
    faults += [f"telephones come in at [{each}]" for each in sorted(starts - {*_ENTRIES})]
    faults += _entry_faults(dialplan, plan)
    faults += [fault for step in steps for fault in _step_faults(step, plan)]
    return tuple(dict.fromkeys(faults))


_ENTRIES = (Context.FROM_TRUNK.value, Context.FROM_OPERATORS.value)


def reachable(dialplan: Dialplan, entries: Iterable[str]) -> frozenset[str]:
    """Gives the contexts that a call can reach which comes in at `entries`."""
    contexts = {step.context for step in dialplan.steps}
    jumps: dict[str, set[str]] = {}
    for step in dialplan.steps:
        if step.application in JUMPS:
            jumps.setdefault(step.context, set()).update(_mentioned(step, contexts))
    reached: set[str] = set()
    waiting = set(entries) & contexts
    while waiting:
        reached |= waiting
        waiting = {context for each in waiting for context in jumps.get(each, ())} - reached
    return frozenset(reached)


def _mentioned(step: DialplanStep, contexts: Iterable[str]) -> Iterator[str]:
    """Gives the contexts whose names stand in a step; a queue leads to the keys that are pressed in it, too."""
    words = set(re.findall(r"[\w-]+", step.arguments))
    yield from (context for context in contexts if context in words)
    if step.application == "Queue":
        yield Context.QUEUE_KEYS.value


def _entry_faults(dialplan: Dialplan, plan: Plan) -> Iterator[str]:
    allowed = {
        Context.FROM_TRUNK.value: {form for did in plan.line.dids for form in did_forms(did)},
        Context.FROM_OPERATORS.value: {*OperatorCode, _PAUSE_PATTERN, f"{OperatorCode.PAUSE}0"},
    }
    found = {(step.context, step.extension) for step in dialplan.steps if step.context in allowed}
    for context, extension in sorted(found):
        if extension not in allowed[context]:
            yield f"[{context}] takes {extension}, which is no number or code of the line"


def _step_faults(step: DialplanStep, plan: Plan) -> Iterator[str]:
    where = f"[{step.context}] {step.extension}"
    if step.application not in APPLICATIONS:
        yield f"{where} runs {step.application}()"
    if step.application == "Dial" and not _is_dial_safe(step, plan):
        yield f"{where} dials something that is neither in the directory nor an override's number"
    if step.application == "Set":
        yield from (f"{where} {fault}" for fault in _setting_faults(step, plan))


def _is_dial_safe(step: DialplanStep, plan: Plan) -> bool:
    found = _DIAL.match(step.arguments)
    if found is None:
        return False
    by_context = {
        Context.HANDOVER.value: {f"${{{Variable.NUMBER}}}"},
        Context.CENTRE.value: {f"${{{Variable.CENTRE_NUMBER}}}"},
        Context.CENTRE_CHECK.value: _directory(plan),
    }
    return found[1] in by_context.get(step.context, set())


def _setting_faults(step: DialplanStep, plan: Plan) -> Iterator[str]:
    """Gives whether a variable that is dialled could get something else than a number that may be dialled."""
    name, _, value = step.arguments.partition("=")
    if name.lstrip("_") == Variable.NUMBER and value != _SAFE_NUMBER:
        yield "chooses an override's number by itself"
    if name.lstrip("_") == Variable.CENTRE_NUMBER and value not in _directory(plan):
        yield "gives a centre a number that is not in the directory"


def _directory(plan: Plan) -> set[str]:
    return {number for centre in plan.centres.values() for number in numbers_of(centre)}
