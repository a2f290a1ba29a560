"""Adds up a tree of topics. Pure."""

from collections.abc import Mapping

from api.topics.schemas import TopicNode, TopicShare
from routing.forms import Topic, TopicId

_DIGITS = 2


def tree_of(topics: Mapping[TopicId, Topic]) -> list[TopicNode]:
    """Gives the plan's topics in its order."""
    return [
        TopicNode(topic=each.id, uk=each.title.uk, en=each.title.en, parent=each.parent) for each in topics.values()
    ]


def shares_of(topics: Mapping[TopicId, Topic], counted: Mapping[str, int]) -> list[TopicShare]:
    """Gives each topic with its own calls and, with all below it, its share of the classified ones."""
    classified = sum(counted.values())
    gone = [TopicNode(topic=each, uk=each, en=each, parent=None) for each in sorted(set(counted) - set(topics))]
    totals = dict.fromkeys(topics, 0)
    for name, calls in counted.items():
        for each in _upwards(topics, TopicId(name)):
            totals[each] += calls
    return [_share(node, counted, totals, classified) for node in (*tree_of(topics), *gone)]


def _upwards(topics: Mapping[TopicId, Topic], name: TopicId) -> list[TopicId]:
    """Gives a topic and all above it, each once."""
    found: list[TopicId] = []
    step: TopicId | None = name
    while step is not None and step in topics and step not in found:
        found.append(step)
        step = topics[step].parent
    return found


def _share(node: TopicNode, counted: Mapping[str, int], totals: Mapping[TopicId, int], classified: int) -> TopicShare:
    own = counted.get(node.topic, 0)
    calls = totals.get(TopicId(node.topic), own)
    share_pct = round(100 * calls / classified, _DIGITS) if classified else None
    return TopicShare(**node.model_dump(), own_calls=own, calls=calls, share_pct=share_pct)
