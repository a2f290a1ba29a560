"""`hotline doctor --security` on a real line: as we make it nothing stands open, and what is opened is named."""

import asyncio
import json
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from asterisk_conf.modules import MODULES
from hotline.cli import run
from hotline.doctor import Finding
from hotline.line import ASTERISK, IVR
from hotline.security.looking import NotRunningError, look
from hotline.security.rules import RULES, judge
from hotline.security.seen import Part
from routing.plan import Plan
from tests.live.conftest import SPARE_DESCRIPTORS
from tests.live.line import Line, running_line

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(plan: Plan) -> AsyncIterator[Line]:
    async with running_line(plan, has_tls=True) as running:
        running.descriptor_limit = running.descriptors(IVR) + SPARE_DESCRIPTORS
        yield running


async def faults_of(line: Line) -> list[Finding]:
    return [finding for finding in judge(await look(line.paths)) if not finding.is_well]


async def test_of_a_line_as_we_make_it_only_the_users_of_a_test_are_found_wanting(clean_line: Line) -> None:
    findings = judge(await look(clean_line.paths))
    assert {finding.subject for finding in findings} == {rule.__name__ for rule in RULES} - {"manager"} | {"AMI"}
    wanting = [finding for finding in findings if not finding.is_well]
    assert {finding.subject for finding in wanting} == ({"users"} if os.geteuid() == 0 else set()), wanting


async def test_everything_that_the_rules_judge_is_really_seen(clean_line: Line) -> None:
    seen = await look(clean_line.paths)
    assert {process.part for process in seen.processes} == set(Part)
    ports = {(listener.part, listener.port) for listener in seen.listeners}
    site = clean_line.site
    assert site.tls is not None
    assert ports == {
        (Part.ASTERISK, site.ami_port),
        (Part.ASTERISK, site.tls.port),
        (Part.SERVICE, site.agi_port),
        (Part.SERVICE, site.ivr_metrics_port),
        (Part.API, site.api_port),
    }
    assert seen.modules == frozenset(MODULES)
    assert {user.name: sorted(user.write) for user in seen.manager_users} == {
        "ivr": ["agent", "reporting"],
        "control": ["system"],
    }
    assert [(each.endpoint, str(each.networks[0])) for each in seen.identifies] == [("trunk-selftest", "127.0.0.2/32")]
    assert {each.name for each in seen.endpoints} == {*clean_line.prepared.plan.operators, "trunk-selftest"}
    assert {each.context for each in seen.endpoints} == {"from-operators", "from-trunk"}
    assert len(seen.dialplan.steps) > 200
    assert {str(each.path) for each in seen.files} >= {
        "secrets.json",
        "asterisk/log/queue_log",
        "asterisk/etc/pjsip.conf",
    }
    assert seen.encryption is not None
    assert seen.encryption.weak_versions == ()


async def test_a_module_that_somebody_loads_is_named(clean_line: Line) -> None:
    await clean_line.asterisk_cli("module load app_system.so")
    try:
        texts = [finding.text for finding in await faults_of(clean_line)]
        assert "app_system.so is loaded and not allowed" in texts
    finally:
        await clean_line.asterisk_cli("module unload app_system.so")


async def test_a_way_out_that_somebody_adds_to_the_dialplan_is_named(clean_line: Line) -> None:
    await clean_line.asterisk_cli("dialplan add extension _00X.,1,Dial,PJSIP/${EXTEN}@trunk-duty into from-operators")
    try:
        texts = [finding.text for finding in await faults_of(clean_line) if finding.subject == "dialplan"]
        assert texts == [
            "[from-operators] takes _00X., which is no number or code of the line",
            "[from-operators] _00X. dials something that is neither in the directory nor an override's number",
        ]
    finally:
        await clean_line.asterisk_cli("dialplan remove extension _00X.@from-operators")


async def test_evidence_that_others_may_read_is_named(clean_line: Line) -> None:
    clean_line.paths.queue_log_file.chmod(0o644)
    try:
        found = [finding for finding in await faults_of(clean_line) if finding.subject == "files"]
        assert [(each.text, each.mend) for each in found] == [
            ("asterisk/log/queue_log is 0644", "chmod 0640 asterisk/log/queue_log")
        ]
    finally:
        clean_line.paths.queue_log_file.chmod(0o640)


async def test_without_a_running_asterisk_there_is_nothing_to_judge(clean_line: Line) -> None:
    async with clean_line.stopped(ASTERISK):
        with pytest.raises(NotRunningError, match="start the line"):
            await look(clean_line.paths)


async def test_the_command_prints_json_and_ends_with_1_where_something_is_amiss(
    clean_line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    clean_line.paths.queue_log_file.chmod(0o644)
    try:
        arguments = ["doctor", "--security", "--json", "--instance", str(clean_line.paths.root)]
        assert await asyncio.to_thread(run, arguments) == 1
        rows = json.loads(capsys.readouterr().out)
        assert "chmod 0640 asterisk/log/queue_log" in {row["mend"] for row in rows if not row["is_well"]}
    finally:
        clean_line.paths.queue_log_file.chmod(0o640)
