"""Which lines of a call's evidence are missing, told by those that are there. Pure.

Most events of CEL have a partner, or are told of a second time by queue_log or Asterisk's call records: what has lost
its partner names the line that did not come. Asked of calls that are over and whose Asterisk did not stop meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from api.projection.events import Event, in_order, whole_number
from api.projection.families import Family
from api.projection.fold import REFUSALS
from api.projection.queue_steps import QUEUE_STEPS
from asterisk_conf.names import Rung, Source, UserEvent

_PAIRS = (("APP_START", "APP_END"), ("BRIDGE_ENTER", "BRIDGE_EXIT"))
_EACH_CHANNEL = ("CHAN_START", "HANGUP", "CHAN_END")
_VISIT_ENDS = frozenset(QUEUE_STEPS) - {"ENTERQUEUE", "CONNECT", "RINGNOANSWER", "RINGCANCELED"}
_CONVERSATION_ENDS = frozenset({"COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER"})
_LEFT_QUEUE = frozenset({"EXITEMPTY", "EXITWITHTIMEOUT", "EXITWITHKEY", "WITHDRAW"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """A call's evidence, sorted for the questions below."""

    family: Family
    cel: tuple[Event, ...]
    queue_log: tuple[Event, ...]
    """Of the caller's channel."""
    caller: str
    """uniqueid of the caller's channel."""
    answered: bool
    """Asterisk's call record says that the caller's channel was answered."""

    def of(self, *types: str) -> list[Event]:
        """Gives CEL's events of some types."""
        return [event for event in self.cel if event.type in types]

    def count(self, *types: str, uniqueid: str) -> int:
        """Counts CEL's events of a channel."""
        return sum(event.type in types and event.uniqueid == uniqueid for event in self.cel)

    def queue_count(self, types: Iterable[str]) -> int:
        """Counts queue_log's rows of the caller."""
        wanted = frozenset(types)
        return sum(event.type in wanted for event in self.queue_log)

    @property
    def channels(self) -> list[str]:
        """Gives the uniqueids of all channels, those that only queue_log tells of too."""
        told = {event.text("member_uniqueid") for event in self.queue_log if event.type == "CONNECT"}
        return sorted({event.uniqueid for event in self.cel if event.uniqueid} | {one for one in told if one})


def gaps_of(family: Family, *, answered: bool) -> tuple[str, ...]:
    """Gives what is missing, each as `TYPE` or `TYPE uniqueid`; nothing for a call that is whole.

    Args:
        family: The call's evidence.
        answered: Asterisk's call record says that the caller's channel was answered.
    """
    cel = tuple(in_order(event for event in family.events if event.source is Source.CEL))
    caller = _caller(family, cel)
    evidence = _Evidence(
        family=family,
        cel=cel,
        queue_log=tuple(
            in_order(one for one in family.events if one.source is Source.QUEUE_LOG and one.uniqueid == caller)
        ),
        caller=caller,
        answered=answered,
    )
    found = (gap for question in _QUESTIONS for gap in question(evidence))
    return tuple(dict.fromkeys(found))


def _caller(family: Family, cel: Iterable[Event]) -> str:
    entries = [event.uniqueid for event in cel if event.type == UserEvent.ENTRY]
    return next((uniqueid for uniqueid in entries if uniqueid is not None), family.call_id)


def _channel_gaps(evidence: _Evidence) -> Iterable[str]:
    for uniqueid in evidence.channels:
        for kind in _EACH_CHANNEL:
            if not evidence.count(kind, uniqueid=uniqueid):
                yield f"{kind} {uniqueid}"


def _pair_gaps(evidence: _Evidence) -> Iterable[str]:
    for uniqueid in evidence.channels:
        for begin, end in _PAIRS:
            begun, ended = evidence.count(begin, uniqueid=uniqueid), evidence.count(end, uniqueid=uniqueid)
            if begun != ended:
                yield f"{begin if begun < ended else end} {uniqueid}"


def _answer_gaps(evidence: _Evidence) -> Iterable[str]:
    for uniqueid in evidence.channels:
        has_spoken = evidence.count("BRIDGE_ENTER", "BRIDGE_EXIT", uniqueid=uniqueid) > 0
        is_told = has_spoken or (evidence.answered and uniqueid == evidence.caller)
        if is_told and not evidence.count("ANSWER", uniqueid=uniqueid):
            yield f"ANSWER {uniqueid}"


def _end_gaps(evidence: _Evidence) -> Iterable[str]:
    ended = {event.linkedid for event in evidence.of("LINKEDID_END")}
    return [f"LINKEDID_END {linkedid}" for linkedid in evidence.family.linkedids if linkedid not in ended]


def _entry_gaps(evidence: _Evidence) -> Iterable[str]:
    return [] if evidence.of(UserEvent.ENTRY) else [f"{UserEvent.ENTRY} {evidence.caller}"]


def _menu_gaps(evidence: _Evidence) -> Iterable[str]:
    """Compares the menus' answers with the keys that the decision after them has."""
    decisions = [event for event in evidence.of(UserEvent.DECISION) if event.detail("keys") is not None]
    if not decisions:
        return []
    last = decisions[-1]
    answered = sum(event.occurred_at <= last.occurred_at for event in evidence.of(UserEvent.MENU))
    keys = len((last.detail("keys") or "").split(","))
    return [f"{UserEvent.MENU} {evidence.caller}"] if answered < keys else []


def _decision_gaps(evidence: _Evidence) -> Iterable[str]:
    decisions = evidence.of(UserEvent.DECISION)
    queues = {event.detail("queue") for event in decisions}
    entered = {event.text("queue") for event in evidence.queue_log if event.type == "ENTERQUEUE"}
    in_parts = [event for event in decisions if not _has_own_reasons(event)]
    first_parts = sum(event.detail("part") == "1" for event in evidence.of(UserEvent.REASONS))
    if entered - queues or first_parts > len(in_parts):
        yield f"{UserEvent.DECISION} {evidence.caller}"
    if first_parts < len(in_parts) or _has_cut_trail(evidence):
        yield f"{UserEvent.REASONS} {evidence.caller}"


def _has_own_reasons(event: Event) -> bool:
    """Tells evidence of old, whose decisions have their reasons in themselves."""
    extra = event.payload.get("extra")
    return isinstance(extra, Mapping) and "reasons" in extra


def _has_cut_trail(evidence: _Evidence) -> bool:
    """Tells whether the parts of all trails are shorter together than they say that they are."""
    parts = evidence.of(UserEvent.REASONS)
    told = sum(len(event.detail("text") or "") for event in parts)
    whole = sum(whole_number(event.detail("chars")) or 0 for event in parts if event.detail("part") == "1")
    return told < whole


def _ladder_gaps(evidence: _Evidence) -> Iterable[str]:
    rungs = Counter(event.detail("rung") for event in evidence.of(UserEvent.DECISION))
    failed = Counter(event.detail("rung") for event in evidence.of(UserEvent.LADDER))
    has_left_queue = bool(evidence.of(UserEvent.QUEUE_EXIT))
    is_short = rungs[Rung.SCRIPT] > failed[Rung.SERVICE]
    if is_short or (rungs[Rung.STATIC] and not failed[Rung.SCRIPT] and not has_left_queue):
        yield f"{UserEvent.LADDER} {evidence.caller}"


def _exit_gaps(evidence: _Evidence) -> Iterable[str]:
    """Every Queue() but the last came back, unless by a transfer, and so did each that queue_log saw left."""
    exits = len(evidence.of(UserEvent.QUEUE_EXIT))
    starts = evidence.count("APP_START", uniqueid=evidence.caller)
    if exits < max(starts - 1 - evidence.queue_count({"BLINDTRANSFER"}), evidence.queue_count(_LEFT_QUEUE)):
        yield f"{UserEvent.QUEUE_EXIT} {evidence.caller}"


def _queue_log_gaps(evidence: _Evidence) -> Iterable[str]:
    refused = sum(event.detail("status") in REFUSALS for event in evidence.of(UserEvent.QUEUE_EXIT))
    starts = evidence.count("APP_START", uniqueid=evidence.caller) - refused
    entered, ended = evidence.queue_count({"ENTERQUEUE"}), evidence.queue_count(_VISIT_ENDS)
    if entered < max(starts, ended):
        yield f"ENTERQUEUE {evidence.caller}"
    if ended < entered:
        yield f"end of a stay in a queue {evidence.caller}"
    if evidence.queue_count({"CONNECT"}) < evidence.queue_count(_CONVERSATION_ENDS):
        yield f"CONNECT {evidence.caller}"
    if starts < entered:
        yield f"APP_START {evidence.caller}"


def _conversation_gaps(evidence: _Evidence) -> Iterable[str]:
    """Who queue_log says was connected has been in a bridge with the caller."""
    for event in evidence.queue_log:
        member = event.text("member_uniqueid")
        if event.type == "CONNECT" and member is not None:
            for uniqueid in (member, evidence.caller):
                if not evidence.count("BRIDGE_ENTER", uniqueid=uniqueid):
                    yield f"BRIDGE_ENTER {uniqueid}"


_QUESTIONS: tuple[Callable[[_Evidence], Iterable[str]], ...] = (
    _channel_gaps,
    _pair_gaps,
    _answer_gaps,
    _end_gaps,
    _entry_gaps,
    _menu_gaps,
    _decision_gaps,
    _ladder_gaps,
    _exit_gaps,
    _queue_log_gaps,
    _conversation_gaps,
)
