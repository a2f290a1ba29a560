"""Puts the api together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

import api.calls.endpoints
import api.evidence.endpoints
import api.health.endpoints
import api.nodes.endpoints
from api.kit.answers import add_error_answers
from api.kit.auth import rules_of
from api.kit.database import open_database
from api.kit.numbers import vault_of
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import read_secrets

DESCRIPTION = (
    "The call log of the free legal aid line: evidence in, calls and health out. "
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

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    app = FastAPI(title="Legal aid hotline", version="1", description=DESCRIPTION, lifespan=lifespan)
    app.state.settings = settings
    app.state.database = database
    app.state.vault = vault_of(secrets)
    app.state.token_rules = rules_of(secrets)
    add_error_answers(app)
    for feature in (api.evidence, api.calls, api.nodes, api.health):
        app.include_router(feature.endpoints.router)
    return app
