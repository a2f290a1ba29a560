"""How long things take in the service: histograms in a registry of their own.

Source: https://prometheus.io/docs/practices/naming/ (base units, suffixes).
"""

from prometheus_client import CollectorRegistry, Counter, Histogram

_COMMAND_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_DECISION_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
_LAG_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Timings:
    """The histograms of one service. Each can be told from the event loop while another thread reads them."""

    def __init__(self) -> None:
        """Counts nothing yet."""
        self.registry = CollectorRegistry()
        self._commands = Histogram(
            "hotline_ivr_agi_command_duration_seconds",
            "From a command that plays nothing and waits for no key to Asterisk's reply",
            buckets=_COMMAND_BUCKETS_S,
            registry=self.registry,
        )
        self._decisions = Histogram(
            "hotline_ivr_entry_to_decision_seconds",
            "From a session's begin to its decision, prompts and thinking of the caller included",
            labelnames=("route",),
            buckets=_DECISION_BUCKETS_S,
            registry=self.registry,
        )
        self._lag = Histogram(
            "hotline_ivr_loop_lag_seconds",
            "How much later than asked for the event loop woke up",
            buckets=_LAG_BUCKETS_S,
            registry=self.registry,
        )
        self._sessions = Counter(
            "hotline_ivr_agi_sessions_ended",
            "Sessions that ended, by how",
            labelnames=("ending",),
            registry=self.registry,
        )

    def command(self, duration_s: float) -> None:
        """Counts one command."""
        self._commands.observe(duration_s)

    def decision(self, route: str, duration_s: float) -> None:
        """Counts one decision; `route` is one that the service has."""
        self._decisions.labels(route=route).observe(duration_s)

    def lag(self, lag_s: float) -> None:
        """Counts one look at the event loop."""
        self._lag.observe(max(0.0, lag_s))

    def ended(self, ending: str) -> None:
        """Counts the end of a session."""
        self._sessions.labels(ending=ending).inc()
