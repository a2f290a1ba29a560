"""One private running line for a test module: real Asterisk, service, call log and PostgreSQL, on ports of its own."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from api.calls.schemas import CallJourney, CallPage
from api.projection.words import VisitEnding
from asterisk_conf import install, state_files
from asterisk_conf.binary import write_binary
from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import ensure_secrets, read_secrets
from asterisk_conf.launch import console_argv
from asterisk_conf.names import Context, UserEvent
from asterisk_conf.payload import decode_payload
from asterisk_conf.render import render
from asterisk_conf.root_folder import find_asterisk
from asterisk_conf.site import SiteSettings, TlsSettings, Trunk, write_site
from hotline import postgres
from hotline.certificate import ensure_certificate
from hotline.child import Program
from hotline.line import (
    API,
    ASTERISK,
    IVR,
    POSTGRES,
    PreparedLine,
    api_program,
    asterisk_program,
    ivr_program,
    make_instance,
    postgres_program,
    start_line,
)
from hotline.readiness import run_quietly
from hotline.softphone import PhoneEventType, PhoneSettings, Softphone, running_phone
from hotline.supervisor import Supervisor
from routing.languages import Language
from routing.plan import OperatorId, Plan, PromptId
from tests.live.ports import free_ports
from tests.live.sipp import TRUNK, Caller, Step, start_calls
from tests.live.sounds import sound_file, write_prompts
from tests.live.waiting import until

EVIDENCE_S = 20.0
"""How long evidence may take from Asterisk to the call log on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLogRow:
    """One row of Asterisk's queue_log."""

    uniqueid: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]


class Line:
    """A running line. Made by `running_line`."""

    def __init__(self, prepared: PreparedLine, supervisor: Supervisor, client: httpx.AsyncClient) -> None:
        self.prepared = prepared
        self._supervisor = supervisor
        self._client = client
        self._callers: list[Caller] = []
        self.notes: list[str] = []
        """What the supervisor said."""
        self.errors_are_expected = False
        """Set by a test that gives Asterisk good reason to log an ERROR."""
        self.descriptor_limit = 0
        """How many descriptors the service may have open when nobody calls."""

    @property
    def paths(self) -> InstancePaths:
        """The instance's folders."""
        return self.prepared.paths

    @property
    def site(self) -> SiteSettings:
        """The instance's ports."""
        return self.prepared.site

    def sound(self, prompt: str, language: Language = Language.UK) -> Path:
        """Gives the sound file of a prompt."""
        return sound_file(self.paths, self.prepared.plan, PromptId(prompt), language)

    # --- processes

    async def stop_process(self, name: str) -> None:
        """Stops a process in good order; it stays down until `start_process`."""
        await self._supervisor.stop_one(name)

    async def start_process(self, name: str) -> None:
        """Starts a stopped process and waits until it is ready."""
        await self._supervisor.start(self._program(name))

    def kill_process(self, name: str) -> None:
        """Kills a process; the supervisor starts it again."""
        os.kill(self.pid(name), signal.SIGKILL)

    @asynccontextmanager
    async def stopped(self, name: str) -> AsyncIterator[None]:
        """Keeps a process down while the block lasts."""
        await self.stop_process(name)
        try:
            yield
        finally:
            await self.start_process(name)

    @asynccontextmanager
    async def frozen(self, name: str) -> AsyncIterator[None]:
        """Keeps a process from running, its sockets open, while the block lasts (SIGSTOP)."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def pid(self, name: str) -> int:
        """Gives a process's id."""
        return self._supervisor.pids()[name]

    def descriptors(self, name: str) -> int:
        """Gives how many file descriptors a process has open."""
        return int(psutil.Process(self.pid(name)).num_fds())

    def _program(self, name: str) -> Program:
        programs = {
            POSTGRES: postgres_program,
            API: api_program,
            IVR: ivr_program,
            ASTERISK: asterisk_program,
        }
        return programs[name](self.prepared)

    # --- clock

    def set_clock(self, moment: datetime) -> None:
        """Lets the next decisions be made at `moment` (aware)."""
        state_files.write_clock(self.paths.state, (moment - datetime.now(UTC)).total_seconds())

    # --- calls

    async def call(self, *steps: Step, source: str = TRUNK, count: int = 1) -> Caller:
        """Starts callers who take these steps."""
        folder = Path(tempfile.mkdtemp(prefix="calls-", dir=self.paths.run))
        caller = await start_calls(folder, steps, sip_port=self.site.sip_port, source=source, count=count)
        self._callers.append(caller)
        return caller

    async def end_callers(self) -> None:
        """Ends all SIPp processes that still run."""
        for caller in self._callers:
            await caller.kill()
        self._callers.clear()

    @asynccontextmanager
    async def operator_phone(self, operator: OperatorId, *, answers: bool = False) -> AsyncIterator[Softphone]:
        """Runs an operator's registered phone while the block lasts."""
        secrets = read_secrets(self.paths.secrets_file)
        settings = PhoneSettings(
            user=operator,
            address="127.0.0.1",
            tone_hz=600,
            registrar=f"127.0.0.1:{self.site.operators_port}",
            password=secrets.operators[operator],
            answers=answers,
            is_secure=self.site.tls is not None,
        )
        async with running_phone(settings, Path(tempfile.mkdtemp(prefix="phone-", dir=self.paths.run))) as phone:
            yield phone

    async def dial_code(self, phone: Softphone, code: str) -> None:
        """Has an operator dial a code, and waits until the line has hung up."""
        since = phone.mark()
        await phone.dial(phone.settings.uri(code, f"127.0.0.1:{self.site.operators_port}"))
        await phone.wait_for(PhoneEventType.ESTABLISHED, since=since, deadline_s=15)
        await phone.wait_for(PhoneEventType.CLOSED, since=since, deadline_s=15)

    # --- what Asterisk knows

    async def asterisk_cli(self, command: str) -> str:
        """Has Asterisk carry out a console command; gives what it says."""
        _, output = await run_quietly(console_argv(self.prepared.binary, self.paths, command))
        return output

    async def channels(self) -> tuple[str, ...]:
        """Gives the names of the channels that exist."""
        return tuple(row[0] for row in await self.channel_rows())

    async def channel_rows(self) -> tuple[tuple[str, ...], ...]:
        """Gives the channels with what they do: name, context, extension, priority, state, application, its data…"""
        output = await self.asterisk_cli("core show channels concise")
        return tuple(tuple(row.split("!")) for row in output.splitlines() if "!" in row)

    async def hang_up_all(self) -> None:
        """Has Asterisk hang up every channel."""
        await self.asterisk_cli("channel request hangup all")

    def queue_log_rows(self, *events: str) -> tuple[QueueLogRow, ...]:
        """Gives queue_log's rows, of these events or of all."""
        text = self.paths.queue_log_file.read_text("utf-8") if self.paths.queue_log_file.exists() else ""
        rows = [line.split("|") for line in text.splitlines() if line.count("|") >= 4]
        found = (
            QueueLogRow(uniqueid=row[1], queue=row[2], agent=row[3], event=row[4], data=tuple(row[5:])) for row in rows
        )
        return tuple(row for row in found if not events or row.event in events)

    def cel_rows(self, *types: str) -> tuple[dict[str, str], ...]:
        """Gives CEL's rows, of these types or of all."""
        text = self.paths.cel_file.read_text("utf-8") if self.paths.cel_file.exists() else ""
        rows = (json.loads(line) for line in text.splitlines())
        return tuple(row for row in rows if not types or row["eventtype"] in types)

    def calls_that_came(self) -> list[str]:
        """Gives the ids of all calls from a trunk that Asterisk made a channel for, in order."""
        rows = [row for row in self.cel_rows("CHAN_START") if row["context"] == Context.FROM_TRUNK]
        # Why: a call that goes out by a trunk has a channel in this context too, with the caller's linkedid.
        return sorted(row["linkedid"] for row in rows if row["uniqueid"] == row["linkedid"])

    def cel_payloads(self, event: UserEvent) -> list[dict[str, str]]:
        """Gives what CEL's user events of one name say."""
        return [decode_payload(json.loads(row["eventextra"])["extra"]) for row in self.cel_rows(event)]

    def user_events_of(self, uniqueid: str, *events: UserEvent) -> list[tuple[str, dict[str, str]]]:
        """Gives the user events of these names on one channel with what they say, in order."""
        rows = (row for row in self.cel_rows(*events) if row["uniqueid"] == uniqueid)
        return [(row["eventtype"], decode_payload(json.loads(row["eventextra"])["extra"])) for row in rows]

    def error_lines(self) -> tuple[str, ...]:
        """Gives the lines of Asterisk's log that say ERROR."""
        text = (self.paths.asterisk_log / "messages.log").read_text("utf-8", "replace")
        return tuple(line for line in text.splitlines() if "] ERROR[" in line or " ERROR[" in line)

    # --- what the call log knows

    async def calls(self) -> tuple[CallJourney, ...]:
        """Gives every call of the log with its journey, the oldest first."""
        found: list[CallJourney] = []
        cursor: str | None = None
        while True:
            page = CallPage.model_validate_json(await self._get("/api/v1/calls", {"limit": "200", "cursor": cursor}))
            found += [await self.journey(call.call_id) for call in page.calls]
            cursor = page.next_cursor
            if cursor is None:
                return tuple(reversed(found))

    async def journey(self, call_id: str) -> CallJourney:
        """Gives one call."""
        return CallJourney.model_validate_json(await self._get(f"/api/v1/calls/{call_id}", {}))

    async def ended_call(self, call_id: str) -> CallJourney:
        """Waits until the log has a call's end, and from queue_log the end of its stays in queues; gives the call."""

        async def look() -> CallJourney | None:
            calls = [call for call in await self.calls() if call.call_id == call_id]
            return calls[0] if calls else None

        found = await until(f"the call log has the end of {call_id}", look, _is_whole, deadline_s=EVIDENCE_S)
        assert found is not None
        return found

    async def unready_reasons(self) -> str:
        """Gives what /readyz says is wrong; empty when the whole line works."""
        answer = await self._client.get("/readyz")
        return "" if answer.status_code == httpx.codes.OK else answer.text

    # --- what the api is asked to do

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Sends the api a request with the console's token."""
        return await self._client.request(method, path, json=body)

    async def _get(self, path: str, query: dict[str, str | None]) -> bytes:
        given = {name: value for name, value in query.items() if value is not None}
        answer = await self._client.get(path, params=given)
        assert answer.status_code == httpx.codes.OK, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.content


def _is_whole(call: CallJourney | None) -> bool:
    """Tells whether all of a call has come in: CEL and queue_log are shipped apart."""
    if call is None or call.ended_at is None:
        return False
    expected = sum(event.event == "APP_START" for event in call.timeline)
    unfinished = (VisitEnding.WAITING, VisitEnding.TALKING, VisitEnding.LOST)
    ended = [visit for visit in call.queue_visits if visit.ending not in unfinished]
    return len(ended) == len(call.queue_visits) >= expected


def _site() -> SiteSettings:
    sip, ami, agi, api, metrics = free_ports(5)
    rtp = free_ports(200)
    return SiteSettings(
        node=f"live{sip}",
        sip_port=sip,
        ami_port=ami,
        agi_port=agi,
        api_port=api,
        ivr_metrics_port=metrics,
        rtp_port_start=rtp[0],
        rtp_port_end=rtp[-1] + 1,
        test_clock=True,
    )


def _say(_text: str) -> None:
    """Nobody listens: pytest shows the logs of a line that did not start."""


def prepare(folder: Path, plan: Plan, trunks: Sequence[Trunk] = (), *, has_tls: bool = False) -> PreparedLine:
    """Makes an instance in `folder` for `plan`, with short tones for prompts; `trunks` join the self-test trunk."""
    paths = InstancePaths(folder)
    make_instance(paths, test_clock=True)
    binary = find_asterisk(_say)
    secrets = ensure_secrets(paths.secrets_file, plan.operators)
    site = _site()
    tls = TlsSettings(port=free_ports(1)[0]) if has_tls else None
    site = site.model_copy(update={"trunks": (*site.trunks, *trunks), "tls": tls})
    ensure_certificate(paths, site)
    install.install(render(plan, site, secrets, paths, binary), paths)
    install.install_agi(paths)
    write_binary(paths.binary_file, binary)
    write_site(paths.site_file, site)
    write_prompts(paths, plan)
    state_files.write_snapshot(paths.state, plan)
    state_files.write_current(paths.state, plan.version)
    postgres.prepare(paths.database)
    return PreparedLine(paths=paths, site=site, secrets=secrets, plan=plan, binary=binary, external_database=None)


def _remove_mount_point(folder: Path) -> None:
    """Removes the empty folder that stood for the instance in Asterisk's root folder, if there is one."""
    root = find_asterisk(_say).root
    if root is not None:
        with contextlib.suppress(FileNotFoundError):
            (root / folder.relative_to("/")).rmdir()


@asynccontextmanager
async def running_line(plan: Plan, trunks: Sequence[Trunk] = (), *, has_tls: bool = False) -> AsyncIterator[Line]:
    """Runs a line for `plan` while the block lasts; leaves no process and no folder."""
    # Why /tmp: the control socket's path is limited, and pytest's own folders have long names.
    folder = Path(tempfile.mkdtemp(prefix="hl-", dir="/tmp"))
    try:
        prepared = prepare(folder, plan, trunks, has_tls=has_tls)
        notes: list[str] = []
        supervisor = Supervisor(prepared.paths.logs, notes.append, lambda: None)
        token = prepared.secrets.token_console.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=prepared.api_url, headers=headers, trust_env=False) as client:
            line = Line(prepared, supervisor, client)
            line.notes = notes
            try:
                await start_line(prepared, supervisor, notes.append)
                yield line
            finally:
                await line.end_callers()
                await supervisor.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _remove_mount_point(folder)


def quick(plan: Plan) -> Plan:
    """Gives the plan with the timings of a test: a second of silence, five of ringing, no pause between calls."""
    menus = {name: replace(menu, timeout_s=1) for name, menu in plan.menus.items()}
    queues = {name: replace(queue, wrapuptime_s=0, retry_s=1, ring_s=5) for name, queue in plan.queues.items()}
    return replace(plan, menus=menus, queues=queues)
