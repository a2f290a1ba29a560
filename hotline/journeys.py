"""How calls of the log are shown to people."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from api.calls.schemas import CallJourney, CallSummary, Decision, MenuStep, QueueVisit
from routing.plan import Language

KYIV = ZoneInfo("Europe/Kyiv")


def calls_table(calls: Iterable[CallSummary]) -> Table:
    """Gives calls as a table, local time."""
    table = Table(
        "began", "did", "lang", "keys", "service", "queue", "operator", "wait", "talk", "outcome", "ended by",
        box=None, header_style="bold",
    )  # fmt: skip
    for call in calls:
        began = f"{call.started_at.astimezone(KYIV):%Y-%m-%d %H:%M:%S}"
        cells = (call.did, call.language, call.keys, call.service, call.queue, call.operator)
        times = (_seconds(call.wait_s), _seconds(call.talk_s))
        table.add_row(began, *(cell or "–" for cell in cells), *times, call.outcome, call.hung_up_by)
    return table


def journey_panel(journey: CallJourney, title: str, language: Language = Language.UK) -> Panel:
    """Gives one caller's way as a framed text."""
    rows = [_heading(journey), *map(_step_text, journey.menu_steps)]
    for decision in journey.decisions:
        rows += _decision_texts(decision, language)
    rows += map(_visit_text, journey.queue_visits)
    cause = f", {journey.hangup_cause.name}" if journey.hangup_cause else ""
    rows.append(Text(f"ended: {journey.outcome}, hung up by {journey.hung_up_by}{cause}"))
    return Panel(Group(*rows), title=title, title_align="left", expand=False)


def _heading(journey: CallJourney) -> Text:
    return Text(
        f"call {journey.call_id} to {journey.did or 'an unknown number'}, "
        f"{journey.started_at.astimezone(KYIV):%a %d.%m.%Y %H:%M:%S}, language {journey.language or '–'}",
        style="dim",
    )


def _step_text(step: MenuStep) -> Text:
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
