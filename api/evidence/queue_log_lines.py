"""Reads lines of `queue_log`: `epoch|uniqueid|queue|agent|event|data…`. Pure and strict, as `cel_lines`.

Source: ast_queue_log() in main/logger.c and its calls in apps/app_queue.c of Asterisk 22;
https://docs.asterisk.org/Configuration/Applications/Building-Queues/ and configs/samples/queues.conf.sample.
"""

import re

from api.evidence.records import LineError, Numbers, ParsedLine, check_text, parse_epoch

QUEUE_EVENTS: dict[str, tuple[str, ...]] = {
    "ABANDON": ("position", "original_position", "wait_s"),
    "ADDMEMBER": ("paused",),
    "ATTENDEDTRANSFER": ("method", "detail_1", "detail_2", "detail_3", "detail_4", "detail_5"),
    "BLINDTRANSFER": ("exten", "context", "wait_s", "talk_s", "original_position"),
    "COMPLETEAGENT": ("wait_s", "talk_s", "original_position"),
    "COMPLETECALLER": ("wait_s", "talk_s", "original_position"),
    "CONFIGRELOAD": (),
    "CONNECT": ("wait_s", "member_uniqueid", "ring_s"),
    "ENTERQUEUE": ("url", "number", "position"),
    "EXITEMPTY": ("position", "original_position", "wait_s"),
    "EXITWITHKEY": ("key", "position", "original_position", "wait_s"),
    "EXITWITHTIMEOUT": ("position", "original_position", "wait_s"),
    "PAUSE": ("reason",),
    "PAUSEALL": ("reason",),
    "PENALTY": ("penalty",),
    "QUEUESTART": (),
    "REMOVEMEMBER": (),
    "RINGCANCELED": ("ring_ms",),
    "RINGNOANSWER": ("ring_ms",),
    "UNPAUSE": ("reason",),
    "UNPAUSEALL": ("reason",),
    "WITHDRAW": ("position", "original_position", "wait_s", "reason"),
}
"""Events with the names of their data; others go to quarantine, because their data might hold a caller's number."""

_FIXED_FIELDS = 5
_NONE = frozenset({"", "NONE"})
_UNIQUEID = re.compile(r"[A-Za-z0-9._-]{1,150}")
_NAME = re.compile(r"[A-Za-z0-9_./@:+ -]{1,150}")
_CHANNEL_TECHNOLOGY = "PJSIP/"


def parse_queue_log_line(line: str) -> ParsedLine:
    """Gives the event of one line.

    Raises:
        LineError: The line is no event of queue_log that this code knows.
    """
    check_text(line)
    parts = line.rstrip("\r\n").split("|")
    if len(parts) < _FIXED_FIELDS:
        raise LineError("it has fewer than five fields")
    epoch, uniqueid, queue, agent, event, *data = parts
    if event not in QUEUE_EVENTS:
        raise LineError("its event is not known")
    named = dict(zip(QUEUE_EVENTS[event], data, strict=False))
    number = named.pop("number", "")
    payload: dict[str, object] = {key: value for key, value in named.items() if value}
    payload |= {"queue": _name(queue), "agent": _name(agent.removeprefix(_CHANNEL_TECHNOLOGY))}
    return ParsedLine(
        type=event,
        occurred_at=parse_epoch(epoch),
        linkedid=None,
        uniqueid=_uniqueid(uniqueid),
        payload=payload,
        numbers=Numbers(by_key=(("number", number),) if number else ()),
    )


def _name(text: str) -> str | None:
    if text in _NONE:
        return None
    if not _NAME.fullmatch(text):
        raise LineError("its queue or agent does not fit")
    return text


def _uniqueid(text: str) -> str | None:
    """Gives the channel; dialplan applications and the CLI write words such as MANAGER or REALTIME instead."""
    if text in _NONE or text in {"MANAGER", "REALTIME"}:
        return None
    if not _UNIQUEID.fullmatch(text):
        raise LineError("its uniqueid does not fit")
    return text
