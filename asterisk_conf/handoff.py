"""What the dialplan tells a rung of the ladder, and what the rung tells the dialplan.

Shared by the service and the fallback script, so that both mean the same. Standard library and `routing` only.
Variables that the dialplan puts into a payload again hold their value already percent-encoded.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from asterisk_conf.names import SOUNDS_SUBFOLDER, AgiRoute, Outcome, Variable
from asterisk_conf.payload import PayloadError, decode_payload, encode_reasons, encode_value
from routing.centres import CentrePlace
from routing.decisions import CentreDestination, Decision, Facts, NumberDestination, QueueDestination, decide
from routing.languages import Language
from routing.menus import operator_service
from routing.overrides import Override
from routing.plan import CentreId, Did, MenuId, Plan, PlanVersion, PromptId, QueueName, ServiceId
from routing.prompts import sound_name_of
from routing.reasons import Reason, ReasonCode, because

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_STATUS_CHARS = 20
_LONGEST_NAME_CHARS = 48


class HandoffError(ValueError):
    """What the dialplan sent cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What the dialplan knows about a call. Empty means: not yet, or not known."""

    route: AgiRoute
    did: Did | None
    plan_version: PlanVersion | None
    language: Language | None
    menu: MenuId | None
    keys: tuple[str, ...]
    """Answers given so far, in the words of `--keys`: a key, or `t` for silence."""
    service: ServiceId | None
    centre: CentreId | None
    """The centre that the caller asked to speak to; None: none."""
    tried_queues: tuple[QueueName, ...]
    """Queues left without an answer, the last one last."""
    queue_status: str | None
    """QUEUESTATUS of the last of them."""
    dial_status: str | None
    """DIALSTATUS of the telephone number that did not answer; None: no number was called."""
    waited_s: int
    centre_tried: tuple[CentrePlace, ...]
    centre_status: str | None
    detention_number: str | None
    """Registration number that the caller already has."""
    registration_source: int
    """This node's part of registration numbers."""
    queue_key: str | None = None
    """The key by which the caller left `queue`; None: it was left otherwise."""
    queue: QueueName | None = None
    """The last queue of the call."""


def _language(text: str) -> Language | None:
    return next((language for language in Language if language.value == text), None)


def _whole_number(text: str) -> int:
    """Gives the number; 0 for what is none, so that a wrong clock costs a caller no route."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0  # noqa: PLR2004  31 years


def _centre_tried(text: str) -> tuple[CentrePlace, ...]:
    """Reads `sumy.0+sumy.1`; passes over what is no telephone of a centre, so that it costs a caller no route."""
    words = (word.rpartition(".") for word in text.split("+"))
    return tuple(
        CentrePlace(centre=CentreId(centre), place=_whole_number(place)) for centre, _, place in words if centre
    )


def facts_of(payload_text: str) -> CallFacts:
    """Reads the one argument of `AGI()`: see docs/architecture.md, "A call through the dialplan".

    Raises:
        HandoffError: It is no payload, or it names no known route.
    """
    try:
        fields = decode_payload(payload_text)
        route = AgiRoute(fields.get("route", ""))
    except (PayloadError, ValueError) as error:
        raise HandoffError(f"not the facts of a call: {error}") from error
    tried = tuple(QueueName(name) for name in fields.get("tried", "").split("+") if name)
    left = fields.get("queue", "")
    if route is AgiRoute.AFTER_QUEUE and not tried and left:
        tried = (QueueName(left),)
    is_after_dial = route is AgiRoute.AFTER_DIAL
    key = fields.get("key", "") if route is AgiRoute.QUEUE_KEY else ""
    return CallFacts(
        route=route,
        did=Did(fields["did"]) if fields.get("did") else None,
        plan_version=PlanVersion(fields["plan"]) if fields.get("plan") else None,
        language=_language(fields.get("language", "")),
        menu=MenuId(fields["menu"]) if fields.get("menu") else None,
        keys=tuple(key for key in fields.get("keys", "").split(",") if key),
        service=ServiceId(fields["service"]) if fields.get("service") else None,
        centre=CentreId(fields["centre"]) if fields.get("centre") else None,
        tried_queues=tried,
        queue_status=None if is_after_dial else fields.get("status") or None,
        dial_status=fields.get("status", "")[:_LONGEST_STATUS_CHARS] if is_after_dial else None,
        waited_s=_whole_number(fields.get("waited", "")),
        centre_tried=_centre_tried(fields.get("centre_tried", "")),
        centre_status=fields.get("centre_status", "")[:_LONGEST_STATUS_CHARS] or None,
        detention_number=fields.get("number") or None,
        registration_source=_whole_number(fields.get("source", "")),
        queue_key=key[:1] or None,
        queue=QueueName(left) if left else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """What the node's state says that matters to a decision."""

    overrides: tuple[Override, ...] = ()
    dead_numbers: frozenset[str] = frozenset()
    """Numbers of centres that did not work when they were last checked."""


def decide_call(
    call: CallFacts, plan: Plan, node: NodeFacts, moment: datetime, why: tuple[Reason, ...] = ()
) -> Decision:
    """Decides for a call at `moment`.

    Raises:
        ValueError: `moment` has no time zone.
    """
    return decide(plan, decision_facts(call, plan, node, why), moment)


def decision_facts(call: CallFacts, plan: Plan, node: NodeFacts, why: tuple[Reason, ...] = ()) -> Facts:
    """Gives what `decide` needs, in the first language unless another was chosen.

    A caller who has chosen nothing gets an operator, in a menu that has a service of its own that one's.
    """
    if call.queue_key is not None and call.queue_key == plan.line.keys.detention:
        pressed = because(ReasonCode.QUEUE_KEY, key=call.queue_key, queue=(call.queue or "")[:_LONGEST_NAME_CHARS])
        call = replace(call, service=plan.line.detention_service, tried_queues=(), queue_key=None)
        why = (*why, pressed)
    service = call.service or operator_service(plan, call.menu)
    if call.service is None and service != plan.line.operator_service and call.menu is not None:
        why = (because(ReasonCode.MENU_LEFT, menu=call.menu), *why)
    return Facts(
        service=service,
        language=call.language or plan.line.languages[0],
        did=call.did,
        overrides=node.overrides,
        tried_queues=call.tried_queues,
        queue_status=call.queue_status,
        dial_status=call.dial_status,
        waited_s=call.waited_s,
        centre=call.centre,
        centre_tried=call.centre_tried,
        centre_status=call.centre_status,
        dead_numbers=node.dead_numbers,
        why=why,
    )


def sound_of(plan: Plan, prompt: PromptId) -> str:
    """Gives the name by which Asterisk plays a prompt of the plan."""
    return f"{SOUNDS_SUBFOLDER}/{sound_name_of(plan, prompt)}"


def keys_value(keys: tuple[str, ...]) -> str:
    """Gives the value of `Variable.KEYS`: the answers in the words of `--keys`, percent-encoded."""
    return encode_value(",".join(keys))


def variables_of(decision: Decision, plan: Plan) -> tuple[tuple[Variable, str], ...]:
    """Gives what to set for a decision, in this order: the outcome comes last and makes the rest count.

    A number that is none in E.164 is left out, and the decision's queue takes the call.
    """
    number = _number_of(decision)
    is_recorded = plan.services[decision.service].is_recorded and decision.service != plan.line.detention_service
    return (
        (Variable.PLAN_VERSION, decision.plan_version),
        (Variable.LANGUAGE, decision.language.value),
        (Variable.SERVICE, decision.service),
        (Variable.QUEUE, decision.queue),
        (Variable.QUEUE_TIMEOUT_S, "" if decision.max_wait_s is None else str(decision.max_wait_s)),
        (Variable.OFFICE, decision.office),
        (Variable.PRIORITY, str(decision.priority)),
        (Variable.IS_OPEN, "1" if decision.is_open else "0"),
        (Variable.ANNOUNCEMENTS, "&".join(sound_of(plan, each) for each in decision.announcements)),
        (Variable.REASONS, encode_reasons(decision.reasons)),
        (Variable.NUMBER, number),
        (Variable.IS_RECORDED, "1" if is_recorded else ""),
        (Variable.MOVED, "" if decision.moved is None else decision.moved.value),
        *_centre_variables(decision),
        (Variable.OUTCOME, (Outcome.NUMBER if number else _outcome_of(decision)).value),
    )


def _outcome_of(decision: Decision) -> Outcome:
    return Outcome.CENTRE if isinstance(decision.destination, CentreDestination) else Outcome.QUEUE


def _centre_variables(decision: Decision) -> tuple[tuple[Variable, str], ...]:
    match decision.destination:
        case CentreDestination(centre=centre, place=place, ring_s=ring_s):
            return (
                (Variable.CENTRE_DIALLED, centre),
                (Variable.CENTRE_PLACE, str(place)),
                (Variable.CENTRE_RING_S, str(ring_s)),
            )
        case QueueDestination() | NumberDestination():
            return ()
        case _:
            assert_never(decision.destination)


def _number_of(decision: Decision) -> str:
    match decision.destination:
        case NumberDestination(number=number):
            return number if _E164.fullmatch(number) else ""
        case QueueDestination() | CentreDestination():
            return ""
        case _:
            assert_never(decision.destination)
