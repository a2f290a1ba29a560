"""Turns a reading into Prometheus' families. Pure.

Source: https://prometheus.io/docs/practices/naming/ (base units, suffixes) and /docs/instrumenting/writing_exporters/
(a gauge of each state is 0 or 1).
"""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from api.metrics.reading import Reading
from api.nodes.repository import NodeState
from api.nodes.schemas import AmiState, OperatorState

PREFIX = "hotline"


def families(reading: Reading, now: datetime) -> Iterator[Metric]:
    """Gives everything; what is not known is left out, never 0."""
    yield from _call_families(reading)
    yield from _node_families(reading, now)
    fresh = [state for state in reading.nodes if state.age_s <= reading.stale_s]
    yield from _queue_families(fresh)
    yield _operator_family(fresh)
    yield from _record_families(reading, now)


def _gauge(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", told, labels=labels)


def _single(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", told, value=value)


def _call_families(reading: Reading) -> Iterator[Metric]:
    today = _gauge("calls_today", "Calls that began on this day of Kyiv, by outcome", "outcome")
    for outcome, count in sorted(reading.calls_today.items()):
        today.add_metric([outcome], count)
    yield today
    yield _single("open_calls", "Calls that go on, by the log", reading.open_calls)
    told = "Share of today's callers of a queue answered within its threshold (within_offered, short abandons out)"
    level = _gauge("queue_service_level_ratio", told, "queue")
    for queue, share in sorted(reading.service_levels.items()):
        level.add_metric([queue], share)
    yield level


def _node_families(reading: Reading, now: datetime) -> Iterator[Metric]:
    up = _gauge("node_up", "1: the node's last report is young enough to be believed", "node")
    age = _gauge("node_report_age_seconds", "Since the node's last report", "node")
    ami = _gauge("node_ami_state", "1 for the state in which the node's link to Asterisk is", "node", "state")
    gaps = _gauge("node_ami_gaps", "How often the link to Asterisk came back since the service began", "node")
    outbox = _gauge("node_evidence_outbox_bytes", "Evidence on the node's disk that is not acknowledged", "node")
    acknowledged = _gauge("node_evidence_ack_age_seconds", "Since evidence was last acknowledged", "node")
    unstaffed = _gauge("node_unstaffed_queues", "Queues of last resort of which the node reaches no operator", "node")
    told = "Callers who report a detention and have waited at least so many seconds for an operator"
    detentions = _gauge("node_detention_callers", told, "node", "waited_s")
    sessions = _gauge("node_agi_sessions", "Calls that the node's service answers now", "node")
    for state in reading.nodes:
        node, report = [state.node], state.report
        up.add_metric(node, state.age_s <= reading.stale_s)
        age.add_metric(node, state.age_s)
        for each in AmiState:
            ami.add_metric([state.node, each.value], report.ami is each)
        if report.ami_gaps is not None:
            gaps.add_metric(node, report.ami_gaps)
        outbox.add_metric(node, report.journal.lag_bytes)
        if report.journal.last_ack_at is not None:
            acknowledged.add_metric(node, max(0.0, (now - report.journal.last_ack_at).total_seconds()))
        if report.unstaffed_queues is not None:
            unstaffed.add_metric(node, len(report.unstaffed_queues))
        if (waits := report.detention_waiting) is not None:
            for waited_s, callers in (("0", waits.waiting), ("15", waits.over_15s), ("20", waits.over_20s)):
                detentions.add_metric([state.node, waited_s], callers)
        sessions.add_metric(node, report.sessions)
    yield from (up, age, ami, gaps, outbox, acknowledged, unstaffed, detentions, sessions)


def _queue_families(fresh: list[NodeState]) -> Iterator[Metric]:
    callers = _gauge("queue_callers", "Callers who wait now", "node", "queue")
    longest = _gauge("queue_longest_wait_seconds", "How long the one who waits longest has waited", "node", "queue")
    for state in fresh:
        for queue in state.report.queues or ():
            callers.add_metric([state.node, queue.queue], queue.waiting)
            longest.add_metric([state.node, queue.queue], queue.longest_wait_s)
    yield from (callers, longest)


def _operator_family(fresh: list[NodeState]) -> Metric:
    operators = _gauge("operators", "Operators who are logged in, by what they do now", "node", "state")
    for state in fresh:
        if state.report.operators is not None:
            told = [operator.state for operator in state.report.operators]
            for each in OperatorState:
                operators.add_metric([state.node, each.value], told.count(each))
    return operators


def _record_families(reading: Reading, now: datetime) -> Iterator[Metric]:
    if reading.ledger is not None:
        told = "Differences that the ledger's newest night found; normal is 0"
        yield _single("ledger_differences", told, reading.ledger.differences)
        yield _single("ledger_age_seconds", "Since the ledger's newest night", reading.ledger.age_s)
    if reading.ledger_so_far is not None:
        told = "Differences that the ledger finds of today so far; normal is 0"
        yield _single("ledger_today_differences", told, reading.ledger_so_far.differences)
        age_s = max(0.0, (now - reading.ledger_so_far.made_at).total_seconds())
        yield _single("ledger_today_age_seconds", "Since the ledger of today was made", age_s)
    yield _single("quarantined_lines", "Lines of evidence that could not be read", reading.quarantined_lines)
    told = "Detention reports for which no lawyer was named yet"
    yield _single("detention_reports_waiting", told, reading.detention_waiting)
    yield _single("detention_reports_overdue", f"{told}, and the time for it is over", reading.detention_overdue)
