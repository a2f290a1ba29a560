import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.evidence.cel_lines import parse_cel_line
from api.evidence.queue_log_lines import QUEUE_EVENTS, parse_queue_log_line
from api.evidence.records import LineError, parse_epoch

# Written by Asterisk 22.10.1 with cel_custom's JSON format.
ENTRY = (
    '{"eventtype":"HOTLINE_ENTRY","eventtime":"1795527964.412125","exten":"begin","context":"line",'
    '"channame":"PJSIP/trunk-selftest-00000002","appname":"CELGenUserEvent","appdata":"HOTLINE_ENTRY,'
    "did=+380800213103;number=+380501112244;ani=+380501112244;presentation=allowed_not_screened;trunk=selftest;"
    'plan=0123456789abcdef","uniqueid":"t1-1795527964.2","linkedid":"t1-1795527964.2","peer":"","eventextra":'
    '"{\\"extra\\":\\"did=+380800213103;number=+380501112244;ani=+380501112244;presentation=allowed_not_screened;'
    'trunk=selftest;plan=0123456789abcdef\\"}"}'
)
HANGUP = (
    '{"eventtype":"HANGUP","eventtime":"1795527966.340011","exten":"s","context":"handover",'
    '"channame":"PJSIP/trunk-selftest-00000003","appname":"","appdata":"","uniqueid":"t1-1795527965.3",'
    '"linkedid":"t1-1795527965.3","peer":"","eventextra":"{\\"hangupcause\\":0,\\"hangupsource\\":'
    '\\"PJSIP/trunk-selftest-00000003\\",\\"dialstatus\\":\\"\\"}"}'
)


def test_a_user_event_gives_its_payload_and_its_numbers_apart() -> None:
    parsed = parse_cel_line(ENTRY)
    assert parsed.type == "HOTLINE_ENTRY"
    assert parsed.occurred_at == datetime(2026, 11, 24, 13, 46, 4, 412125, UTC)
    assert parsed.payload["extra"] == {
        "did": "+380800213103",
        "presentation": "allowed_not_screened",
        "trunk": "selftest",
        "plan": "0123456789abcdef",
    }
    assert parsed.numbers.by_key == (("number", "+380501112244"), ("ani", "+380501112244"))
    assert "501112244" not in repr(parsed.payload)


def test_a_hangup_gives_cause_and_source() -> None:
    extra = parse_cel_line(HANGUP).payload["extra"]
    assert extra == {"hangupcause": 0, "hangupsource": "PJSIP/trunk-selftest-00000003", "dialstatus": ""}


def test_fields_that_are_not_asked_for_are_not_kept() -> None:
    row = json.loads(HANGUP) | {"appname": "CELGenUserEvent", "appdata": "HOTLINE_ENTRY,number=0501234567"}
    assert "0501234567" not in repr(parse_cel_line(json.dumps(row)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"eventtype"', '"other"', "its fields are not those of CEL"),
        ('"HANGUP"', '"hang up"', "its eventtype does not fit"),
        ("1795527966.340011", "yesterday", "its time is not seconds since 1970"),
        ("1795527966.340011", "NaN", "its time is not seconds since 1970"),
        ("1795527966.340011", "1e400", "its time is not seconds since 1970"),
        ("1795527966.340011", "253402300799", "its time is outside 2000-2100"),
        ('"linkedid":"t1-1795527965.3"', '"linkedid":""', "its linkedid does not fit"),
        ('"peer":""', '"peer":{}', "a field is not a text"),
        ('"exten":"s"', '"exten":"s\\u0000"', "it holds a NUL character"),
        ('"exten":"s"', '"exten":"s\\ud800"', "it holds a surrogate character"),
        ('"exten":"s"', '"exten":"\n"', "it is not JSON"),
        ('"exten":"s"', '"exten":"\\q"', "it is not JSON"),
        ('"{\\"hangupcause\\":0', '"{\\"hangupcause\\":[0]', "its extra is not a flat object"),
        ('"{\\"hangupcause\\":0', '"{hangupcause:0', "its extra is not JSON"),
    ],
)
def test_a_cel_line_that_does_not_fit_says_why_without_quoting_it(old: str, new: str, reason: str) -> None:
    with pytest.raises(LineError, match=f"^{reason}$"):
        parse_cel_line(HANGUP.replace(old, new, 1))


@pytest.mark.parametrize("payload", ["no-equals", "a=1;a=2", "did=%00"])
def test_a_user_event_with_a_broken_payload_is_refused(payload: str) -> None:
    fields = json.loads(ENTRY)
    fields["eventextra"] = json.dumps({"extra": payload})
    with pytest.raises(LineError):
        parse_cel_line(json.dumps(fields))


def test_an_enterqueue_gives_the_number_apart() -> None:
    parsed = parse_queue_log_line("1795527931|t1-1795527931.0|chernivtsi|NONE|ENTERQUEUE||+380501112233|1")
    assert parsed.payload == {"position": "1", "queue": "chernivtsi", "agent": None}
    assert parsed.numbers.by_key == (("number", "+380501112233"),)
    assert parsed.uniqueid == "t1-1795527931.0"


def test_an_agent_is_the_operator() -> None:
    parsed = parse_queue_log_line("1795527931|t1-1.0|chernivtsi|PJSIP/c01|CONNECT|7|t1-1.1|5")
    expected = {"wait_s": "7", "member_uniqueid": "t1-1.1", "ring_s": "5", "queue": "chernivtsi", "agent": "c01"}
    assert parsed.payload == expected


def test_a_restart_belongs_to_no_channel() -> None:
    parsed = parse_queue_log_line("1795527930|NONE|NONE|NONE|QUEUESTART|")
    assert (parsed.type, parsed.uniqueid, parsed.payload) == ("QUEUESTART", None, {"queue": None, "agent": None})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1795527930|NONE|NONE|NONE", "it has fewer than five fields"),
        ("1795527930|NONE|NONE|NONE|DIDNUMBER|0501234567", "its event is not known"),
        ("x|NONE|NONE|NONE|QUEUESTART|", "its time is not seconds since 1970"),
        ("1795527930|a b|q|NONE|ABANDON|1|1|1", "its uniqueid does not fit"),
        ("1795527930|t1-1.0|<q>|NONE|ABANDON|1|1|1", "its queue or agent does not fit"),
        ("1795527930|t1-1.0|q|NONE|ABANDON|1|1|\0", "it holds a NUL character"),
    ],
)
def test_a_queue_log_line_that_does_not_fit_says_why(line: str, reason: str) -> None:
    with pytest.raises(LineError, match=f"^{reason}$"):
        parse_queue_log_line(line)


@pytest.mark.parametrize("event", sorted(QUEUE_EVENTS))
def test_every_known_event_may_come_without_its_data(event: str) -> None:
    assert parse_queue_log_line(f"1795527930|t1-1.0|q|PJSIP/c01|{event}").type == event


@given(st.text())
def test_no_text_makes_a_reader_fail_otherwise(line: str) -> None:
    for parse in (parse_cel_line, parse_queue_log_line):
        with pytest.raises(LineError):
            parse(line)


@given(st.integers(min_value=946_684_800, max_value=4_102_444_799), st.integers(min_value=0, max_value=999_999))
def test_times_are_exact_to_the_microsecond(seconds: int, microseconds: int) -> None:
    moment = parse_epoch(f"{seconds}.{microseconds:06}")
    assert (int(moment.timestamp()), moment.microsecond) == (seconds, microseconds)
