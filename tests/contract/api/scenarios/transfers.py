# ruff: noqa: E501  rows of tables are as long as they are
"""Calls that change hands. The line's dialplan lets no operator transfer yet (no REFER, no feature codes), so these
rows are not recorded: they have the shape that Asterisk's documentation of CEL and queue_log gives.

Source: https://docs.asterisk.org/Configuration/Reporting/Channel-Event-Logging-CEL/ (BLINDTRANSFER, ATTENDEDTRANSFER,
PICKUP and their extra fields); queue_log's BLINDTRANSFER and ATTENDEDTRANSFER in apps/app_queue.c of Asterisk 22.
"""

from tests.contract.api.scenarios.calls import PLAN
from tests.contract.api.scenarios.tables import Line, cel, queue_log

_BEGIN = f"""
11:00:00.100 | CHAN_START       | PJSIP/trunk-selftest-00000021 | node1-2.1 | 0800213103@from-trunk |
11:00:00.110 | HOTLINE_ENTRY    | PJSIP/trunk-selftest-00000021 | node1-2.1 | begin@line | did=+380800213103;number=+380671112233;ani=;presentation=allowed_passed_screen;trunk=selftest;plan={PLAN}
11:00:00.120 | ANSWER           | PJSIP/trunk-selftest-00000021 | node1-2.1 | begin@line |
11:00:03.000 | HOTLINE_MENU     | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@line | menu=main;outcome=match;key=2;language=uk;attempt=1
11:00:03.100 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | rung=service;service=guidance;queue=chernivtsi;office=chernivtsi;priority=10;open=1;language=uk;keys=2;plan={PLAN};reasons=
11:00:03.200 | APP_START        | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:00:04.000 | CHAN_START       | PJSIP/c01-00000022            | node1-2.2 | s@from-operators |
11:00:08.000 | ANSWER           | PJSIP/c01-00000022            | node1-2.2 | s@from-operators |
11:00:08.010 | BRIDGE_ENTER     | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {{"bridge_id":"b1","bridge_technology":"simple_bridge"}}
11:00:08.020 | BRIDGE_ENTER     | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {{"bridge_id":"b1","bridge_technology":"simple_bridge"}}
"""

BLIND: list[Line] = cel(_BEGIN.rstrip() + """
11:01:08.000 | BLINDTRANSFER    | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"extension":"sumy","context":"handover","bridge_id":"b1","transferee_channel_name":"PJSIP/trunk-selftest-00000021"}
11:01:08.010 | BRIDGE_EXIT      | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
11:01:08.020 | BRIDGE_EXIT      | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
11:01:08.030 | APP_END          | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:01:08.040 | HANGUP           | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"hangupcause":16,"hangupsource":"PJSIP/c01-00000022","dialstatus":""}
11:01:08.050 | CHAN_END         | PJSIP/c01-00000022            | node1-2.2 | s@from-operators |
11:01:08.100 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | rung=service;service=consultation;queue=sumy;office=sumy;priority=10;open=1;language=uk;keys=2;plan=0123456789abcdef;reasons=
11:01:08.200 | APP_START        | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:01:09.000 | CHAN_START       | PJSIP/s01-00000023            | node1-2.3 | s@from-operators |
11:01:14.000 | ANSWER           | PJSIP/s01-00000023            | node1-2.3 | s@from-operators |
11:01:14.010 | BRIDGE_ENTER     | PJSIP/s01-00000023            | node1-2.3 | s@from-operators | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:01:14.020 | BRIDGE_ENTER     | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:03:14.000 | BRIDGE_EXIT      | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:03:14.010 | BRIDGE_EXIT      | PJSIP/s01-00000023            | node1-2.3 | s@from-operators | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:03:14.020 | APP_END          | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:03:14.030 | HANGUP           | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}
11:03:14.040 | CHAN_END         | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:03:14.050 | HANGUP           | PJSIP/s01-00000023            | node1-2.3 | s@from-operators | {"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}
11:03:14.060 | CHAN_END         | PJSIP/s01-00000023            | node1-2.3 | s@from-operators |
11:03:14.070 | LINKEDID_END     | PJSIP/s01-00000023            | node1-2.3 | s@from-operators |
""") + queue_log("""
11:00:03|node1-2.1|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
11:00:08|node1-2.1|chernivtsi|PJSIP/c01|CONNECT|5|node1-2.2|4
11:01:08|node1-2.1|chernivtsi|PJSIP/c01|BLINDTRANSFER|sumy|handover|5|60|1
11:01:08|node1-2.1|sumy|NONE|ENTERQUEUE||+380671112233|1
11:01:14|node1-2.1|sumy|PJSIP/s01|CONNECT|6|node1-2.3|5
11:03:14|node1-2.1|sumy|PJSIP/s01|COMPLETECALLER|6|120|1
""")  # fmt: skip

ATTENDED: list[Line] = cel(_BEGIN.rstrip() + """
11:01:00.000 | CHAN_START       | PJSIP/c01-00000024            | node1-2.4<node1-2.4 | s@from-operators |
11:01:00.100 | ANSWER           | PJSIP/c01-00000024            | node1-2.4<node1-2.4 | s@from-operators |
11:01:00.200 | APP_START        | PJSIP/c01-00000024            | node1-2.4<node1-2.4 | s@handover |
11:01:01.000 | CHAN_START       | PJSIP/s01-00000025            | node1-2.5<node1-2.4 | s@from-operators |
11:01:06.000 | ANSWER           | PJSIP/s01-00000025            | node1-2.5<node1-2.4 | s@from-operators |
11:01:06.010 | BRIDGE_ENTER     | PJSIP/s01-00000025            | node1-2.5<node1-2.4 | s@from-operators | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:01:06.020 | BRIDGE_ENTER     | PJSIP/c01-00000024            | node1-2.4<node1-2.4 | s@handover | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:01:20.000 | ATTENDEDTRANSFER | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"bridge1_id":"b1","channel2_name":"PJSIP/c01-00000024","channel2_uniqueid":"node1-2.4","bridge2_id":"b2","transferee_channel_name":"PJSIP/trunk-selftest-00000021","transferee_channel_uniqueid":"node1-2.1","transfer_target_channel_name":"PJSIP/s01-00000025","transfer_target_channel_uniqueid":"node1-2.5"}
11:01:20.010 | BRIDGE_EXIT      | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
11:01:20.020 | BRIDGE_ENTER     | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:01:20.030 | BRIDGE_EXIT      | PJSIP/c01-00000024            | node1-2.4<node1-2.1 | s@handover | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:01:20.040 | BRIDGE_EXIT      | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
11:01:20.050 | LINKEDID_END     | PJSIP/c01-00000024            | node1-2.4<node1-2.4 | s@handover |
11:01:20.060 | APP_END          | PJSIP/c01-00000024            | node1-2.4<node1-2.1 | s@handover |
11:01:20.070 | HANGUP           | PJSIP/c01-00000024            | node1-2.4<node1-2.1 | s@handover | {"hangupcause":16,"hangupsource":"PJSIP/c01-00000024","dialstatus":""}
11:01:20.080 | CHAN_END         | PJSIP/c01-00000024            | node1-2.4<node1-2.1 | s@handover |
11:01:20.090 | HANGUP           | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"hangupcause":16,"hangupsource":"PJSIP/c01-00000022","dialstatus":""}
11:01:20.100 | CHAN_END         | PJSIP/c01-00000022            | node1-2.2 | s@from-operators |
11:03:20.000 | BRIDGE_EXIT      | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:03:20.010 | BRIDGE_EXIT      | PJSIP/s01-00000025            | node1-2.5<node1-2.1 | s@from-operators | {"bridge_id":"b2","bridge_technology":"simple_bridge"}
11:03:20.020 | APP_END          | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:03:20.030 | HANGUP           | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}
11:03:20.040 | CHAN_END         | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:03:20.050 | HANGUP           | PJSIP/s01-00000025            | node1-2.5<node1-2.1 | s@from-operators | {"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}
11:03:20.060 | CHAN_END         | PJSIP/s01-00000025            | node1-2.5<node1-2.1 | s@from-operators |
11:03:20.070 | LINKEDID_END     | PJSIP/s01-00000025            | node1-2.5<node1-2.1 | s@from-operators |
""") + queue_log("""
11:00:03|node1-2.1|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
11:00:08|node1-2.1|chernivtsi|PJSIP/c01|CONNECT|5|node1-2.2|4
11:01:00|node1-2.4|sumy|NONE|ENTERQUEUE||c01|1
11:01:06|node1-2.4|sumy|PJSIP/s01|CONNECT|6|node1-2.5|5
11:01:20|node1-2.1|chernivtsi|PJSIP/c01|ATTENDEDTRANSFER|BRIDGE|b2|5|72|1
11:03:20|node1-2.4|sumy|PJSIP/s01|COMPLETECALLER|6|134|1
""")  # fmt: skip

PICKED_UP: list[Line] = cel(_BEGIN.replace("11:00:08", "11:00:09").rstrip() + """
11:00:07.500 | CHAN_START       | PJSIP/c02-00000026            | node1-2.6<node1-2.6 | s@from-operators |
11:00:08.000 | PICKUP           | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"pickup_channel":"PJSIP/c02-00000026"}
11:00:08.010 | LINKEDID_END     | PJSIP/c02-00000026            | node1-2.6<node1-2.6 | s@from-operators |
11:00:08.020 | ANSWER           | PJSIP/c02-00000026            | node1-2.6<node1-2.1 | s@from-operators |
11:02:08.000 | HANGUP           | PJSIP/c02-00000026            | node1-2.6<node1-2.1 | s@from-operators | {"hangupcause":16,"hangupsource":"PJSIP/c02-00000026","dialstatus":""}
11:02:08.010 | CHAN_END         | PJSIP/c02-00000026            | node1-2.6<node1-2.1 | s@from-operators |
11:02:08.020 | HANGUP           | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"hangupcause":16,"hangupsource":"PJSIP/c02-00000026","dialstatus":""}
11:02:08.030 | CHAN_END         | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:02:08.040 | LINKEDID_END     | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
""") + queue_log("""
11:00:03|node1-2.1|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
11:00:08|node1-2.1|chernivtsi|PJSIP/c01|CONNECT|5|node1-2.2|4
11:02:08|node1-2.1|chernivtsi|PJSIP/c01|COMPLETEAGENT|5|120|1
""")  # fmt: skip

CONFERENCE: list[Line] = cel(_BEGIN.rstrip() + """
11:01:00.000 | CHAN_START       | PJSIP/s01-00000027            | node1-2.7<node1-2.7 | s@from-operators |
11:01:00.100 | ANSWER           | PJSIP/s01-00000027            | node1-2.7<node1-2.7 | s@from-operators |
11:01:00.200 | BRIDGE_ENTER     | PJSIP/s01-00000027            | node1-2.7<node1-2.1 | s@from-operators | {"bridge_id":"b1","bridge_technology":"softmix"}
11:01:00.210 | LINKEDID_END     | PJSIP/s01-00000027            | node1-2.7<node1-2.7 | s@from-operators |
11:02:00.000 | BRIDGE_EXIT      | PJSIP/s01-00000027            | node1-2.7<node1-2.1 | s@from-operators | {"bridge_id":"b1","bridge_technology":"softmix"}
11:02:00.010 | HANGUP           | PJSIP/s01-00000027            | node1-2.7<node1-2.1 | s@from-operators | {"hangupcause":16,"hangupsource":"PJSIP/s01-00000027","dialstatus":""}
11:02:00.020 | CHAN_END         | PJSIP/s01-00000027            | node1-2.7<node1-2.1 | s@from-operators |
11:03:00.000 | BRIDGE_EXIT      | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
11:03:00.010 | BRIDGE_EXIT      | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"bridge_id":"b1","bridge_technology":"simple_bridge"}
11:03:00.020 | APP_END          | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:03:00.030 | HANGUP           | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover | {"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}
11:03:00.040 | CHAN_END         | PJSIP/trunk-selftest-00000021 | node1-2.1 | s@handover |
11:03:00.050 | HANGUP           | PJSIP/c01-00000022            | node1-2.2 | s@from-operators | {"hangupcause":16,"hangupsource":"PJSIP/trunk-selftest-00000021","dialstatus":""}
11:03:00.060 | CHAN_END         | PJSIP/c01-00000022            | node1-2.2 | s@from-operators |
11:03:00.070 | LINKEDID_END     | PJSIP/c01-00000022            | node1-2.2 | s@from-operators |
""") + queue_log("""
11:00:03|node1-2.1|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
11:00:08|node1-2.1|chernivtsi|PJSIP/c01|CONNECT|5|node1-2.2|4
11:03:00|node1-2.1|chernivtsi|PJSIP/c01|COMPLETECALLER|5|172|1
""")  # fmt: skip
"""A colleague comes into the conversation and leaves it again: three in one bridge, no transfer."""
