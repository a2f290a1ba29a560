"""A node that takes plans: the parts of the service between a fake api and a fake Asterisk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx

from asterisk_conf import state_files
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets
from ivr.desired.assembly import desired_stream, plan_taker
from ivr.desired.overrides_writer import OverridesWriter
from ivr.desired.status import DesiredStatus
from ivr.settings import IvrSettings
from routing import snapshot
from routing.languages import Language
from routing.plan import Plan, QueueName
from routing.prompts import sound_name
from tests.contract.ivr.fake_ami import FakeAmi
from tests.contract.ivr.fake_api import FakeApi
from tests.plans import SUMY, small_plan


def versioned(plan: Plan) -> Plan:
    return replace(plan, version=snapshot.version_of(plan))


def with_queue(plan: Plan, name: str) -> Plan:
    queue = replace(plan.queues[SUMY], name=QueueName(name))
    return versioned(replace(plan, queues=plan.queues | {queue.name: queue}))


OLD = versioned(small_plan())
NEW = with_queue(OLD, "night")


@dataclass(kw_only=True)
class Node:
    """A node with `OLD` in force, and what stands around it."""

    paths: InstancePaths
    secrets: InstanceSecrets
    api: FakeApi = field(default_factory=FakeApi)
    ami: FakeAmi = field(default_factory=FakeAmi)
    status: DesiredStatus = field(default_factory=DesiredStatus)
    api_port: int = 0
    ami_port: int = 0
    commands: list[str] = field(default_factory=list)
    """Data of the commands that came."""

    async def begin(self) -> None:
        self.ami.control_secret = self.secrets.ami_control.get_secret_value()
        self.knows(OLD)
        self.api_port, self.ami_port = await self.api.start(), await self.ami.start()

    def knows(self, plan: Plan) -> None:
        """Lets Asterisk have the queues and operators of a plan after its reload."""
        self.ami.queues, self.ami.endpoints = tuple(plan.queues), tuple(plan.operators)

    def offers(self, plan: Plan, version: str | None = None) -> None:
        """Lets the api have a plan, under its version or another."""
        name = version or plan.version
        self.api.plans[name] = {"version": name, "document": snapshot.to_document(plan)}

    def settings(self, **changes: float) -> IvrSettings:
        return IvrSettings(
            instance=self.paths.root,
            ami_port=self.ami_port,
            api_url=f"http://127.0.0.1:{self.api_port}",
            ami_connect_s=2,
            control_action_s=changes.get("control_action_s", 2),
            retry_longest_s=0.02,
            plan_retry_longest_s=0.02,
        )

    @asynccontextmanager
    async def running(self, **changes: float) -> AsyncIterator[None]:
        """Runs stream, overrides and plan taker while the block lasts."""
        settings = self.settings(**changes)
        async with httpx.AsyncClient(base_url=settings.api_url, trust_env=False, timeout=5) as client:
            taker = plan_taker(settings, self.secrets, client, self.status)
            writer = OverridesWriter(self.paths.state, self.status)
            stream = desired_stream(settings, client, writer, taker, self.commands.append)
            tasks = [asyncio.create_task(stream.run()), asyncio.create_task(taker.run())]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
                assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended

    @property
    def current(self) -> str:
        return state_files.read_current(self.paths.state)

    def etc(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in sorted(self.paths.etc.iterdir())}


async def until(is_reached: Callable[[], object], what: str) -> None:
    """Waits for a state of files and memory that nothing announces."""
    async with asyncio.timeout(10):
        while not is_reached():  # noqa: ASYNC110  files change without telling anybody
            await asyncio.sleep(0.005)
    assert is_reached(), what


def write_sounds(paths: InstancePaths, plan: Plan) -> None:
    for language in Language:
        paths.sounds(language).mkdir(parents=True, exist_ok=True)
        for prompt in plan.prompts.values():
            (paths.sounds(language) / f"{sound_name(prompt)}.wav").write_bytes(b"sound")
