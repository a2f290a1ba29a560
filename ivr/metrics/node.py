"""How the node is now, as Prometheus' families: read from the same parts as the live report.

What is not known is left out, never 0. A scrape runs in a thread of its own and reads only.
Source: https://prometheus.io/docs/instrumenting/writing_exporters/ (a gauge of each state is 0 or 1).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from asterisk_conf.state_files import StateError
from ivr.ami.link import LinkState
from ivr.live import NodeParts
from ivr.reconciler.notices import NoticeKind

PREFIX = "hotline_ivr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the server and the reconciler have counted since the service began."""

    agi_faults: Callable[[], int]
    agi_refused: Callable[[], int]
    repairs: Callable[[], int]


class NodeCollector(Collector):
    """The node's parts as a collector."""

    def __init__(self, parts: NodeParts, counts: Counts) -> None:
        self._parts = parts
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Gives everything now."""
        yield from self._agi_families()
        yield from self._ami_families()
        yield from self._evidence_families()
        yield from self._plan_families()
        yield from self._operator_families()

    def _agi_families(self) -> Iterator[Metric]:
        yield _gauge("agi_sessions", "Calls that the service answers now", self._parts.sessions())
        told = "Sessions that ended by an exception, and connections that spoke no AGI"
        yield _counter("agi_faults", told, self._counts.agi_faults())
        told = "Connections closed because there were too many"
        yield _counter("agi_refused", told, self._counts.agi_refused())

    def _ami_families(self) -> Iterator[Metric]:
        link = self._parts.link
        told = "1 for the state in which the link to Asterisk is"
        states = GaugeMetricFamily(f"{PREFIX}_ami_state", told, labels=["state"])
        for state in LinkState:
            states.add_metric([state.value], link.state is state)
        yield states
        yield _counter("ami_gaps", "How often the link came back: events in between were missed", link.gaps)
        yield _counter("ami_events_dropped", "Events that nobody read in time", link.pump.dropped)

    def _evidence_families(self) -> Iterator[Metric]:
        status = self._parts.journal.status()
        yield _gauge("evidence_outbox_bytes", "Evidence on disk that is not acknowledged", status.lag_bytes)
        yield _gauge("evidence_stuck", "1: evidence cannot be delivered", status.problem is not None)
        if status.last_ack_at is not None:
            age_s = (datetime.now(UTC) - status.last_ack_at).total_seconds()
            yield _gauge("evidence_ack_age_seconds", "Since evidence was last acknowledged", max(0.0, age_s))

    def _plan_families(self) -> Iterator[Metric]:
        yield _gauge("plan_in_force", "1: new calls have a plan", self._has_plan())
        told = "1: the published plan is not taken, or the one in force is not whole"
        yield _gauge("plan_refused", told, self._parts.desired.plan_problem is not None)

    def _has_plan(self) -> bool:
        try:
            self._parts.plans.current_version()
        except StateError:
            return False
        return True

    def _operator_families(self) -> Iterator[Metric]:
        told = "Queues that must always be there, and in which nobody can answer now"
        yield _gauge("queues_unstaffed", told, len(self._parts.unstaffed()))
        notices = Counter(notice.kind for notice in self._parts.notices())
        told = "Operators who need somebody's eye, by why"
        family = GaugeMetricFamily(f"{PREFIX}_operator_notices", told, labels=["kind"])
        for kind in NoticeKind:
            family.add_metric([kind.value], notices[kind])
        yield family
        yield _counter("operator_repairs", "Repairs of what Asterisk shows of operators", self._counts.repairs())


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", told, value=value)


def _counter(name: str, told: str, value: float) -> Metric:
    return CounterMetricFamily(f"{PREFIX}_{name}", told, value=value)
