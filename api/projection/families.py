"""Which linkedids are one call: a transfer or a pick-up moves channels from one linkedid to another. Pure.

Source: ast_channel_internal_set_linkedid() and the bridging code of Asterisk 22: when channels meet in a bridge they
all get the oldest linkedid of them; CEL writes LINKEDID_END for the one that nobody has any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from api.projection.events import Event, in_order
from asterisk_conf.names import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The evidence of one call."""

    call_id: str
    """The linkedid that survived."""
    aliases: tuple[str, ...]
    """Those that were merged into it."""
    events: tuple[Event, ...]

    @property
    def linkedids(self) -> tuple[str, ...]:
        """Gives all of them."""
        return (self.call_id, *self.aliases)


def families_of(events: Iterable[Event]) -> list[Family]:
    """Sorts evidence into calls; queue_log belongs to the call of its channel, and to none without one."""
    known = list(events)
    cel = in_order(event for event in known if event.source is Source.CEL and event.linkedid is not None)
    moved_to = _moves(cel)
    call_of_channel = {event.uniqueid: _survivor(event.linkedid or "", moved_to) for event in cel}
    linkedids: dict[str, set[str]] = {}
    for event in cel:
        linkedid = event.linkedid or ""
        linkedids.setdefault(_survivor(linkedid, moved_to), set()).add(linkedid)
    sorted_events: dict[str, list[Event]] = {call_id: [] for call_id in linkedids}
    for event in known:
        call_id = call_of_channel.get(event.uniqueid)
        if call_id is not None:
            sorted_events[call_id].append(event)
    return [
        Family(call_id=call_id, aliases=tuple(sorted(merged - {call_id})), events=tuple(sorted_events[call_id]))
        for call_id, merged in sorted(linkedids.items())
    ]


def _moves(ordered: Iterable[Event]) -> dict[str, str]:
    """Gives by linkedid the one that its channels moved to."""
    current: dict[str | None, str] = {}
    moves: dict[str, str] = {}
    for event in ordered:
        linkedid = event.linkedid or ""
        before = current.setdefault(event.uniqueid, linkedid)
        if before != linkedid:
            current[event.uniqueid] = linkedid
            if _survivor(linkedid, moves) != before:
                moves[before] = linkedid
    return moves


def _survivor(linkedid: str, moves: dict[str, str]) -> str:
    while linkedid in moves:
        linkedid = moves[linkedid]
    return linkedid
