"""Where a call would go, and why: the menus walked with given keys, then `decide`. Pure, nothing is written."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from routing.calendars import local_date
from routing.decisions import (
    CentreDestination,
    Decision,
    Destination,
    Facts,
    NumberDestination,
    QueueDestination,
    decide,
)
from routing.languages import Language
from routing.menus import SILENCE_MARK, Ask, Chosen, Key, Silence, Step, answer, start
from routing.numbers import did_forms, normalise_caller
from routing.overrides import Override
from routing.plan import Did, OfficeId, Plan, PlanVersion, PromptId, QueueName
from routing.readings import Listener, is_inside_ukraine
from routing.reasons import Reason, describe


class SimulationError(ValueError):
    """The question cannot be answered: the number is none of the line's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """One imagined call."""

    destination: Destination
    queue: QueueName
    office: OfficeId
    priority: int
    is_open: bool
    reasons: tuple[Reason, ...]
    path: tuple[str, ...]
    """What happens, one step each: `main: 1`, `consultation`, `queue sumy`."""
    plan_version: PlanVersion
    spoken: tuple[str, ...]
    """The texts that the caller hears, in order."""
    language: Language
    caller: str | None
    """E.164; None when withheld."""
    decision: Decision


def parse_keys(text: str) -> tuple[str, ...]:
    """Gives the answers of `1,t,54`: separated by commas, `t` is a silence."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def simulate(
    plan: Plan,
    moment: datetime,
    keys: tuple[str, ...] = (),
    *,
    from_: str | None = None,
    did: str | None = None,
    overrides: tuple[Override, ...] = (),
) -> Simulation:
    """Tells where a call at `moment` goes whose caller gives `keys`, and then nothing more.

    Args:
        plan: The plan in force.
        moment: Aware time of the decision.
        keys: One answer each, `SILENCE_MARK` for silence; answers after the end of the menus are passed over.
        from_: The caller's number as a trunk sends it; None when withheld.
        did: The number called, in any form; None means the line's first.
        overrides: Those that are stored.

    Raises:
        SimulationError: `did` is no number of the line.
    """
    called = _called(plan, did)
    caller = None if from_ is None else normalise_caller(from_)
    listener = Listener(is_inside=is_inside_ukraine(called, caller), today=local_date(plan, moment))
    chosen, path, prompts = _walk(plan, keys, listener)
    facts = Facts(
        service=chosen.service,
        language=chosen.language,
        did=called,
        centre=chosen.centre,
        overrides=overrides,
        why=(chosen.why,),
    )
    decision = decide(plan, facts, moment)
    return Simulation(
        destination=decision.destination,
        queue=decision.queue,
        office=decision.office,
        priority=decision.priority,
        is_open=decision.is_open,
        reasons=decision.reasons,
        path=(*path, *_chosen_path(chosen), _told(decision.destination)),
        plan_version=decision.plan_version,
        spoken=(*prompts, *(_text(plan, each, decision.language) for each in decision.announcements)),
        language=decision.language,
        caller=caller,
        decision=decision,
    )


def as_document(simulation: Simulation) -> dict[str, object]:
    """Gives the simulation as JSON data with the keys that `hotline simulate --json` promises."""
    return {
        "destination": _told(simulation.destination),
        "queue": simulation.queue,
        "office": simulation.office,
        "priority": simulation.priority,
        "open": simulation.is_open,
        "reasons": [
            {
                "code": reason.code,
                "details": dict(reason.details),
                **{language.value: describe(reason, language) for language in Language},
            }
            for reason in simulation.reasons
        ],
        "path": list(simulation.path),
        "plan_version": simulation.plan_version,
        "spoken": list(simulation.spoken),
        "language": simulation.language.value,
    }


def _called(plan: Plan, did: str | None) -> Did:
    if did is None:
        return plan.line.dids[0]
    for known in plan.line.dids:
        if did in did_forms(known):
            return known
    raise SimulationError(f"{did} is no number of the line; it has {', '.join(plan.line.dids)}")


def _chosen_path(chosen: Chosen) -> tuple[str, ...]:
    return (chosen.service,) if chosen.centre is None else (chosen.service, f"centre {chosen.centre}")


def _walk(plan: Plan, keys: tuple[str, ...], listener: Listener) -> tuple[Chosen, list[str], list[str]]:
    """Gives what the caller chose, the steps of the path and the texts heard; silence follows the last key."""
    step: Step = start(plan, listener=listener)
    path: list[str] = []
    spoken: list[str] = []
    left = list(keys)
    while isinstance(step, Ask):
        position = step.position
        spoken += [_text(plan, each, position.language) for each in step.prompts]
        key = left.pop(0) if left else SILENCE_MARK
        place = position.menu if step.part is None else f"{position.menu}/{step.part.id}"
        path.append(f"{place}: {'silence' if key == SILENCE_MARK else key}")
        step = answer(plan, position, Silence() if key == SILENCE_MARK else Key(key=key))
    return step, path, spoken


def _text(plan: Plan, prompt: PromptId, language: Language) -> str:
    return plan.prompts[prompt].text.in_language(language)


def _told(destination: Destination) -> str:
    match destination:
        case QueueDestination(queue=queue):
            return f"queue {queue}"
        case NumberDestination(number=number):
            return f"number {number}"
        case CentreDestination(centre=centre, place=place):
            return f"centre {centre}, telephone {place + 1}"
        case _:
            assert_never(destination)
