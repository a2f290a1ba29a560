r"""Reads lines of `cel.jsonl`. Pure; strict: what does not fit is a `LineError` and goes to quarantine.

A line is `{"eventtype":"HANGUP","eventtime":"1795510800.123456","exten":…,"eventextra":"{\"hangupcause\":16,…}"}`.
`eventtype` of a user event is the name given to CELGenUserEvent(), its `eventextra` `{"extra":"<payload>"}`.
Source: configs/samples/cel_custom.conf.sample of Asterisk 22.9; main/cel.c, ast_cel_publish_user_event().
"""

import json
import re

from api.evidence.records import LineError, Numbers, ParsedLine, check_text, parse_epoch
from asterisk_conf.names import CEL_FIELDS, UserEvent
from asterisk_conf.payload import PayloadError, decode_payload

_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_CHANNEL_ID = re.compile(r"[A-Za-z0-9._-]{1,150}")
_USER_EVENTS = frozenset(UserEvent)
_KEYS = frozenset(field.lower() for field in CEL_FIELDS)
_STORED_KEYS = ("exten", "context", "channame", "peer")
"""What is kept of a line. A node with other settings may write more fields; those are not kept: the AppData of
CELGenUserEvent(), for one, repeats the caller's number."""
_NUMBER_KEYS = ("number", "ani")


def parse_cel_line(line: str) -> ParsedLine:
    """Gives the event of one line.

    Raises:
        LineError: The line is no CEL event as this line writes them.
    """
    check_text(line)
    fields = _fields(line)
    event_type = _matching(fields, "eventtype", _TYPE)
    payload: dict[str, object] = {key: fields[key] for key in _STORED_KEYS if fields[key]}
    extra = _extra(fields["eventextra"])
    numbers = Numbers()
    if event_type in _USER_EVENTS:
        extra, numbers = _user_extra(UserEvent(event_type), extra)
    if extra:
        payload["extra"] = extra
    return ParsedLine(
        type=event_type,
        occurred_at=parse_epoch(fields["eventtime"]),
        linkedid=_matching(fields, "linkedid", _CHANNEL_ID),
        uniqueid=_matching(fields, "uniqueid", _CHANNEL_ID),
        payload=payload,
        numbers=numbers,
    )


def _fields(line: str) -> dict[str, str]:
    try:
        row = json.loads(line, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise LineError("it is not JSON") from error
    if not isinstance(row, dict) or not set(row) >= _KEYS:
        raise LineError("its fields are not those of CEL")
    fields = {key: row[key] for key in _KEYS}
    if not all(isinstance(value, str) for value in fields.values()):
        raise LineError("a field is not a text")
    return fields


def _matching(fields: dict[str, str], key: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(fields[key]):
        raise LineError(f"its {key} does not fit")
    return fields[key]


def _extra(text: str) -> dict[str, object]:
    if not text:
        return {}
    try:
        extra = json.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise LineError("its extra is not JSON") from error
    if not isinstance(extra, dict) or not all(isinstance(value, str | int | None) for value in extra.values()):
        raise LineError("its extra is not a flat object")
    return extra


def _user_extra(event: UserEvent, extra: dict[str, object]) -> tuple[dict[str, object], Numbers]:
    text = extra.get("extra", "")
    if not isinstance(text, str):
        raise LineError("the payload of its user event is not a text")
    try:
        fields = decode_payload(text)
    except PayloadError as error:
        raise LineError("the payload of its user event does not fit") from error
    if any("\0" in value for value in fields.values()):
        raise LineError("it holds a NUL character")
    if event is not UserEvent.ENTRY:
        return dict(fields), Numbers()
    numbers = tuple((key, fields.pop(key)) for key in _NUMBER_KEYS if key in fields)
    return dict(fields), Numbers(by_key=numbers)
