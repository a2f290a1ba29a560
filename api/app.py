"""Puts the api together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI

import api.calls.endpoints
import api.evidence.endpoints
import api.health.endpoints
import api.nodes.endpoints
import api.overrides.endpoints
import api.plans.endpoints
from api.kit.answers import add_error_answers
from api.kit.auth import rules_of
from api.kit.database import open_database
from api.kit.numbers import vault_of
from api.nodes.watch import DesiredWatch
from api.settings import ApiSettings
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

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(watch.run(), name="desired-watch")
        yield
        watch.stop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await database.close()

    app = FastAPI(title="Legal aid hotline", version="1", description=DESCRIPTION, lifespan=lifespan)
    app.state.settings = settings
    app.state.database = database
    app.state.watch = watch
    app.state.vault = vault_of(secrets)
    app.state.token_rules = rules_of(secrets)
    add_error_answers(app)
    for feature in (api.evidence, api.calls, api.plans, api.overrides, api.nodes, api.health):
        app.include_router(feature.endpoints.router)
    return app
