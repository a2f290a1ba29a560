# ruff: noqa: E501  rows of tables are as long as they are
"""Calls of the line as their evidence tells them."""

from tests.contract.api.scenarios.tables import Line, cel, queue_log

PLAN = "0123456789abcdef"
REASONS = "round-the-clock:of:operator"

ANSWERED: list[Line] = cel(f"""
09:00:00.100 | CHAN_START      | PJSIP/trunk-selftest-00000001 | node1-1.1         | +380800213103@from-trunk |
09:00:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-00000001 | node1-1.1         | begin@line | did=+380800213103;number=0501234567;ani=0501234567;presentation=allowed_not_screened;trunk=selftest;plan={PLAN}
09:00:00.120 | ANSWER          | PJSIP/trunk-selftest-00000001 | node1-1.1         | begin@line |
09:00:03.500 | HOTLINE_MENU    | PJSIP/trunk-selftest-00000001 | node1-1.1         | s@line | menu=main;outcome=no_match;key=7;language=uk;attempt=1
09:00:05.500 | HOTLINE_MENU    | PJSIP/trunk-selftest-00000001 | node1-1.1         | s@line | menu=main;outcome=match;key=1;language=uk;attempt=2
09:00:05.600 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000001 | node1-1.1        | s@handover | rung=service;service=consultation;queue=sumy;office=sumy;priority=10;open=1;language=uk;keys=7%2C1;plan={PLAN};reasons={REASONS}
09:00:07.000 | CHAN_START      | PJSIP/s01-00000002            | node1-1.2         | s@from-operators |
09:00:12.250 | ANSWER          | PJSIP/s01-00000002            | node1-1.2         | s@from-operators |
09:00:12.300 | BRIDGE_ENTER    | PJSIP/trunk-selftest-00000001 | node1-1.1         | s@handover | {{"bridge_id":"b1","bridge_technology":"simple_bridge"}}
09:01:12.400 | HANGUP          | PJSIP/s01-00000002            | node1-1.2         | s@from-operators | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000001","dialstatus":""}}
09:01:12.410 | CHAN_END        | PJSIP/s01-00000002            | node1-1.2         | s@from-operators |
09:01:12.500 | HANGUP          | PJSIP/trunk-selftest-00000001 | node1-1.1         | s@handover | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000001","dialstatus":""}}
09:01:12.510 | CHAN_END        | PJSIP/trunk-selftest-00000001 | node1-1.1         | s@handover |
09:01:12.520 | LINKEDID_END    | PJSIP/trunk-selftest-00000001 | node1-1.1         | s@handover |
""") + queue_log("""
09:00:05|node1-1.1|sumy|NONE|ENTERQUEUE||0501234567|1
09:00:12|node1-1.1|sumy|PJSIP/s01|CONNECT|7|node1-1.2|5
09:01:12|node1-1.1|sumy|PJSIP/s01|COMPLETECALLER|7|60|1
""")  # fmt: skip

ABANDONED_IN_MENU: list[Line] = cel(f"""
09:10:00.100 | CHAN_START      | PJSIP/trunk-selftest-00000003 | node1-1.3 | 0800213103@from-trunk |
09:10:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-00000003 | node1-1.3 | begin@line | did=+380800213103;number=;ani=;presentation=prohib_passed_screen;trunk=selftest;plan={PLAN}
09:10:00.120 | ANSWER          | PJSIP/trunk-selftest-00000003 | node1-1.3 | begin@line |
09:10:06.000 | HOTLINE_MENU    | PJSIP/trunk-selftest-00000003 | node1-1.3 | s@line | menu=main;outcome=match;key=9;language=en;attempt=1
09:10:09.000 | HANGUP          | PJSIP/trunk-selftest-00000003 | node1-1.3 | s@line | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000003","dialstatus":""}}
09:10:09.010 | CHAN_END        | PJSIP/trunk-selftest-00000003 | node1-1.3 | s@line |
09:10:09.020 | LINKEDID_END    | PJSIP/trunk-selftest-00000003 | node1-1.3 | s@line |
""")  # fmt: skip

ABANDONED_RINGING: list[Line] = cel(f"""
09:20:00.100 | CHAN_START      | PJSIP/trunk-selftest-00000004 | node1-1.4 | 0800213103@from-trunk |
09:20:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-00000004 | node1-1.4 | begin@line | did=+380800213103;number=+380671112233;ani=;presentation=allowed_passed_screen;trunk=selftest;plan={PLAN}
09:20:08.000 | HOTLINE_MENU    | PJSIP/trunk-selftest-00000004 | node1-1.4 | s@line | menu=main;outcome=no_input;key=;language=uk;attempt=1
09:20:08.100 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000004 | node1-1.4 | s@handover | rung=service;service=operator;queue=chernivtsi;office=chernivtsi;priority=10;open=1;language=uk;keys=t;plan={PLAN};reasons=
09:20:09.000 | CHAN_START      | PJSIP/c02-00000005            | node1-1.5 | s@from-operators |
09:20:20.000 | HANGUP          | PJSIP/c02-00000005            | node1-1.5 | s@from-operators | {{"hangupcause":26,"hangupsource":"","dialstatus":"CANCEL"}}
09:20:20.010 | CHAN_END        | PJSIP/c02-00000005            | node1-1.5 | s@from-operators |
09:20:20.100 | HANGUP          | PJSIP/trunk-selftest-00000004 | node1-1.4 | s@handover | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000004","dialstatus":""}}
09:20:20.110 | CHAN_END        | PJSIP/trunk-selftest-00000004 | node1-1.4 | s@handover |
09:20:20.120 | LINKEDID_END    | PJSIP/trunk-selftest-00000004 | node1-1.4 | s@handover |
""") + queue_log("""
09:20:08|node1-1.4|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
09:20:20|node1-1.4|chernivtsi|PJSIP/c02|RINGCANCELED|11000
09:20:20|node1-1.4|chernivtsi|NONE|ABANDON|1|1|12
""")  # fmt: skip

ABANDONED_IN_QUEUE: list[Line] = cel(f"""
09:30:00.100 | CHAN_START      | PJSIP/trunk-selftest-00000006 | node1-1.6 | 0800213103@from-trunk |
09:30:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-00000006 | node1-1.6 | begin@line | did=+380800213103;number=+380671112233;ani=;presentation=allowed_passed_screen;trunk=selftest;plan={PLAN}
09:30:02.100 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000006 | node1-1.6 | s@handover | rung=service;service=operator;queue=chernivtsi;office=chernivtsi;priority=10;open=1;language=uk;keys=0;plan={PLAN};reasons=
09:31:02.100 | HANGUP          | PJSIP/trunk-selftest-00000006 | node1-1.6 | s@handover | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000006","dialstatus":""}}
09:31:02.110 | CHAN_END        | PJSIP/trunk-selftest-00000006 | node1-1.6 | s@handover |
09:31:02.120 | LINKEDID_END    | PJSIP/trunk-selftest-00000006 | node1-1.6 | s@handover |
""") + queue_log("""
09:30:02|node1-1.6|chernivtsi|NONE|ENTERQUEUE||+380671112233|2
09:30:20|node1-1.6|chernivtsi|PJSIP/c03|RINGNOANSWER|15000
09:31:02|node1-1.6|chernivtsi|NONE|ABANDON|1|2|60
""")  # fmt: skip

OVERFLOW: list[Line] = cel(f"""
10:00:00.100 | CHAN_START      | PJSIP/trunk-selftest-00000007 | node1-1.7 | 0800213103@from-trunk |
10:00:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-00000007 | node1-1.7 | begin@line | did=+380800213103;number=+380671112233;ani=;presentation=allowed_passed_screen;trunk=selftest;plan={PLAN}
10:00:03.000 | HOTLINE_MENU    | PJSIP/trunk-selftest-00000007 | node1-1.7 | s@line | menu=main;outcome=match;key=1;language=uk;attempt=1
10:00:03.100 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000007 | node1-1.7 | s@handover | rung=service;service=consultation;queue=sumy;office=sumy;priority=10;open=1;language=uk;keys=1;plan={PLAN};reasons={REASONS}
10:00:03.700 | HOTLINE_QUEUE_EXIT | PJSIP/trunk-selftest-00000007 | node1-1.7 | s@handover | queue=sumy;status=JOINEMPTY;waited=0
10:00:03.800 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000007 | node1-1.7 | s@handover | rung=service;service=consultation;queue=chernivtsi;office=chernivtsi;priority=10;open=1;language=uk;keys=1;plan={PLAN};reasons=
10:00:05.000 | CHAN_START      | PJSIP/c01-00000008            | node1-1.8 | s@from-operators |
10:00:06.000 | ANSWER          | PJSIP/c01-00000008            | node1-1.8 | s@from-operators |
10:02:00.000 | HANGUP          | PJSIP/c01-00000008            | node1-1.8 | s@from-operators | {{"hangupcause":16,"hangupsource":"PJSIP/c01-00000008","dialstatus":""}}
10:02:00.010 | CHAN_END        | PJSIP/c01-00000008            | node1-1.8 | s@from-operators |
10:02:00.100 | HANGUP          | PJSIP/trunk-selftest-00000007 | node1-1.7 | s@handover | {{"hangupcause":16,"hangupsource":"dialplan/builtin","dialstatus":""}}
10:02:00.110 | CHAN_END        | PJSIP/trunk-selftest-00000007 | node1-1.7 | s@handover |
10:02:00.120 | LINKEDID_END    | PJSIP/trunk-selftest-00000007 | node1-1.7 | s@handover |
""") + queue_log("""
10:00:03|node1-1.7|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
10:00:06|node1-1.7|chernivtsi|PJSIP/c01|CONNECT|3|node1-1.8|1
10:02:00|node1-1.7|chernivtsi|PJSIP/c01|COMPLETEAGENT|3|114|1
""")  # fmt: skip

BY_SCRIPT: list[Line] = cel(f"""
10:10:00.100 | CHAN_START      | PJSIP/trunk-selftest-00000009 | node1-1.9 | 0800213103@from-trunk |
10:10:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-00000009 | node1-1.9 | begin@line | did=+380800213103;number=+380671112233;ani=;presentation=allowed_passed_screen;trunk=selftest;plan={PLAN}
10:10:00.130 | HOTLINE_LADDER  | PJSIP/trunk-selftest-00000009 | node1-1.9 | s@line | rung=service;route=entry;why=FAILURE
10:10:00.300 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000009 | node1-1.9 | s@handover | rung=script;service=operator;queue=chernivtsi;office=chernivtsi;priority=10;open=1;language=uk;keys=;plan={PLAN};reasons=
10:10:10.100 | HANGUP          | PJSIP/trunk-selftest-00000009 | node1-1.9 | s@handover | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000009","dialstatus":""}}
10:10:10.110 | CHAN_END        | PJSIP/trunk-selftest-00000009 | node1-1.9 | s@handover |
10:10:10.120 | LINKEDID_END    | PJSIP/trunk-selftest-00000009 | node1-1.9 | s@handover |
""") + queue_log("""
10:10:00|node1-1.9|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
10:10:10|node1-1.9|chernivtsi|NONE|ABANDON|1|1|10
""")  # fmt: skip

STATIC: list[Line] = cel("""
10:20:00.100 | CHAN_START      | PJSIP/trunk-selftest-0000000a | node1-1.10 | 0800213103@from-trunk |
10:20:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-0000000a | node1-1.10 | begin@line | did=+380800213103;number=+380671112233;ani=;presentation=allowed_passed_screen;trunk=selftest;plan=
10:20:00.130 | HOTLINE_LADDER  | PJSIP/trunk-selftest-0000000a | node1-1.10 | s@line | rung=service;route=entry;why=FAILURE
10:20:08.130 | HOTLINE_LADDER  | PJSIP/trunk-selftest-0000000a | node1-1.10 | s@line | rung=script;route=entry;why=TIMEOUT
10:20:08.300 | HOTLINE_DECISION | PJSIP/trunk-selftest-0000000a | node1-1.10 | s@last-resort | rung=static;service=operator;queue=chernivtsi;office=chernivtsi;priority=10;open=;language=uk;keys=;plan=;reasons=
""") + queue_log("""
10:20:08|node1-1.10|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
""")  # fmt: skip

OPERATOR_LOGS_IN: list[Line] = cel("""
08:59:00.100 | CHAN_START      | PJSIP/s01-00000000 | node1-1.0 | *81@from-operators |
08:59:00.110 | HOTLINE_OPERATOR | PJSIP/s01-00000000 | node1-1.0 | *81@from-operators | operator=s01;action=login;reason=
08:59:02.100 | HANGUP          | PJSIP/s01-00000000 | node1-1.0 | login-s01@operator | {"hangupcause":16,"hangupsource":"dialplan/builtin","dialstatus":""}
08:59:02.110 | CHAN_END        | PJSIP/s01-00000000 | node1-1.0 | login-s01@operator |
08:59:02.120 | LINKEDID_END    | PJSIP/s01-00000000 | node1-1.0 | login-s01@operator |
""") + queue_log("""
08:58:00|NONE|NONE|NONE|QUEUESTART|
08:59:00|node1-1.0|sumy|PJSIP/s01|ADDMEMBER|
""")  # fmt: skip

TO_NUMBER: list[Line] = cel(f"""
10:20:00.100 | CHAN_START      | PJSIP/trunk-selftest-00000021 | node1-1.21 | 0800213103@from-trunk |
10:20:00.110 | HOTLINE_ENTRY   | PJSIP/trunk-selftest-00000021 | node1-1.21 | begin@line | did=+380800213103;number=0501234567;ani=0501234567;presentation=allowed_not_screened;trunk=selftest;plan={PLAN}
10:20:03.500 | HOTLINE_MENU    | PJSIP/trunk-selftest-00000021 | node1-1.21 | s@line | menu=main;outcome=match;key=0;language=uk;attempt=1
10:20:03.600 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000021 | node1-1.21 | s@handover | rung=service;service=operator;queue=chernivtsi;office=chernivtsi;priority=10;open=1;language=uk;keys=0;plan={PLAN}
10:20:04.000 | CHAN_START      | PJSIP/trunk-duty-00000022     | node1-1.22 | s@from-trunk |
10:20:09.000 | ANSWER          | PJSIP/trunk-duty-00000022     | node1-1.22 | s@from-trunk |
10:20:09.010 | BRIDGE_ENTER    | PJSIP/trunk-selftest-00000021 | node1-1.21 | number@handover | {{"bridge_id":"b1","bridge_technology":"simple_bridge"}}
10:21:39.000 | HANGUP          | PJSIP/trunk-duty-00000022     | node1-1.22 | s@from-trunk | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}}
10:21:39.010 | CHAN_END        | PJSIP/trunk-duty-00000022     | node1-1.22 | s@from-trunk |
10:21:39.100 | HANGUP          | PJSIP/trunk-selftest-00000021 | node1-1.21 | number@handover | {{"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}}
10:21:39.110 | CHAN_END        | PJSIP/trunk-selftest-00000021 | node1-1.21 | number@handover |
10:21:39.120 | LINKEDID_END    | PJSIP/trunk-selftest-00000021 | node1-1.21 | number@handover |
""")  # fmt: skip
"""The duty officer's number answers in an emergency, and the caller hangs up."""
