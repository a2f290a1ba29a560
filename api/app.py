"""Puts the api together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

import api.audit.endpoints
import api.calls.endpoints
import api.centres.endpoints
import api.commands.endpoints
import api.detention.endpoints
import api.evidence.endpoints
import api.health.endpoints
import api.ledger.endpoints
import api.live.endpoints
import api.metrics.endpoints
import api.nodes.endpoints
import api.operators.endpoints
import api.overrides.endpoints
import api.plans.endpoints
import api.privacy.endpoints
import api.queues.endpoints
import api.recordings.endpoints
import api.reports.endpoints
import api.sessions.endpoints
import api.tokens.endpoints
import api.topics.endpoints
import api.users.endpoints
from api.audit.chain import chain_key
from api.audit.refusals import RefusalBook
from api.audit.trail import SYSTEM, AuditTrail
from api.kit.answers import add_error_answers
from api.kit.auth import rules_of
from api.kit.database import Database, open_database
from api.kit.numbers import vault_of
from api.ledger.upkeep import Upkeep
from api.limits.door import Door
from api.live.watch import LiveWatch
from api.metrics.http_times import HttpTimes, HttpTimesMiddleware
from api.nodes.watch import DesiredWatch
from api.privacy.retention import Retention
from api.reports.keeper import FiguresKeeper
from api.sessions.principals import StoredPrincipals
from api.sessions.service import LoginDesk
from api.settings import ApiSettings
from api.users.passwords import Passwords
from asterisk_conf.instance_secrets import read_secrets

DESCRIPTION = (
    "The free legal aid line: evidence in, calls and health out; plans and overrides for its nodes. "
    "Times are UTC; errors have a stable `error_id`."
)


def create_app(settings: ApiSettings) -> FastAPI:
    """Gives the api; it connects to the database at the first request that needs it.

    Raises:
        asterisk_conf.instance_secrets.SecretsError: The secrets file cannot be used.
        ValueError: A key in it does not fit.
    """
    secrets = read_secrets(settings.secrets_file)
    database = open_database(settings)

    watch = DesiredWatch(database, settings)
    live = LiveWatch(database, settings)
    keeper = FiguresKeeper(database, settings.figures_refresh_s)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(watch.run(), name="desired-watch")
        board = asyncio.create_task(live.run(), name="live-watch")
        figures = asyncio.create_task(keeper.run(), name="figures-keeper")
        upkeep = asyncio.create_task(app.state.upkeep.run(), name="upkeep")
        nightly = asyncio.create_task(app.state.retention.run_nightly(), name="retention")
        yield
        watch.stop()
        live.stop()
        for running in (board, nightly, task, figures, upkeep):
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
        await database.close()

    app = FastAPI(title="Legal aid hotline", version="1", description=DESCRIPTION, lifespan=lifespan)
    app.state.settings = settings
    app.state.database = database
    app.state.watch = watch
    app.state.live = live
    app.state.vault = vault_of(secrets)
    app.state.upkeep = Upkeep(database, settings, lambda: app.state.vault)
    _add_people(app, settings, database)
    app.state.token_rules = rules_of(secrets)
    app.state.http_times = HttpTimes()
    app.add_middleware(HttpTimesMiddleware, times=app.state.http_times)
    add_error_answers(app)
    for people in (api.sessions, api.users, api.tokens, api.audit, api.privacy):
        app.include_router(people.endpoints.router)
    for desk in (api.topics, api.detention, api.operators, api.queues, api.centres, api.recordings, api.live):
        app.include_router(desk.endpoints.router)
    for feature in (api.evidence, api.calls, api.plans, api.overrides, api.ledger, api.health, api.reports):
        app.include_router(feature.endpoints.router)
    for node in (api.nodes, api.commands, api.metrics):
        app.include_router(node.endpoints.router)
    return app


def _add_people(app: FastAPI, settings: ApiSettings, database: Database) -> None:
    """Puts in the app's state what tells who asks, and what tells who did what."""
    passwords = Passwords()
    audit = AuditTrail(key=chain_key(app.state.vault.pseudonym_key), principal=SYSTEM)
    app.state.door = Door(settings)
    app.state.refusals = RefusalBook(database=database, audit=audit)
    app.state.passwords = passwords
    app.state.audit = audit
    app.state.principals = StoredPrincipals(database)
    app.state.retention = Retention(database=database, settings=settings, audit=audit)
    app.state.logins = LoginDesk(database=database, settings=settings, passwords=passwords, audit=audit)
