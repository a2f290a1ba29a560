"""Writes calls of demo data as raw evidence: lines of CEL and queue_log in the journal's envelopes. Pure.

Left out of what Asterisk writes, because no figure reads it: bridges, and the trail of reasons.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from asterisk_conf.names import Context, Source, UserEvent
from asterisk_conf.payload import encode_payload
from hotline.demo_calls import SILENCE, DemoCall
from hotline.demo_data import CallKind

NODE = "demo-data"
"""Marks every call that is made here; reports over it say `demo_data`."""
TRUNK = "demo-data"
BATCH_LINES = 4_900
"""The api takes 5,000."""
_RING_S = 4
_MENU_S, _ANSWER_S = 7.0, 4.0
_NORMAL_CLEARING = 16
_ANSWERED = (CallKind.SUMY, CallKind.CHERNIVTSI)


@dataclass(slots=True)
class EvidenceFile:
    """One file of evidence of a day, written as the journal would send it."""

    generation: str
    positions: dict[Source, int] = field(default_factory=lambda: dict.fromkeys(Source, 0))

    def envelope(self, source: Source, line: str) -> str:
        """Gives one line in its envelope."""
        position = self.positions[source]
        self.positions[source] = position + len(line) + 1
        return (
            f'{{"node":"{NODE}","source":"{source}","generation":"{self.generation}","offset":{position},'
            f'"line":{json.dumps(line)}}}'
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Channel:
    """One channel; its name and ids hold no character that JSON escapes."""

    name: str
    uniqueid: str
    linkedid: str

    def line(self, event: str, at: float, place: str, extra: str = "") -> str:
        """Gives one CEL line; `place` is `exten@context`."""
        exten, _, context = place.partition("@")
        return (
            f'{{"eventtype":"{event}","eventtime":"{at:.6f}","exten":"{exten}","context":"{context}",'
            f'"channame":"{self.name}","uniqueid":"{self.uniqueid}","linkedid":"{self.linkedid}","peer":"",'
            f'"eventextra":{json.dumps(extra)}}}'
        )

    def own(self, event: UserEvent, at: float, context: Context, **fields: str | int) -> str:
        """Gives one of our own events."""
        return self.line(event, at, f"s@{context}", f'{{"extra":"{encode_payload(fields)}"}}')

    def ends(self, at: float, place: str, source: str) -> list[str]:
        """Gives the two lines of a channel that ends."""
        extra = f'{{"hangupcause":{_NORMAL_CLEARING},"hangupsource":"{source}","dialstatus":""}}'
        return [self.line("HANGUP", at, place, extra), self.line("CHAN_END", at + 0.01, place)]


def lines_of_call(call: DemoCall, place_in_day: int) -> Iterator[tuple[Source, str]]:
    """Gives everything that Asterisk would write of a call."""
    uniqueid = f"{NODE}-{int(call.at)}.{place_in_day * 2}"
    caller = _Channel(name=f"PJSIP/trunk-{TRUNK}-{place_in_day * 2:08x}", uniqueid=uniqueid, linkedid=uniqueid)
    entry = {"did": call.did, "number": call.number, "ani": "", "presentation": _presentation(call), "trunk": TRUNK}
    yield Source.CEL, caller.line("CHAN_START", call.at, f"{call.did}@{Context.FROM_TRUNK}")
    yield Source.CEL, caller.own(UserEvent.ENTRY, call.at + 0.01, Context.LINE, **entry)
    yield Source.CEL, caller.line("ANSWER", call.at + 0.02, f"s@{Context.LINE}")
    at = call.at + _MENU_S
    answers = _menu_answers(call)
    for attempt, (outcome, key) in enumerate(answers, start=1):
        fields: dict[str, str | int] = {
            "menu": "main",
            "outcome": outcome,
            "key": key,
            "language": _language(call),
            "attempt": attempt,
        }
        yield Source.CEL, caller.own(UserEvent.MENU, at, Context.LINE, **fields)
        at += _ANSWER_S
    if call.kind is CallKind.LEFT_MENU:
        yield from _goodbye(caller, at, f"s@{Context.LINE}", caller.name)
        return
    keys = ",".join(key or SILENCE for _, key in answers)
    yield Source.CEL, caller.own(UserEvent.DECISION, at, Context.HANDOVER, **_decision(call, keys))
    yield from _in_queue(call, caller, at + 0.1, place_in_day)


def _presentation(call: DemoCall) -> str:
    return "allowed_passed_screen" if call.number else "prohib_passed_screen"


def _language(call: DemoCall) -> str:
    return "en" if call.is_english else "uk"


def _menu_answers(call: DemoCall) -> list[tuple[str, str]]:
    answers = [("match", "9")] if call.is_english else []
    if call.has_wrong_key:
        answers.append(("no_match", "8"))
    if call.kind is CallKind.LEFT_MENU:
        return answers
    return [*answers, ("no_input", "") if call.key == SILENCE else ("match", call.key)]


def _queue(call: DemoCall) -> str:
    return "sumy" if call.kind is CallKind.SUMY else "chernivtsi"


def _decision(call: DemoCall, keys: str) -> dict[str, str | int]:
    is_shut = call.service == "consultation" and call.kind is not CallKind.SUMY
    return {
        "rung": "service",
        "service": call.service,
        "queue": _queue(call),
        "office": _queue(call),
        "priority": 100 if call.service == "detention" else 10,
        "open": int(not is_shut),
        "language": _language(call),
        "keys": keys,
    }


def _goodbye(caller: _Channel, at: float, place: str, source: str) -> Iterator[tuple[Source, str]]:
    for line in caller.ends(at, place, source):
        yield Source.CEL, line
    yield Source.CEL, caller.line("LINKEDID_END", at + 0.02, place)


def _in_queue(call: DemoCall, caller: _Channel, at: float, place_in_day: int) -> Iterator[tuple[Source, str]]:
    entered, left = int(at), int(at) + call.wait_s
    head = f"{caller.uniqueid}|{_queue(call)}"
    handover = f"s@{Context.HANDOVER}"
    yield Source.QUEUE_LOG, f"{entered}|{head}|NONE|ENTERQUEUE||{call.number}|1"
    if call.kind in _ANSWERED:
        yield from _answered(call, caller, left, place_in_day)
        return
    if call.kind is CallKind.LEFT_RINGING:
        yield Source.QUEUE_LOG, f"{left}|{head}|PJSIP/{call.operator}|RINGCANCELED|{min(call.wait_s, _RING_S) * 1000}"
    yield Source.QUEUE_LOG, f"{left}|{head}|NONE|ABANDON|1|1|{call.wait_s}"
    yield from _goodbye(caller, left + 0.2, handover, caller.name)


def _answered(call: DemoCall, caller: _Channel, at: int, place_in_day: int) -> Iterator[tuple[Source, str]]:
    number = place_in_day * 2 + 1
    uniqueid = f"{NODE}-{int(call.at)}.{number}"
    phone = _Channel(name=f"PJSIP/{call.operator}-{number:08x}", uniqueid=uniqueid, linkedid=caller.linkedid)
    ring_s, ended = min(call.wait_s, _RING_S), at + call.talk_s
    place, handover = f"s@{Context.FROM_OPERATORS}", f"s@{Context.HANDOVER}"
    head, agent = f"{caller.uniqueid}|{_queue(call)}", f"PJSIP/{call.operator}"
    source, ending = (phone.name, "COMPLETEAGENT") if call.by_operator else (caller.name, "COMPLETECALLER")
    yield Source.CEL, phone.line("CHAN_START", at - ring_s + 0.1, place)
    yield Source.CEL, phone.line("ANSWER", at + 0.1, place)
    yield Source.QUEUE_LOG, f"{at}|{head}|{agent}|CONNECT|{call.wait_s}|{uniqueid}|{ring_s}"
    yield Source.QUEUE_LOG, f"{ended}|{head}|{agent}|{ending}|{call.wait_s}|{call.talk_s}|1"
    for line in phone.ends(ended + 0.2, place, source):
        yield Source.CEL, line
    yield from _goodbye(caller, ended + 0.3, handover, source)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBatch:
    """What one request holds: whole calls."""

    body: bytes
    calls: int
    lines: int
    day: date
    """The day of its first call: whoever begins again with it misses nothing."""


def batches(days: Iterable[tuple[date, EvidenceFile, Iterable[DemoCall]]]) -> Iterator[DemoBatch]:
    """Gives calls of days as NDJSON; a call is never split over two batches, so that it is folded once."""
    held: list[str] = []
    calls, first_day = 0, date.min
    for day, file, drawn in days:
        for place_in_day, call in enumerate(drawn):
            written = [file.envelope(source, line) for source, line in lines_of_call(call, place_in_day)]
            if held and len(held) + len(written) > BATCH_LINES:
                yield DemoBatch(body="\n".join(held).encode(), calls=calls, lines=len(held), day=first_day)
                held, calls = [], 0
            if not held:
                first_day = day
            held += written
            calls += 1
    if held:
        yield DemoBatch(body="\n".join(held).encode(), calls=calls, lines=len(held), day=first_day)
