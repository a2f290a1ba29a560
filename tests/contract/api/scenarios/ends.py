"""Calls told of by the line's own events: information, centres, moves between queues, and a hang-up in each state.

The rows are not recorded: they have the shape of `asterisk_conf.names.UserEvent`. CALLER, CENTRE, NEIGHBOUR and
OPERATOR stand for a channel and its uniqueid.
"""

from tests.contract.api.scenarios.calls import PLAN
from tests.contract.api.scenarios.tables import Line, cel, queue_log

CALL_ID = "node1-3.1"
_CHANNELS = {
    "CALLER": f"PJSIP/trunk-selftest-00000031 | {CALL_ID}",
    "CENTRE": "PJSIP/trunk-selftest-00000032 | node1-3.2",
    "NEIGHBOUR": "PJSIP/trunk-selftest-00000033 | node1-3.3",
    "OPERATOR": "PJSIP/c01-00000034 | node1-3.4",
}
_BEGIN = f"""
13:00:00.100 | CHAN_START    | CALLER | 0800213103@from-trunk |
13:00:00.110 | HOTLINE_ENTRY | CALLER | begin@line | did=+380800213103;number=+380671112233;ani=;\
presentation=allowed_passed_screen;trunk=selftest;plan={PLAN}
13:00:00.120 | ANSWER        | CALLER | begin@line |
"""
_GONE = """
13:05:00.010 | HANGUP        | CALLER | s@line | {"hangupcause":16,"hangupsource":"SOURCE","dialstatus":""}
13:05:00.020 | CHAN_END      | CALLER | s@line |
13:05:00.030 | LINKEDID_END  | CALLER | s@line |
"""
BY_CALLER = "PJSIP/trunk-selftest-00000031"
BY_CENTRE = "PJSIP/trunk-selftest-00000032"
BY_NEIGHBOUR = "PJSIP/trunk-selftest-00000033"
BY_SYSTEM = "dialplan/builtin"


def call(rows: str, in_queues: str = "", *, ended_by: str | None = BY_CALLER) -> list[Line]:
    """Gives a call's lines; `ended_by` None: nothing tells of its end."""
    end = "" if ended_by is None else _GONE.replace("SOURCE", ended_by)
    table = "\n".join(filter(None, (_BEGIN + rows + end).splitlines()))
    for word, channel in _CHANNELS.items():
        table = table.replace(f"| {word} ", f"| {channel} ")
    return cel(table) + (queue_log(in_queues) if in_queues.strip() else [])


_TO_SUMY = f"""
13:00:03.000 | HOTLINE_MENU     | CALLER | s@line | menu=main;outcome=match;key=1;language=uk;attempt=1
13:00:03.100 | HOTLINE_DECISION | CALLER | s@handover | rung=service;service=consultation;queue=sumy;office=sumy;\
priority=10;open=1;language=uk;keys=1;plan={PLAN}
13:00:04.100 | APP_START        | CALLER | s@handover |
"""
_TO_CHERNIVTSI = f"""
13:01:05.000 | HOTLINE_DECISION | CALLER | s@handover | rung=service;service=consultation;queue=chernivtsi;\
office=chernivtsi;priority=10;open=1;language=uk;keys=1;plan={PLAN}
"""
_C01_TALKS = """
13:01:06.000 | APP_START    | CALLER | s@handover |
13:01:06.100 | CHAN_START   | OPERATOR | s@from-operators |
13:01:10.000 | ANSWER       | OPERATOR | s@from-operators |
13:01:10.010 | BRIDGE_ENTER | OPERATOR | s@from-operators | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
13:01:10.020 | BRIDGE_ENTER | CALLER | s@handover | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
13:05:00.000 | HANGUP       | OPERATOR | s@from-operators | {"hangupcause":16,"hangupsource":"","dialstatus":""}
13:05:00.005 | CHAN_END     | OPERATOR | s@from-operators |
"""

MOVED_AT_CLOSING = call(
    _TO_SUMY
    + """
13:01:04.000 | APP_END            | CALLER | s@handover |
13:01:04.100 | HOTLINE_QUEUE_EXIT | CALLER | s@handover | queue=sumy;status=WITHDRAW;waited=60
13:01:04.200 | HOTLINE_MOVED      | CALLER | s@handover | queue=sumy;why=closing
"""
    + _TO_CHERNIVTSI
    + _C01_TALKS,
    f"""
13:00:04|{CALL_ID}|sumy|NONE|ENTERQUEUE||+380671112233|1
13:01:04|{CALL_ID}|sumy|NONE|WITHDRAW|1|1|60|closing
13:01:06|{CALL_ID}|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
13:01:10|{CALL_ID}|chernivtsi|PJSIP/c01|CONNECT|4|node1-3.4|3
13:05:00|{CALL_ID}|chernivtsi|PJSIP/c01|COMPLETECALLER|4|230|1
""",
)
SECOND_QUEUE_ABANDONED = call(
    _TO_SUMY
    + """
13:01:04.000 | APP_END            | CALLER | s@handover |
13:01:04.100 | HOTLINE_QUEUE_EXIT | CALLER | s@handover | queue=sumy;status=TIMEOUT;waited=60
"""
    + _TO_CHERNIVTSI
    + "13:01:06.000 | APP_START | CALLER | s@handover |\n",
    f"""
13:00:04|{CALL_ID}|sumy|NONE|ENTERQUEUE||+380671112233|1
13:01:04|{CALL_ID}|sumy|NONE|EXITWITHTIMEOUT|1|1|60
13:01:06|{CALL_ID}|chernivtsi|NONE|ENTERQUEUE||+380671112233|3
13:05:00|{CALL_ID}|chernivtsi|NONE|ABANDON|2|3|234
""",
)
BETWEEN_QUEUES = call(
    _TO_SUMY
    + """
13:01:04.000 | APP_END            | CALLER | s@handover |
13:01:04.100 | HOTLINE_QUEUE_EXIT | CALLER | s@handover | queue=sumy;status=LEAVEEMPTY;waited=60
"""
    + _TO_CHERNIVTSI,
    f"""
13:00:04|{CALL_ID}|sumy|NONE|ENTERQUEUE||+380671112233|1
13:01:04|{CALL_ID}|sumy|NONE|EXITEMPTY|1|1|60
""",
)
"""Hung up in the announcement of the second queue."""
LEFT_BY_KEY = call(
    _TO_SUMY
    + """
13:01:04.000 | APP_END            | CALLER | s@handover |
13:01:04.100 | HOTLINE_QUEUE_EXIT | CALLER | s@handover | queue=sumy;status=CONTINUE;waited=60
13:01:04.200 | HOTLINE_MOVED      | CALLER | s@handover | queue=sumy;why=key
""",
    f"""
13:00:04|{CALL_ID}|sumy|NONE|ENTERQUEUE||+380671112233|1
13:01:04|{CALL_ID}|sumy|NONE|EXITWITHKEY|9|1|1|60
""",
)

_MENU_5 = "13:00:03.000 | HOTLINE_MENU | CALLER | s@line | menu=main;outcome=match;key=5;language=uk;attempt=1\n"
_RINGS_CENTRE = """
13:00:20.000 | HOTLINE_CENTRE | CALLER | s@handover | centre=sumy;step=dial;status=;persons=0
13:00:20.100 | CHAN_START     | CENTRE | s@from-trunk |
"""
_CENTRE_ANSWERS = """
13:00:30.000 | ANSWER         | CENTRE | s@from-trunk |
13:00:30.100 | HOTLINE_CENTRE | CALLER | s@handover | centre=sumy;step=answered;status=;persons=1
"""
_CENTRE_GONE = """
13:00:50.000 | HANGUP         | CENTRE | s@from-trunk | {"hangupcause":17,"hangupsource":"","dialstatus":"BUSY"}
13:00:50.010 | CHAN_END       | CENTRE | s@from-trunk |
"""
_CENTRE_TALKED = """
13:05:00.000 | HANGUP         | CENTRE | s@from-trunk | {"hangupcause":16,"hangupsource":"","dialstatus":""}
13:05:00.005 | CHAN_END       | CENTRE | s@from-trunk |
"""
_ACCEPTED = "13:00:40.000 | HOTLINE_CENTRE | CALLER | s@handover | centre=sumy;step=accepted;status=;persons=1\n"
CENTRE_ACCEPTED = call(_MENU_5 + _RINGS_CENTRE + _CENTRE_ANSWERS + _ACCEPTED + _CENTRE_TALKED, ended_by=BY_CENTRE)
CENTRE_BUSY_THEN_NEIGHBOUR = call(
    _MENU_5
    + _RINGS_CENTRE
    + _CENTRE_GONE
    + """
13:00:50.100 | HOTLINE_CENTRE | CALLER | s@handover | centre=sumy;step=failed;status=BUSY;persons=0
13:00:51.000 | HOTLINE_CENTRE | CALLER | s@handover | centre=poltava;step=dial;status=;persons=0
13:00:51.100 | CHAN_START     | NEIGHBOUR | s@from-trunk |
13:00:55.000 | ANSWER         | NEIGHBOUR | s@from-trunk |
13:00:55.100 | HOTLINE_CENTRE | CALLER | s@handover | centre=poltava;step=answered;status=;persons=1
13:01:00.000 | HOTLINE_CENTRE | CALLER | s@handover | centre=poltava;step=accepted;status=;persons=1
13:03:00.000 | HANGUP         | NEIGHBOUR | s@from-trunk | \
{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000033","dialstatus":""}
13:03:00.010 | CHAN_END       | NEIGHBOUR | s@from-trunk |
""",
    ended_by=BY_NEIGHBOUR,
)
CENTRE_REFUSED_THEN_OPERATOR = call(
    _MENU_5
    + _RINGS_CENTRE
    + _CENTRE_ANSWERS
    + _CENTRE_GONE
    + "13:00:50.100 | HOTLINE_CENTRE | CALLER | s@handover | centre=sumy;step=refused;status=;persons=1\n"
    + _TO_CHERNIVTSI
    + _C01_TALKS,
    f"""
13:01:06|{CALL_ID}|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
13:01:10|{CALL_ID}|chernivtsi|PJSIP/c01|CONNECT|4|node1-3.4|3
13:05:00|{CALL_ID}|chernivtsi|PJSIP/c01|COMPLETECALLER|4|230|1
""",
)
"""An answering machine: it answers, and nobody presses the key."""
GONE_WHILE_CENTRE_RINGS = call(_MENU_5 + _RINGS_CENTRE)
GONE_IN_ACCEPT_DIALOGUE = call(_MENU_5 + _RINGS_CENTRE + _CENTRE_ANSWERS)
KILLED_IN_CENTRE_TALK = call(_MENU_5 + _RINGS_CENTRE + _CENTRE_ANSWERS + _ACCEPTED, ended_by=None)
"""Asterisk is killed; `QUEUESTART` of the next one comes later."""

_MENU_3 = "13:00:03.000 | HOTLINE_MENU | CALLER | s@line | menu=main;outcome=match;key=3;language=uk;attempt=1\n"
_HEARD = "13:02:00.000 | HOTLINE_INFO | CALLER | s@line | info=pension-fund;part=1;complete=1\n"
INFORMED = call(_MENU_3 + _HEARD)
INFORMED_TO_THE_END = call(_MENU_3 + _HEARD, ended_by=BY_SYSTEM)
GONE_IN_INFORMATION = call(
    _MENU_3 + "13:05:00.000 | HOTLINE_INFO | CALLER | s@line | info=pension-fund;part=1;complete=0\n"
)
INFORMED_THEN_ASKED = call(
    _MENU_3
    + _HEARD
    + f"""
13:04:50.000 | HOTLINE_DECISION | CALLER | s@handover | rung=service;service=operator;queue=chernivtsi;\
office=chernivtsi;priority=10;open=1;language=uk;keys=3%2C0;plan={PLAN}
"""
)
"""Hung up in the announcement before the queue."""
GONE_BEFORE_ANY_KEY = call("")
TO_AN_EMPTY_QUEUE = call("13:00:05.000 | HOTLINE_UNSTAFFED | CALLER | s@handover | queue=chernivtsi\n")
DETENTION_RECORDED = call(
    f"""
13:00:03.000 | HOTLINE_MENU      | CALLER | s@line | menu=main;outcome=match;key=4;language=uk;attempt=1
13:00:03.050 | HOTLINE_DETENTION | CALLER | s@line | number=01-261124-0001-3
13:01:05.000 | HOTLINE_DECISION  | CALLER | s@handover | rung=service;service=detention;queue=chernivtsi;\
office=chernivtsi;priority=100;open=1;language=uk;keys=4;plan={PLAN}
13:01:05.100 | HOTLINE_RECORDING | CALLER | s@handover | state=started;file={CALL_ID}.wav
"""
    + _C01_TALKS
    + f"13:05:00.001 | HOTLINE_RECORDING | CALLER | s@handover | state=stopped;file={CALL_ID}.wav\n",
    f"""
13:01:06|{CALL_ID}|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
13:01:10|{CALL_ID}|chernivtsi|PJSIP/c01|CONNECT|4|node1-3.4|3
13:05:00|{CALL_ID}|chernivtsi|PJSIP/c01|COMPLETECALLER|4|230|1
""",
)
