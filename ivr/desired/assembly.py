"""Puts this folder's parts together from the settings."""

from contextlib import AbstractAsyncContextManager

import httpx
import structlog

from asterisk_conf.debian_tools import MissingToolError
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets
from asterisk_conf.site import SiteError
from ivr.backoff import Backoff
from ivr.desired.control import ControlAddress, ControlSession, open_control
from ivr.desired.documents import Desired
from ivr.desired.errors import TakeDelayedError
from ivr.desired.overrides_writer import OverridesWriter
from ivr.desired.plan_source import PlanSource
from ivr.desired.plan_taker import PlanTaker, TakerParts
from ivr.desired.rendering import NodeRenderer
from ivr.desired.status import DesiredStatus
from ivr.desired.stream import CommandSink, DesiredStream
from ivr.prompts.audio import build_missing_prompts
from ivr.prompts.errors import PromptError
from ivr.settings import IvrSettings
from routing.plan import Plan

RETRY_FIRST_S = 0.5

_log = structlog.stdlib.get_logger("ivr.desired")


def desired_stream(
    settings: IvrSettings,
    client: httpx.AsyncClient,
    overrides: OverridesWriter,
    taker: PlanTaker,
    take_command: CommandSink,
) -> DesiredStream:
    """Gives the stream, which hands overrides and commands on at once and tells the taker what is wanted."""

    async def take(desired: Desired) -> None:
        await overrides.take(desired)
        taker.want(desired.plan_version)

    backoff = Backoff(first_s=RETRY_FIRST_S, longest_s=settings.retry_longest_s)
    return DesiredStream(
        client,
        node=settings.node,
        sink=take,
        take_command=take_command,
        silence_s=settings.stream_silence_s,
        backoff=backoff,
    )


def plan_taker(
    settings: IvrSettings, secrets: InstanceSecrets, client: httpx.AsyncClient, status: DesiredStatus
) -> PlanTaker:
    """Gives the taker of plans."""
    address = ControlAddress(
        host=settings.ami_host,
        port=settings.ami_port,
        connect_s=settings.ami_connect_s,
        action_s=settings.control_action_s,
    )

    def open_session() -> AbstractAsyncContextManager[ControlSession]:
        return open_control(address, secrets.ami_control.get_secret_value())

    renderer = NodeRenderer(settings.paths, secrets_file=settings.secrets_path, test_clock=settings.test_clock)
    parts = TakerParts(
        paths=settings.paths,
        source=PlanSource(client),
        open_control=open_session,
        build_prompts=lambda plan: _build_prompts(plan, settings.paths),
        render=renderer.render,
    )
    return PlanTaker(parts, status, Backoff(first_s=RETRY_FIRST_S, longest_s=settings.plan_retry_longest_s))


def _build_prompts(plan: Plan, paths: InstancePaths) -> None:
    try:
        made = build_missing_prompts(plan, paths, lambda _: None)
    except (PromptError, MissingToolError, SiteError, OSError) as error:
        raise TakeDelayedError(f"prompts of plan {plan.version} cannot be made: {error}") from error
    if made:
        _log.info("prompts_made", plan_version=plan.version, made=made)
