"""Puts the service together and runs it: FastAGI server, manager link, journal, live report, and what the api wants."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import structlog

from asterisk_conf.instance_secrets import InstanceSecrets
from asterisk_conf.names import AgiRoute, Source
from asterisk_conf.site import SiteError, read_site
from ivr.agi.server import AgiServer, ServerLimits
from ivr.agi.session import Deadlines
from ivr.ami.frames import Frame
from ivr.ami.link import AmiLink, LinkTimings
from ivr.ami.watch import AsteriskWatch
from ivr.backoff import Backoff
from ivr.clock import Clock
from ivr.commands.desk import CommandDesk
from ivr.commands.executor import Executor
from ivr.desired.assembly import desired_stream, plan_taker
from ivr.desired.overrides_writer import OverridesWriter
from ivr.desired.plan_taker import PlanTaker
from ivr.desired.status import DesiredStatus
from ivr.desired.stream import DesiredStream
from ivr.flows import Flows, FlowSources
from ivr.journal.evidence_log import EvidenceLog
from ivr.journal.journal import Journal, JournalTimings
from ivr.journal.shipper import Shipper
from ivr.journal.witness import CallWitness, Why
from ivr.live import LiveReporter, NodeParts
from ivr.metrics.endpoint import MetricsEndpoint
from ivr.metrics.flows import timed
from ivr.metrics.node import Counts, NodeCollector
from ivr.metrics.timings import Timings
from ivr.plans import PlanStore
from ivr.prompt_lengths import PromptLengths
from ivr.queues.keeper import KeeperSources, QueueKeeper
from ivr.queues.returns import ReturnMemory
from ivr.reconciler.reconciler import Reconciler, ReconcilerSources
from ivr.settings import IvrSettings
from ivr.speaker import Speaker
from ivr.supervision import run_until
from ivr.switches.client import SwitchClient
from ivr.switches.flow import SwitchFlow, SwitchSources
from ivr.switches.pin_guard import PinGuard
from ivr.trunks.keeper import TrunkKeeper, TrunkSources, TrunkTimings

RETRY_FIRST_S = 0.5

_log = structlog.stdlib.get_logger("ivr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The parts of one running service."""

    settings: IvrSettings
    server: AgiServer
    link: AmiLink
    watch: AsteriskWatch
    journal: Journal
    witness: CallWitness
    reporter: LiveReporter
    desired_stream: DesiredStream
    plan_taker: PlanTaker
    command_desk: CommandDesk
    keeper: QueueKeeper
    reconciler: Reconciler
    metrics: MetricsEndpoint
    trunks: TrunkKeeper


def api_client(settings: IvrSettings, secrets: InstanceSecrets) -> httpx.AsyncClient:
    """Gives the client for the api; no proxy of the environment comes between them."""
    return httpx.AsyncClient(
        base_url=settings.api_url,
        headers={"Authorization": f"Bearer {secrets.token_node.get_secret_value()}"},
        timeout=settings.api_timeout_s,
        trust_env=False,
    )


def build(settings: IvrSettings, secrets: InstanceSecrets, client: httpx.AsyncClient) -> Service:
    """Puts the parts together; nothing runs or listens yet."""
    plans = PlanStore(settings.paths.state)
    link = _link(settings, secrets)
    watch = AsteriskWatch(link, queues_every_s=settings.queues_every_s)
    returns = ReturnMemory(settings.paths.returns_file, secrets.number_pseudonym_key.get_secret_value().encode())
    timings = Timings()
    server = _server(settings, plans, _switch_flow(settings, secrets, client, plans), returns, watch, timings=timings)
    reconciler = _reconciler(settings, plans, link, watch)
    watch.on_event = _to_each(returns.take_event, reconciler.take_event)
    keeper = _keeper(settings, plans, link, watch)
    journal = _journal(settings, client)
    status = DesiredStatus()
    parts = NodeParts(
        link=link,
        watch=watch,
        journal=journal,
        plans=plans,
        desired=status,
        sessions=lambda: server.sessions,
        state=settings.paths.state,
        unstaffed=lambda: keeper.unstaffed,
        notices=lambda: reconciler.notices,
    )
    timings.registry.register(NodeCollector(parts, _counts(server, reconciler)))
    taker = plan_taker(settings, secrets, client, status)
    desk = _command_desk(settings, client, link)
    writer = OverridesWriter(settings.paths.state, status)
    return Service(
        settings=settings,
        server=server,
        link=link,
        watch=watch,
        journal=journal,
        witness=CallWitness(link, settings.paths.witness_file, every_s=settings.witness_every_s),
        reporter=LiveReporter(client, node=settings.node, parts=parts, every_s=settings.live_every_s),
        desired_stream=desired_stream(settings, client, writer, taker, desk.take),
        plan_taker=taker,
        command_desk=desk,
        keeper=keeper,
        reconciler=reconciler,
        metrics=MetricsEndpoint(timings, settings.metrics_port),
        trunks=_trunks(settings, plans),
    )


def _counts(server: AgiServer, reconciler: Reconciler) -> Counts:
    return Counts(
        agi_faults=lambda: server.faults, agi_refused=lambda: server.refused, repairs=lambda: reconciler.repaired
    )


def _to_each(*takers: Callable[[Frame], None]) -> Callable[[Frame], None]:
    """Gives what hands each event to all of `takers`, in order."""

    def take(frame: Frame) -> None:
        for taker in takers:
            taker(frame)

    return take


def _reconciler(settings: IvrSettings, plans: PlanStore, link: AmiLink, watch: AsteriskWatch) -> Reconciler:
    sources = ReconcilerSources(
        file=settings.paths.operators_file, plans=plans, missed_rings_limit=settings.missed_rings_limit
    )
    return Reconciler(link, watch, sources)


def _trunks(settings: IvrSettings, plans: PlanStore) -> TrunkKeeper:
    sources = TrunkSources(
        site_file=settings.paths.site_file,
        state=settings.paths.state,
        plans=plans,
        clock=Clock(settings.paths.state, is_test=settings.test_clock),
    )
    timings = TrunkTimings(hour=settings.trunks_hour, poll_s=settings.trunks_poll_s, answer_s=settings.trunk_answer_s)
    return TrunkKeeper(sources, timings)


def _command_desk(settings: IvrSettings, client: httpx.AsyncClient, link: AmiLink) -> CommandDesk:
    backoff = Backoff(first_s=RETRY_FIRST_S, longest_s=settings.retry_longest_s)
    return CommandDesk(client, Executor(link), node=settings.node, backoff=backoff)


def _switch_flow(
    settings: IvrSettings, secrets: InstanceSecrets, client: httpx.AsyncClient, plans: PlanStore
) -> SwitchFlow:
    sources = SwitchSources(
        state=settings.paths.state,
        plans=plans,
        speaker=Speaker(PromptLengths(settings.paths.sounds)),
        guard=PinGuard(secrets.override_pin.get_secret_value()),
        client=SwitchClient(client, deadline_s=settings.switch_s),
    )
    return SwitchFlow(sources)


def _keeper(settings: IvrSettings, plans: PlanStore, link: AmiLink, watch: AsteriskWatch) -> QueueKeeper:
    state = settings.paths.state
    clock = Clock(state, is_test=settings.test_clock)
    return QueueKeeper(
        link, watch, KeeperSources(state=state, plans=plans, clock=clock, has_outbound=_has_outbound(settings))
    )


def _has_outbound(settings: IvrSettings) -> bool:
    """Tells whether the site has a trunk for calls that go out; no: it has none, or no readable settings."""
    try:
        return read_site(settings.paths.site_file).outbound_trunk is not None
    except SiteError as error:
        _log.warning("site_not_read", problem=str(error), then="the duty officer's number is not called from queues")
        return False


def _server(
    settings: IvrSettings,
    plans: PlanStore,
    switches: SwitchFlow,
    returns: ReturnMemory,
    watch: AsteriskWatch,
    *,
    timings: Timings,
) -> AgiServer:
    paths = settings.paths
    sources = FlowSources(
        state=paths.state,
        plans=plans,
        clock=Clock(paths.state, is_test=settings.test_clock),
        lengths=PromptLengths(paths.sounds),
        returns=returns,
        places=lambda: watch.places,
    )
    deadlines = Deadlines(header_s=settings.header_s, command_s=settings.command_s, on_command=timings.command)
    limits = ServerLimits(sessions=settings.sessions_limit, drain_s=settings.drain_s, deadlines=deadlines)
    routes = {**Flows(sources).routes(), AgiRoute.OVERRIDE.value: switches.run}
    return AgiServer(timed(routes, timings), limits)


def _link(settings: IvrSettings, secrets: InstanceSecrets) -> AmiLink:
    timings = LinkTimings(
        connect_s=settings.ami_connect_s,
        action_s=settings.ami_action_s,
        ping_every_s=settings.ami_ping_every_s,
        refused_wait_s=settings.ami_refused_wait_s,
        backoff=Backoff(first_s=RETRY_FIRST_S, longest_s=settings.retry_longest_s),
    )
    return AmiLink(
        host=settings.ami_host,
        port=settings.ami_port,
        user=settings.ami_user,
        secret=secrets.ami.get_secret_value(),
        timings=timings,
    )


def _journal(settings: IvrSettings, client: httpx.AsyncClient) -> Journal:
    paths = settings.paths
    logs = {
        Source.CEL: EvidenceLog(paths.cel_file, paths.journal / "cel.json"),
        Source.QUEUE_LOG: EvidenceLog(paths.queue_log_file, paths.journal / "queue_log.json"),
        Source.CDR: EvidenceLog(paths.cdr_file, paths.journal / "cdr.json"),
        Source.WITNESS: EvidenceLog(paths.witness_file, paths.journal / "witness.json"),
    }
    shipper = Shipper(client, node=settings.node, quarantine=paths.journal / "quarantine.ndjson")
    backoff = Backoff(first_s=RETRY_FIRST_S, longest_s=settings.retry_longest_s)
    return Journal(logs, shipper, JournalTimings(poll_s=settings.journal_poll_s, backoff=backoff))


async def run(service: Service, stop: asyncio.Event) -> int:
    """Runs the service until `stop` is set; gives the exit code: 1 when a side task ended by itself.

    Raises:
        OSError: The FastAGI address cannot be used.
    """
    settings = service.settings
    port = await service.server.start(str(settings.agi_host), settings.agi_port)
    _log.info("serving", agi_port=port, node=settings.node, test_clock=settings.test_clock)
    tasks = {
        "ami-link": service.link.run(),
        "ami-watch": service.watch.run(),
        "journal": service.journal.run(),
        "call-witness": service.witness.run(),
        "live-report": service.reporter.run(),
        "desired-stream": service.desired_stream.run(),
        "plan-taker": service.plan_taker.run(),
        "command-desk": service.command_desk.run(),
        "queue-keeper": service.keeper.run(),
        "reconciler": service.reconciler.run(),
        "metrics": service.metrics.run(),
        "trunk-keeper": service.trunks.run(),
    }

    async def drain() -> None:
        await service.server.drain()
        await service.witness.sample(Why.STOP)

    ended = await run_until(stop, tasks, drain)
    _log.info("stopped", ended=ended, completed=service.server.completed, faults=service.server.faults)
    return 1 if ended else 0


async def serve(settings: IvrSettings, secrets: InstanceSecrets) -> int:
    """Runs the service until SIGTERM or SIGINT; gives the exit code.

    Raises:
        OSError: The FastAGI address cannot be used.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with api_client(settings, secrets) as client:
        return await run(build(settings, secrets, client), stop)
