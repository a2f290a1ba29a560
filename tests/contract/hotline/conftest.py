import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from asterisk_conf.site import write_site
from tests.contract.hotline.line_of_api import ApiLine, PlayedNode, running_api
from tests.postgres import PostgresServer, database_url, postgres_server
from tests.unit.routing.plans import LEGAL_AID

__all__ = ["database_url", "postgres_server"]

Output = Callable[[], str]
SumyUntil = Callable[[str], Path]


@pytest.fixture(scope="module")
def running_line(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, database_url: str
) -> Iterator[ApiLine]:
    with running_api(tmp_path_factory.mktemp("instance"), database_url) as line:
        yield line


@pytest.fixture
def line(running_line: ApiLine, postgres_server: PostgresServer, database_url: str) -> ApiLine:
    """The api of a database in which nothing has been published, and its instance folder."""
    database = make_url(database_url).database
    assert database is not None
    postgres_server.execute("TRUNCATE plan_publications, plan_versions, overrides, nodes", database)
    write_site(running_line.paths.site_file, running_line.site)
    return running_line


@pytest.fixture
def node(line: ApiLine) -> Iterator[PlayedNode]:
    with PlayedNode(line) as node:
        yield node


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    """What the command printed, results and what goes on, as one line."""

    def read() -> str:
        captured = capsys.readouterr()
        return " ".join((captured.out + captured.err).split())

    return read


@pytest.fixture
def sumy_until(tmp_path: Path) -> SumyUntil:
    """Makes a folder with the shipped plan, but for the hour at which Sumy closes."""

    def make(hour: str) -> Path:
        folder = tmp_path / f"until-{hour[:2]}"
        shutil.copytree(LEGAL_AID, folder)
        offices = folder / "offices.yaml"
        text = offices.read_text("utf-8")
        assert text.count("\n    mon-fri: 08:00-18:00") == 1
        offices.write_text(text.replace("\n    mon-fri: 08:00-18:00", f"\n    mon-fri: 08:00-{hour}"), "utf-8")
        return folder

    return make
