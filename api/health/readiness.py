"""Whether the line works, in words. Pure."""

from collections.abc import Iterator, Sequence

from api.nodes.repository import NodeState
from api.nodes.schemas import AmiState, LiveReport, OperatorNoticeKind

_AMI_REASONS = {
    AmiState.DOWN: "has no connection to Asterisk (AMI)",
    AmiState.REFUSED: "is refused by Asterisk (AMI): wrong user or secret",
}
"""States of the link that mean that the node does not work; draining is a planned stop."""

_NOTICES = {
    OperatorNoticeKind.MISSED_RINGS: "missed too many rings in a row and was put on a pause; *84 ends it",
    OperatorNoticeKind.RINGS_UNANSWERED: "misses one ring after the other, and nobody else can answer",
    OperatorNoticeKind.STUCK: "gets no calls: its phone seems in use, but there is no call; restart it",
}


def unready_reasons(states: Sequence[NodeState], *, stale_s: float) -> list[str]:
    """Gives why the line does not work; empty: it does."""
    if not states:
        return ["no node has reported"]
    return [reason for state in states for reason in _node_reasons(state, stale_s)]


def plan_warnings(states: Sequence[NodeState], published: str | None) -> list[str]:
    """Gives which nodes go on with another plan than the published one, and why; a node may be about to take it."""
    return [warning for state in states for warning in _plan_warnings(state.node, state.report, published)]


def staff_warnings(states: Sequence[NodeState], *, stale_s: float) -> list[str]:
    """Gives which queues nobody can answer, and which operators need somebody's eye; old reports tell nothing."""
    return [
        f"node {state.node}: {warning}"
        for state in states
        if state.age_s <= stale_s
        for warning in _staff_warnings(state.report)
    ]


def _staff_warnings(report: LiveReport) -> Iterator[str]:
    for queue in report.unstaffed_queues or ():
        yield f"nobody can answer in queue {queue}; its callers wait"
    for notice in report.operator_notices:
        yield f"operator {notice.operator} {_NOTICES[notice.kind]}"


def trunk_warnings(states: Sequence[NodeState]) -> list[str]:
    """Gives which trunks for calls that go out did not answer: callers still come in, centres are out of reach."""
    return [
        f"node {state.node}: trunk {each.trunk} did not answer at {each.checked_at:%Y-%m-%d %H:%M} UTC ({each.status})"
        for state in states
        for each in state.report.trunks
        if not each.is_answering
    ]


def _plan_warnings(node: str, report: LiveReport, published: str | None) -> list[str]:
    if report.plan_problem is not None:
        return [f"node {node} does not take the published plan: {report.plan_problem}"]
    if published is not None and report.plan_version != published:
        return [f"node {node} has plan {report.plan_version or 'none'} in force, {published} is published"]
    return []


def _node_reasons(state: NodeState, stale_s: float) -> list[str]:
    if state.age_s > stale_s:
        return [f"node {state.node} has not reported for {state.age_s:.0f} s"]
    return [f"node {state.node} {reason}" for reason in _report_reasons(state.report)]


def _report_reasons(report: LiveReport) -> list[str]:
    reasons = []
    if report.ami in _AMI_REASONS:
        reasons.append(_AMI_REASONS[report.ami])
    if report.journal.problem is not None:
        reasons.append(f"cannot deliver evidence: {report.journal.problem}")
    return reasons
