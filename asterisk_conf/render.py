"""Makes every file that Asterisk reads from a plan, the site's settings and the secrets.

Pure: gives texts, writes nothing (`asterisk_conf.install` does). The texts hold secrets.
"""

from jinja2 import Environment

from asterisk_conf import conf_text, names
from asterisk_conf.binary import AsteriskBinary
from asterisk_conf.conf_text import value_of
from asterisk_conf.conversations import conversation_facts
from asterisk_conf.handoff import sound_of
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets
from asterisk_conf.modules import MODULES
from asterisk_conf.names import TRUNK_PREFIX, AgiRoute, Rung, UserEvent, Variable
from asterisk_conf.payload import REASONS_LIMIT_CHARS, REASONS_PART_CHARS, encode_reasons, encode_value
from asterisk_conf.site import SiteSettings
from routing.numbers import did_forms
from routing.plan import Plan, PromptId
from routing.reasons import ReasonCode, because
from routing.waiting import QueueSpeech, first_max_penalty

FILES = (
    "acl.conf",
    "asterisk.conf",
    "ccss.conf",
    "cdr.conf",
    "cel.conf",
    "cel_custom.conf",
    "extensions.conf",
    "features.conf",
    "indications.conf",
    "logger.conf",
    "manager.conf",
    "modules.conf",
    "musiconhold.conf",
    "pjproject.conf",
    "pjsip.conf",
    "queuerules.conf",
    "queues.conf",
    "rtp.conf",
    "say.conf",
    "udptl.conf",
)
CALLER_NUMBER_LIMIT_CHARS = 24
"""E.164 has at most 15 digits; the rest leaves room for prefixes that trunks put before them."""
CALLER_NAME_LIMIT_CHARS = 40
OPERATOR_ACTIONS = ("login", "logout", "pause", "unpause")
"""Each is told by the prompt `operator-<action>`."""
OPERATOR_NOT_ON_LINE = PromptId("operator-not-on-line")
OPERATOR_PAUSE_REASON = PromptId("operator-pause-reason")
OVERRIDE_FAILED = PromptId("override-failed")
NO_MAX_PENALTY = 100_000
"""Value of QUEUE_MAX_PENALTY that lets operators of every penalty be called."""
TRIED_LIMIT_CHARS = 400
"""A caller who has been through so many queues stays in the last one."""


class RenderError(ValueError):
    """Plan, settings and secrets do not fit together; the text says what to mend."""


def render(
    plan: Plan, site: SiteSettings, secrets: InstanceSecrets, paths: InstancePaths, binary: AsteriskBinary
) -> dict[str, str]:
    """Gives the text of every file in `FILES`, by name.

    Raises:
        RenderError: An operator of the plan has no password.
        conf_text.ConfTextError: A value would change the meaning of a file.
    """
    environment = conf_text.environment()
    environment.globals.update(
        plan=plan,
        site=site,
        paths=paths,
        binary=binary,
        names=names,
        modules=MODULES,
        passwords=_passwords(plan, secrets),
        ami_secret=secrets.ami.get_secret_value(),
        control_secret=secrets.ami_control.get_secret_value(),
        trunk_prefix=TRUNK_PREFIX,
        **_dialplan_facts(plan, site),
    )
    return {name: _file(environment, name) for name in FILES}


def _file(environment: Environment, name: str) -> str:
    return environment.get_template(f"{name}.j2").render()


def _passwords(plan: Plan, secrets: InstanceSecrets) -> dict[str, str]:
    missing = [operator for operator in plan.operators if operator not in secrets.operators]
    if missing:
        raise RenderError(f"no password for {', '.join(missing)}: instance_secrets.ensure_secrets makes them")
    return {operator: secrets.operators[operator].get_secret_value() for operator in plan.operators}


def _dialplan_facts(plan: Plan, site: SiteSettings) -> dict[str, object]:
    """Gives what only extensions.conf needs."""
    last_resort = plan.queues[plan.line.last_resort_queue]
    return {
        "did_forms": {did: did_forms(did) for did in plan.line.dids},
        "number_limit": CALLER_NUMBER_LIMIT_CHARS,
        "name_limit": CALLER_NAME_LIMIT_CHARS,
        "tried_limit": TRIED_LIMIT_CHARS,
        "override_facts": {"route": AgiRoute.OVERRIDE.value, "operator": "${CHANNEL(endpoint)}"},
        "outbound_trunk": site.outbound_trunk,
        "override_failed": sound_of(plan, OVERRIDE_FAILED),
        "operator_sounds": {action: sound_of(plan, PromptId(f"operator-{action}")) for action in OPERATOR_ACTIONS},
        "operator_not_on_line": sound_of(plan, OPERATOR_NOT_ON_LINE),
        "operator_pause_reason": sound_of(plan, OPERATOR_PAUSE_REASON),
        "clock": "test-clock" if site.test_clock else "real-clock",
        "last_resort": last_resort,
        "last_resort_reasons": encode_reasons((because(ReasonCode.LAST_RESORT, queue=last_resort.name),)),
        "operator_service": plan.services[plan.line.operator_service],
        "detention_service": plan.services[plan.line.detention_service],
        "facts": {route.value: call_facts(route, site) for route in AgiRoute},
        "ladder": ladder_fields,
        "events": event_fields(),
        "reasons_parts": reasons_parts(),
        **conversation_facts(plan),
        **_waiting_facts(plan),
    }


def _waiting_facts(plan: Plan) -> dict[str, object]:
    """Gives what the dialplan and queues.conf need of waiting."""
    rows = [(queue, queue.waiting) for queue in plan.queues.values() if queue.waiting is not None]
    first_penalties = ((queue.name, first_max_penalty(waiting)) for queue, waiting in rows)
    empty = ((queue.name, waiting.empty_announcement) for queue, waiting in rows)
    speeches = ((queue.name, waiting.speech) for queue, waiting in rows)
    return {
        "menu_key": None if plan.line.waiting is None else plan.line.waiting.menu_key,
        "first_penalties": {name: penalty for name, penalty in first_penalties if penalty is not None},
        "no_max_penalty": NO_MAX_PENALTY,
        "empty_sounds": {name: sound_of(plan, prompt) for name, prompt in empty if prompt is not None},
        "speeches": {name: _speech_sounds(plan, speech) for name, speech in speeches if speech is not None},
        "moved": moved_fields,
    }


def _speech_sounds(plan: Plan, speech: QueueSpeech) -> dict[str, str]:
    """Gives what queues.conf says of a queue's announcements."""
    return {
        "position": sound_of(plan, speech.position),
        "next": sound_of(plan, speech.next),
        "comfort": ",".join(sound_of(plan, each) for each in speech.comfort),
    }


def moved_fields(queue: str, why: str, key: str) -> dict[str, str]:
    """Gives the fields of the event that tells that a waiting caller left `queue`; `key` is empty but for a key."""
    return {"queue": queue, "why": why, "key": encode_value(key), "waited": waited_expression()}


def call_facts(route: AgiRoute, site: SiteSettings) -> dict[str, str]:
    """Gives the facts of a call as the dialplan hands them to a rung (docs/architecture.md)."""
    key = {"key": value_of(Variable.QUEUE_KEY)} if route is AgiRoute.QUEUE_KEY else {}
    return {
        "route": route.value,
        "did": value_of(Variable.DID),
        "plan": value_of(Variable.PLAN_VERSION),
        "language": value_of(Variable.LANGUAGE),
        "menu": value_of(Variable.MENU),
        "keys": value_of(Variable.KEYS),
        "service": value_of(Variable.SERVICE),
        "centre": value_of(Variable.CENTRE),
        "queue": value_of(Variable.QUEUE),
        "status": value_of(Variable.DIAL_STATUS if route is AgiRoute.AFTER_DIAL else Variable.QUEUE_STATUS),
        "tried": value_of(Variable.TRIED_QUEUES),
        "waited": waited_expression(before=True),
        "centre_tried": value_of(Variable.CENTRE_TRIED),
        "centre_status": value_of(Variable.CENTRE_STATUS),
        "number": value_of(Variable.DETENTION_NUMBER),
        "source": str(site.registration_source),
        **key,
    }


def waited_expression(*, before: bool = False) -> str:
    """Gives the whole seconds that the caller has waited so far, as the dialplan computes them; 0 before the queue.

    Args:
        before: True adds what the caller waited in a call shortly before this one.

    Why the two `0`: the dialplan works out both sides whatever the condition, and an empty operand is an error.
    """
    since = value_of(Variable.QUEUED_AT_EPOCH)
    earlier = f" + 0{value_of(Variable.WAITED_BEFORE_S)}" if before else ""
    return f"$[(0{since} > 0) * (${{EPOCH}} - 0{since}){earlier}]"


def ladder_fields(rung: Rung, route: AgiRoute) -> dict[str, str]:
    """Gives the fields of the event that tells that a rung gave no answer."""
    return {"rung": rung.value, "route": route.value, "why": "${AGISTATUS}"}


def reasons_parts() -> tuple[tuple[int, dict[str, str]], ...]:
    """Gives for each part of the trail of reasons after how many characters it begins, and its event's fields."""
    name = Variable.REASONS.value
    starts = range(0, REASONS_LIMIT_CHARS, REASONS_PART_CHARS)
    return tuple(
        (
            start,
            {
                "part": str(number),
                "chars": f"${{LEN({value_of(name)})}}",
                "text": f"${{{name}:{start}:{REASONS_PART_CHARS}}}",
            },
        )
        for number, start in enumerate(starts, start=1)
    )


def event_fields() -> dict[str, dict[str, str]]:
    """Gives the fields of our events that have the same ones wherever they happen, by event name."""
    return {
        UserEvent.ENTRY.value: {
            "did": value_of(Variable.DID),
            "number": "${CALLERID(num)}",
            "ani": "${CALLERID(ANI)}",
            "presentation": "${CALLERID(num-pres)}",
            "trunk": f"${{CHANNEL(endpoint):{len(TRUNK_PREFIX)}}}",
            "plan": value_of(Variable.PLAN_VERSION),
        },
        UserEvent.DECISION.value: {
            "rung": value_of(Variable.RUNG),
            "service": value_of(Variable.SERVICE),
            "queue": value_of(Variable.QUEUE),
            "office": value_of(Variable.OFFICE),
            "priority": value_of(Variable.PRIORITY),
            "open": value_of(Variable.IS_OPEN),
            "language": value_of(Variable.LANGUAGE),
            "keys": value_of(Variable.KEYS),
            "plan": value_of(Variable.PLAN_VERSION),
        },
        UserEvent.DIAL_EXIT.value: {
            "digits": f"${{{Variable.NUMBER.value}:-2}}",
            "status": value_of(Variable.DIAL_STATUS),
        },
        UserEvent.QUEUE_EXIT.value: {
            "queue": value_of(Variable.QUEUE),
            "status": value_of(Variable.QUEUE_STATUS),
            "waited": waited_expression(),
        },
    }
