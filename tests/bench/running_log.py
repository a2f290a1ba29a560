"""A call log for measurements: an embedded PostgreSQL with its production settings, the api in this process."""

import asyncio
import gc
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.kit.heap import settle_heap
from api.settings import ApiSettings
from asterisk_conf.instance_secrets import InstanceSecrets, ensure_secrets
from hotline import postgres
from migrations.run import upgrade
from tests.bench.figures import Figure

READY_S = 60.0
DEADLINE_S = 600


@dataclass(frozen=True, slots=True)
class RunningLog:
    """The api, and the tokens of its instance."""

    app: FastAPI
    secrets: InstanceSecrets

    @asynccontextmanager
    async def client(self, token: str) -> AsyncIterator[httpx.AsyncClient]:
        """Gives a client that speaks with the api in this process."""
        transport = httpx.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers) as client:
            yield client

    @property
    def node(self) -> str:
        """The token that may send evidence."""
        return self.secrets.token_node.get_secret_value()

    @property
    def console(self) -> str:
        """The token that may read and publish."""
        return self.secrets.token_console.get_secret_value()

    async def calls(self) -> int:
        """Gives how many calls there are."""
        async with self.app.state.database.snapshot() as connection:
            return int((await connection.execute(text("SELECT count(*) FROM calls"))).scalar_one())

    async def vacuum(self) -> None:
        """Does what autovacuum does within minutes of a load."""
        async with self.app.state.database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await alone.exec_driver_sql("VACUUM ANALYZE")


def measured(measure: Callable[[RunningLog], Awaitable[list[Figure]]]) -> list[Figure]:
    """Runs a measurement on an empty log, which is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
    data = folder / "db"
    postgres.prepare(data)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(postgres.argv(data), stdout=log, stderr=log)
    try:
        return asyncio.run(_measured(measure, data, folder))
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=READY_S)
        shutil.rmtree(folder)


async def _measured(measure: Callable[[RunningLog], Awaitable[list[Figure]]], data: Path, folder: Path) -> list[Figure]:
    async with asyncio.timeout(READY_S):
        await postgres.wait_ready(data)
    await postgres.create_database(data, "bench")
    url = postgres.database_url(data, "bench")
    await asyncio.to_thread(upgrade, url)
    secrets_file = folder / "secrets.json"
    secrets = ensure_secrets(secrets_file, [])
    values = {"database_url": url, "secrets_file": secrets_file, "database_deadline_s": DEADLINE_S}
    app = create_app(ApiSettings.model_validate(values))
    settle_heap()
    try:
        async with app.router.lifespan_context(app):
            return await measure(RunningLog(app, secrets))
    finally:
        gc.unfreeze()
