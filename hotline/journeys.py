"""How calls of the log are shown to people."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.calls.schemas import CallJourney, CallStep, CallSummary, Decision, MenuStep, QueueVisit
from api.projection.words import InfoState, StepKind
from asterisk_conf.names import RecordingState
from routing.languages import Language

KYIV = ZoneInfo("Europe/Kyiv")
_WITHIN_SECOND = timedelta(seconds=1)
"""queue_log has whole seconds: a stay in a queue is shown behind what else happened in its first second."""


def calls_table(calls: Iterable[CallSummary]) -> Table:
    """Gives calls as a table, local time."""
    table = Table(
        "began", "call", "number", "did", "lang", "keys", "service", "queue", "operator", "wait", "talk", "outcome",
        "ended by", box=None, header_style="bold",
    )  # fmt: skip
    for call in calls:
        began = f"{call.started_at.astimezone(KYIV):%Y-%m-%d %H:%M:%S}"
        cells = (
            call.call_id,
            call.caller.masked,
            call.did,
            call.language,
            call.keys,
            call.service,
            call.queue,
            call.operator,
        )
        times = (_seconds(call.wait_s), _seconds(call.talk_s))
        table.add_row(began, *(cell or "–" for cell in cells), *times, call.outcome, call.hung_up_by)
    return table


def journey_panel(journey: CallJourney, title: str, language: Language = Language.UK) -> Panel:
    """Gives one caller's way as a framed text."""
    rows = [_heading(journey)]
    for _, texts in sorted(_happened(journey, language), key=lambda one: one[0]):
        rows += texts
    cause = f", {journey.hangup_cause.name}" if journey.hangup_cause else ""
    rows.append(Text(f"ended: {journey.outcome}, hung up by {journey.hung_up_by}{cause}"))
    return Panel(Group(*rows), title=title, title_align="left", expand=False)


def _happened(journey: CallJourney, language: Language) -> Iterator[tuple[datetime, list[Text]]]:
    """Gives everything that is told of a call, each with its moment."""
    for answer in journey.menu_steps:
        yield answer.occurred_at, [_answer_text(answer)]
    for decision in journey.decisions:
        yield decision.occurred_at, _decision_texts(decision, language)
    for visit in journey.queue_visits:
        yield visit.entered_at + _WITHIN_SECOND, [_visit_text(visit)]
    for step in journey.steps:
        yield step.occurred_at, [Text(_step_words(step))]


def _heading(journey: CallJourney) -> Text:
    return Text(
        f"call {journey.call_id} from {journey.caller.masked or 'a number not shown'} "
        f"to {journey.did or 'an unknown number'}, "
        f"{journey.started_at.astimezone(KYIV):%a %d.%m.%Y %H:%M:%S}, language {journey.language or '–'}",
        style="dim",
    )


def _answer_text(step: MenuStep) -> Text:
    given = {"match": f"key {step.key}", "no_match": f"wrong key {step.key}", "no_input": "silence"}
    return Text(f"menu {step.menu}: {given.get(step.outcome or '', step.outcome or '–')}")


def _decision_texts(decision: Decision, language: Language) -> list[Text]:
    state = {True: "open", False: "closed", None: "–"}[decision.is_open]
    rung = "" if decision.rung == "service" else f" (decided by the {decision.rung})"
    first = Text.assemble(f"{decision.service or '–'}, {state} → queue ", (decision.queue or "–", "bold"), rung)
    return [
        first,
        *(
            Text(f"  · {reason.uk if language is Language.UK else reason.en}", style="italic")
            for reason in decision.reasons
        ),
    ]


def _step_words(step: CallStep) -> str:
    """Tells a step that is neither a menu's answer, nor a decision, nor a stay in a queue."""
    subject, state, detail = step.subject or "–", (step.state or "–").replace("_", " "), step.detail
    match step.kind:
        case StepKind.INFO:
            heard = "broken off" if step.state == InfoState.BROKEN_OFF else "heard to its end"
            return f"information {subject}, part {detail or '–'}: {heard}"
        case StepKind.CENTRE:
            return f"centre {subject}: {state}" + (f" ({detail})" if detail else "")
        case StepKind.DETENTION:
            return f"detention report: number {subject} {state}"
        case StepKind.RECORDING:
            return f"recording {state}" + ("" if step.state == RecordingState.DECLINED else f": {subject}")
        case StepKind.MOVED:
            return f"moved out of queue {subject}: {state}"
        case StepKind.UNSTAFFED:
            return f"queue {subject}: no operator could be reached, the caller was told so"
        case _:
            assert_never(step.kind)


def _visit_text(visit: QueueVisit) -> Text:
    if visit.operator is None:
        return Text(f"queue {visit.queue}: waited {_seconds(visit.wait_s)}, {visit.ending}")
    return Text.assemble(
        f"queue {visit.queue}: waited {_seconds(visit.wait_s)}, answered by ",
        (visit.operator, "bold"),
        f", talked {_seconds(visit.talk_s)}",
    )


def _seconds(value: int | None) -> str:
    return "–" if value is None else f"{value} s"
