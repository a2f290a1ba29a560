"""A node's state folder and a FastAGI server on a free port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asterisk_conf.instance import InstancePaths
from asterisk_conf.state_files import write_current, write_snapshot
from ivr.agi.server import AgiServer, ServerLimits
from ivr.agi.session import Deadlines
from ivr.clock import Clock
from ivr.flows import Flows, FlowSources
from ivr.plans import PlanStore
from ivr.prompt_lengths import PromptLengths
from tests.plans import small_plan


@pytest.fixture
def paths(tmp_path: Path) -> InstancePaths:
    found = InstancePaths(tmp_path / "instance")
    write_snapshot(found.state, small_plan())
    write_current(found.state, small_plan().version)
    return found


@pytest.fixture
def flows(paths: InstancePaths) -> Flows:
    return Flows(
        FlowSources(
            state=paths.state,
            plans=PlanStore(paths.state),
            clock=Clock(paths.state, is_test=True),
            lengths=PromptLengths(paths.sounds),
        )
    )


@pytest.fixture
async def server(flows: Flows) -> AsyncIterator[AgiServer]:
    limits = ServerLimits(sessions=50, drain_s=0.2, deadlines=Deadlines(header_s=0.5, command_s=0.5))
    made = AgiServer(flows.routes(), limits)
    yield made
    await made.drain()


@pytest.fixture
async def port(server: AgiServer) -> int:
    return await server.start("127.0.0.1", 0)
