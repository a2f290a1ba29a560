"""Makes the board of nodes' reports. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from api.live.schemas import LiveBoard, NodeBoard, QueueTotal
from api.nodes.repository import NodeState
from api.nodes.schemas import DetentionWaiting


def node_board(state: NodeState, *, stale_s: float) -> NodeBoard:
    """Gives one node of the board."""
    report = state.report
    return NodeBoard(
        node=state.node,
        is_fresh=state.age_s <= stale_s,
        ami=report.ami,
        sessions=report.sessions,
        plan_version=report.plan_version,
        queues=None if report.queues is None else list(report.queues),
        operators=None if report.operators is None else list(report.operators),
        detention_waiting=report.detention_waiting,
        unstaffed_queues=None if report.unstaffed_queues is None else sorted(report.unstaffed_queues),
        reported_at=report.at,
    )


def live_board(nodes: Sequence[NodeBoard]) -> LiveBoard:
    """Gives the whole board; totals leave out nodes that are not to be believed."""
    fresh = [node for node in nodes if node.is_fresh]
    states = Counter(operator.state.value for node in fresh for operator in node.operators or ())
    return LiveBoard(
        nodes=list(nodes),
        queues=queue_totals(fresh),
        operators=dict(sorted(states.items())),
        detention_waiting=detention_total(fresh),
        unstaffed_queues=sorted({queue for node in fresh for queue in node.unstaffed_queues or ()}),
    )


def detention_total(nodes: Iterable[NodeBoard]) -> DetentionWaiting:
    """Adds up who waits to report a detention over nodes."""
    known = [node.detention_waiting for node in nodes if node.detention_waiting is not None]
    return DetentionWaiting(
        waiting=sum(each.waiting for each in known),
        longest_wait_s=max((each.longest_wait_s for each in known), default=0),
        over_15s=sum(each.over_15s for each in known),
        over_20s=sum(each.over_20s for each in known),
    )


def queue_totals(nodes: Iterable[NodeBoard]) -> list[QueueTotal]:
    """Adds up queues over nodes."""
    waiting: Counter[str] = Counter()
    longest_s: dict[str, int] = {}
    for node in nodes:
        for queue in node.queues or ():
            waiting[queue.queue] += queue.waiting
            longest_s[queue.queue] = max(longest_s.get(queue.queue, 0), queue.longest_wait_s)
    return [QueueTotal(queue=name, waiting=waiting[name], longest_wait_s=longest_s[name]) for name in sorted(longest_s)]


def has_changed(before: NodeBoard | None, now: NodeBoard) -> bool:
    """Tells whether a node says something new; that it reported again is nothing new."""
    return before is None or before.model_copy(update={"reported_at": now.reported_at}) != now
