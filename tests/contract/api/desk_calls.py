# ruff: noqa: E501  rows of tables are as long as they are
"""Calls for the tests of the desk."""

from tests.contract.api.scenarios.calls import PLAN
from tests.contract.api.scenarios.tables import Line, cel, queue_log

ASKED_AT = "2026-11-24T11:00:04.100000+00:00"
DETENTION_CALL = "node1-1.20"

DETENTION_ASKED: list[Line] = cel(f"""
11:00:00.100 | CHAN_START       | PJSIP/trunk-selftest-00000020 | node1-1.20 | 0800213103@from-trunk |
11:00:00.110 | HOTLINE_ENTRY    | PJSIP/trunk-selftest-00000020 | node1-1.20 | begin@line | did=+380800213103;number=+380671112233;ani=;presentation=allowed_passed_screen;trunk=selftest;plan={PLAN}
11:00:04.000 | HOTLINE_MENU     | PJSIP/trunk-selftest-00000020 | node1-1.20 | s@line | menu=main;outcome=match;key=4;language=uk;attempt=1
11:00:04.100 | HOTLINE_DECISION | PJSIP/trunk-selftest-00000020 | node1-1.20 | s@handover | rung=service;service=detention;queue=chernivtsi;office=chernivtsi;priority=100;open=1;language=uk;keys=4;plan={PLAN};reasons=
""")  # fmt: skip

DETENTION_ANSWERED: list[Line] = queue_log("""
11:00:05|node1-1.20|chernivtsi|NONE|ENTERQUEUE||+380671112233|1
11:00:09|node1-1.20|chernivtsi|PJSIP/c01|CONNECT|4|node1-1.21|3
""")  # fmt: skip
