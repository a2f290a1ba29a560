"""The service's own metrics, as Prometheus reads them from the running process."""

import asyncio
import re

import httpx
from prometheus_client.parser import text_string_to_metric_families

from asterisk_conf.instance import InstancePaths
from tests.contract.ivr.fake_asterisk import FakeCall, facts_payload
from tests.contract.ivr.test_service import Running, _free_port, _service
from tests.plans import PLAN_VERSION

CALLER = "+380441234567"
CONVENTIONS = re.compile(r"hotline_ivr_[a-z_]+")


async def scraped(port: int) -> dict[tuple[str, ...], float]:
    """Gives every sample of the service's own, by name and values of its labels."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/metrics")
    assert answer.status_code == 200
    assert CALLER not in answer.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_the_metrics_tell_of_calls_link_evidence_and_operators(paths: InstancePaths) -> None:
    running, port = Running(paths), _free_port()
    environment = await running.environment()
    environment["HOTLINE_IVR_METRICS_PORT"] = str(port)
    async with _service(running):
        facts = facts_payload("entry", plan=PLAN_VERSION)
        await FakeCall(keys=["4"], number=CALLER).run(running.agi_port, "entry", facts)
        await FakeCall(hang_up_at="STREAM FILE").run(running.agi_port, "entry", facts)
        await running.ami.wait_for("QueueStatus")
        found = await scraped(port)
    assert found["hotline_ivr_agi_sessions_ended_total", "decided"] == 1
    assert found["hotline_ivr_agi_sessions_ended_total", "caller_gone"] == 1
    assert found["hotline_ivr_entry_to_decision_seconds_count", "entry"] == 1
    assert found["hotline_ivr_agi_command_duration_seconds_count",] > 5
    assert found["hotline_ivr_agi_sessions",] == 0
    assert found["hotline_ivr_agi_faults_total",] == 0
    assert (found["hotline_ivr_ami_state", "up"], found["hotline_ivr_ami_state", "refused"]) == (1, 0)
    assert found["hotline_ivr_plan_in_force",] == 1
    assert found["hotline_ivr_operator_notices", "stuck"] == 0
    assert found["hotline_ivr_evidence_outbox_bytes",] == 0
    assert ("hotline_ivr_evidence_ack_age_seconds",) not in found, "nothing was ever acknowledged"


async def test_a_metrics_port_that_is_taken_costs_the_metrics_and_no_call(paths: InstancePaths) -> None:
    running = Running(paths)
    holder = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    environment = await running.environment()
    environment["HOTLINE_IVR_METRICS_PORT"] = str(holder.sockets[0].getsockname()[1])
    async with _service(running):
        call = await FakeCall(keys=["4"]).run(running.agi_port, "entry", facts_payload("entry", plan=PLAN_VERSION))
    holder.close()
    assert call.outcome == "queue"
    assert [row["event"] for row in running.lines].count("metrics_not_served") == 1


async def _listening(port: int) -> None:
    """Waits until the endpoint takes connections; it begins beside the calls, not before them."""
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def test_names_follow_the_conventions(paths: InstancePaths) -> None:
    running, port = Running(paths), _free_port()
    environment = await running.environment()
    environment["HOTLINE_IVR_METRICS_PORT"] = str(port)
    async with _service(running):
        await _listening(port)
        names = {name for name, *_ in await scraped(port) if name.startswith("hotline_")}
    assert names
    assert all(CONVENTIONS.fullmatch(name) for name in names)
