"""A line of which only the api is real: the api's own process on a real PostgreSQL, and a node that a test plays."""

import hashlib
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from asterisk_conf.instance import InstancePaths
from asterisk_conf.instance_secrets import InstanceSecrets, ensure_secrets
from asterisk_conf.site import SiteSettings, write_site
from tests.contract.api.test_process import free_port, running

REPORT_EVERY_S = 0.05
NODE = "node1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiLine:
    """An instance folder whose api runs."""

    paths: InstancePaths
    site: SiteSettings
    secrets: InstanceSecrets
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.site.api_port}"

    def client(self, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


@contextmanager
def running_api(folder: Path, database_url: str) -> Iterator[ApiLine]:
    paths = InstancePaths(folder)
    site = SiteSettings(node=NODE, api_port=free_port())
    paths.root.mkdir(parents=True, exist_ok=True)
    write_site(paths.site_file, site)
    secrets = ensure_secrets(paths.secrets_file, [])
    with running(site.api_port, database_url, paths.secrets_file) as process:
        yield ApiLine(paths=paths, site=site, secrets=secrets, process=process)


@contextmanager
def api_again(line: ApiLine, database_url: str) -> Iterator[None]:
    """Runs the api of a line whose api was ended, on the same port."""
    with running(line.site.api_port, database_url, line.paths.secrets_file):
        yield


class PlayedNode:
    """Reports as a node does that takes what is published at once, or `refuses` it; `is_deaf` to overrides."""

    def __init__(self, line: ApiLine) -> None:
        self.refuses: str | None = None
        self.is_deaf = False
        self.version: str | None = None
        self._revision = "none"
        self._client = line.client(line.secrets.token_node.get_secret_value())
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=NODE)

    def __enter__(self) -> Self:
        self._report()
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._client.close()

    def _run(self) -> None:
        while not self._stop.wait(REPORT_EVERY_S):
            self._report()

    def _report(self) -> None:
        current = self._client.get("/api/v1/plans/current")
        wanted = current.json()["version"] if current.is_success else None
        problem = self.refuses if wanted != self.version else None
        if problem is None:
            self.version = wanted
        if not self.is_deaf:
            overrides = self._client.get("/api/v1/overrides", params={"active": "true"}).content
            self._revision = hashlib.sha256(overrides).hexdigest()[:16]
        report = {
            "boot_id": "b1",
            "ami": "up",
            "journal": {"lag_bytes": 0, "last_ack_at": None, "problem": None},
            "plan_version": self.version,
            "plan_problem": problem,
            "overrides_revision": self._revision,
            "sessions": 0,
            "at": datetime.now(UTC).isoformat(),
        }
        self._client.put(f"/api/v1/nodes/{NODE}/live", json=report).raise_for_status()
