"""What the dialplan of centres, registration numbers and recordings needs from a plan. Pure."""

from asterisk_conf.conf_text import value_of
from asterisk_conf.handoff import sound_of
from asterisk_conf.names import CentreAnswer, Variable
from routing.centres import ACCEPT, numbers_of
from routing.line_prompts import NUMBER_AGAIN, NUMBER_IS, RECORDING, RECORDING_DECLINED
from routing.plan import CentreId, Plan, QueueName

CHECK_STEP = "check"


def conversation_facts(plan: Plan) -> dict[str, object]:
    """Gives what the template `conversations.conf.j2` and the hand-over before it name."""
    return {
        "numbers_of": numbers_of,
        "centre_step": centre_step,
        "accept_step": accept_step,
        "check_step": check_step,
        "duty_numbers": duty_numbers(plan),
        "duty_step": duty_step,
        "recording_fields": recording_fields(),
        "detention_key_fields": detention_key_fields(plan),
        "detention_fields": {"number": value_of(Variable.DETENTION_NUMBER)},
        "accept_sound": sound_of(plan, ACCEPT),
        "number_is_sound": sound_of(plan, NUMBER_IS),
        "number_again_sound": sound_of(plan, NUMBER_AGAIN),
        "recording_sound": sound_of(plan, RECORDING),
        "recording_declined_sound": sound_of(plan, RECORDING_DECLINED),
    }


def centre_step(step: str) -> dict[str, str]:
    """Gives the fields of `UserEvent.CENTRE` on the caller's channel; the number itself is not among them."""
    return {
        "centre": value_of(Variable.CENTRE_DIALLED),
        "place": value_of(Variable.CENTRE_PLACE),
        "step": step,
        "status": value_of(Variable.CENTRE_STATUS) if step == "failed" else "",
        "persons": value_of(Variable.CENTRE_PERSONS),
    }


def accept_step(answer: CentreAnswer) -> dict[str, str]:
    """Gives the fields of `UserEvent.CENTRE` on the centre's channel, in the accept dialogue."""
    return {
        "centre": "${ARG1}",
        "place": "${ARG2}",
        "step": answer.value,
        "status": value_of(Variable.CENTRE_ANSWER) if answer is CentreAnswer.REFUSED else "",
        "persons": "${ARG3}",
    }


def check_step(centre: CentreId, place: int) -> dict[str, str]:
    """Gives the fields of `UserEvent.CENTRE` for a test call, with the Q.850 cause."""
    status = "${DIALSTATUS}.${HANGUPCAUSE}"
    return {"centre": centre, "place": str(place), "step": CHECK_STEP, "status": status, "persons": ""}


def duty_numbers(plan: Plan) -> dict[QueueName, str]:
    """Gives the duty officer's number of each queue that calls one in."""
    waiting = ((queue.name, queue.waiting) for queue in plan.queues.values() if queue.waiting is not None)
    called = ((name, each.escalation) for name, each in waiting if each.escalation is not None)
    return {name: each.number for name, each in called if each.number is not None}


def duty_step(answer: CentreAnswer) -> dict[str, str]:
    """Gives the fields of `UserEvent.DUTY`."""
    status = value_of(Variable.CENTRE_ANSWER) if answer is CentreAnswer.REFUSED else ""
    return {"queue": "${ARG1}", "step": answer.value, "status": status}


def recording_fields() -> dict[str, str]:
    """Gives the fields of `UserEvent.RECORDING`."""
    return {"state": value_of(Variable.RECORDING), "file": "${CHANNEL(linkedid)}.wav"}


def detention_key_fields(plan: Plan) -> dict[str, str]:
    """Gives the fields of `UserEvent.MENU` for the detention key in the announcement of a recording."""
    return {
        "menu": "recording",
        "outcome": "match",
        "key": plan.line.keys.detention,
        "language": value_of(Variable.LANGUAGE),
        "attempt": "1",
    }
