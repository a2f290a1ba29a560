"""Grafana's dashboard and Prometheus' rules speak of metrics that the code has.

promtool is not among our tools: the files are parsed as YAML and JSON, and of PromQL the names, the label values of our
enumerations, the brackets and the functions are checked. A slip in the rest of PromQL's grammar is not noticed here.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry
from ruamel.yaml import YAML

from api.ledger.upkeep import LedgerSoFar
from api.metrics.families import families
from api.metrics.http_times import HttpTimes
from api.metrics.reading import Reading
from api.metrics.repository import LedgerNight
from api.nodes.repository import NodeState
from api.nodes.schemas import LiveReport
from asterisk_conf.site import SiteSettings
from ivr.ami.link import AmiLink, LinkState, LinkTimings
from ivr.ami.watch import AsteriskWatch
from ivr.desired.status import DesiredStatus
from ivr.journal.journal import Journal, JournalTimings
from ivr.journal.shipper import Shipper
from ivr.live import NodeParts
from ivr.metrics.node import Counts, NodeCollector
from ivr.metrics.timings import Timings
from ivr.plans import PlanStore
from ivr.reconciler.notices import NoticeKind

DOCKER = Path(__file__).parents[2] / "docker"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PROMETHEUS_OWN = frozenset({"up"})
FUNCTIONS = frozenset({"sum", "max", "rate", "increase", "delta", "histogram_quantile"})
WORDS = frozenset({"and", "or", "unless", "bool", "by", "without"})
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAME = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_NOT_NAMES = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without) \([^)]*\)|\b[0-9.]+\b")
_LABEL = re.compile(r'(\w+)=~?"([^"]*)"')


def api_names() -> set[str]:
    report = LiveReport.model_validate(
        {
            "boot_id": None,
            "ami": "up",
            "journal": {"lag_bytes": 0, "last_ack_at": NOW, "problem": None},
            "plan_version": None,
            "sessions": 0,
            "at": NOW,
        }
    )
    reading = Reading(
        nodes=[NodeState(node="node1", report=report, age_s=0.0)],
        stale_s=10.0,
        calls_today={},
        open_calls=0,
        service_levels={},
        ledger=LedgerNight(day=NOW.date(), differences=0, age_s=0.0),
        ledger_so_far=LedgerSoFar(day=NOW.date(), differences=0, made_at=NOW),
        detention_waiting=0,
        detention_overdue=0,
        quarantined_lines=0,
    )
    times = HttpTimes()
    times.observe("GET", "/", 200, 0.1)
    return {family.name for family in families(reading, NOW)} | sample_names(times.registry)


def ivr_names(tmp_path: Path) -> set[str]:
    link = AmiLink(host="127.0.0.1", port=1, user="ivr", secret="x", timings=LinkTimings())
    journal = Journal({}, Shipper(httpx.AsyncClient(), node="n", quarantine=tmp_path / "q"), JournalTimings())
    journal._last_ack_at = NOW
    parts = NodeParts(
        link=link,
        watch=AsteriskWatch(link),
        journal=journal,
        plans=PlanStore(tmp_path),
        desired=DesiredStatus(),
        sessions=lambda: 0,
        state=tmp_path,
    )
    timings = Timings()
    timings.decision("entry", 1.0)
    timings.ended("decided")
    timings.registry.register(
        NodeCollector(parts, Counts(agi_faults=lambda: 0, agi_refused=lambda: 0, repairs=lambda: 0))
    )
    return sample_names(timings.registry)


def sample_names(registry: CollectorRegistry) -> set[str]:
    return {sample.name for family in registry.collect() for sample in family.samples}


def rules() -> list[dict[str, Any]]:
    document = YAML(typ="safe").load((DOCKER / "prometheus" / "alerts.yaml").read_text("utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DOCKER / "grafana" / "hotline.json").read_text("utf-8"))["panels"]
    return found


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in panels() for target in panel.get("targets", ()))


def names_in(expression: str) -> set[str]:
    """Gives the metric names of an expression; what stands before a bracket must be a function that we know."""
    bare = _NOT_NAMES.sub(" ", _TEXT.sub('""', expression))
    names = set()
    for match in _NAME.finditer(bare):
        if bare[match.end() :].startswith("("):
            assert match[0] in FUNCTIONS, f"{match[0]} in {expression}"
        elif match[0] not in WORDS | FUNCTIONS:
            names.add(match[0])
    return names


def test_every_name_is_one_that_the_code_exposes(tmp_path: Path) -> None:
    exposed = api_names() | ivr_names(tmp_path) | PROMETHEUS_OWN
    asked = {name for expression in expressions() for name in names_in(expression)}
    assert len(asked) > 20
    assert asked <= exposed, asked - exposed


def test_a_name_that_nothing_exposes_would_be_noticed(tmp_path: Path) -> None:
    assert names_in('sum by (node) (rate(hotline_nothing_total{a="hotline_b"}[5m])) > 0.5') == {"hotline_nothing_total"}
    assert "hotline_nothing_total" not in api_names() | ivr_names(tmp_path)


def test_label_values_of_our_enumerations_exist() -> None:
    known = {
        "kind": {kind.value for kind in NoticeKind},
        "state": {state.value for state in LinkState},
        "ending": {"decided", "caller_gone", "undecided"},
        "job": {"hotline-api", "hotline-ivr"},
        "route": {"entry"},
    }
    pairs = {pair for expression in expressions() for pair in _LABEL.findall(expression) if pair[0] in known}
    assert pairs
    for label, value in pairs:
        assert set(value.split("|")) <= known[label], (label, value)


@pytest.mark.parametrize(("opening", "closing"), ["()", "{}", "[]"])
def test_brackets_are_closed(opening: str, closing: str) -> None:
    for expression in expressions():
        bare = _TEXT.sub("", expression)
        assert bare.count(opening) == bare.count(closing), expression


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    found = rules()
    assert len({rule["alert"] for rule in found}) == len(found) > 10
    for rule in found:
        assert rule["labels"]["severity"] in {"critical", "warning"}, rule
        assert rule["annotations"].keys() == {"summary", "mend"}, rule
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}, rule
        assert re.fullmatch(r"[0-9]+[smh]", rule.get("for", "1s")), rule


def test_prometheus_reads_the_rules_and_asks_both_processes_where_they_answer() -> None:
    document = YAML(typ="safe").load((DOCKER / "prometheus" / "prometheus.yaml").read_text("utf-8"))
    assert [(DOCKER / "prometheus" / name).is_file() for name in document["rule_files"]] == [True]
    site = SiteSettings()
    targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in document["scrape_configs"]}
    assert targets == {
        "hotline-api": [f"127.0.0.1:{site.api_port}"],
        "hotline-ivr": [f"127.0.0.1:{site.ivr_metrics_port}"],
    }


def test_panels_have_their_own_ids_and_places() -> None:
    found = panels()
    assert len({panel["id"] for panel in found}) == len(found)
    places = [tuple(panel["gridPos"].values()) for panel in found]
    assert len(set(places)) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in found)
