import sys
from pathlib import Path

import pytest

from asterisk_conf.instance import InstancePaths
from hotline import container
from hotline.container import NOT_DONE, main
from hotline.postgres import PostgresError


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["api", "more"]])
def test_an_unknown_part_is_told_what_there_is(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments, {"HOTLINE_INSTANCE": "/srv"}) == NOT_DONE
    assert "postgres|api" in capsys.readouterr().err


@pytest.mark.parametrize("environment", [{}, {"HOTLINE_INSTANCE": "relative/folder"}])
def test_the_instance_must_be_an_absolute_folder(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["api"], environment) == NOT_DONE
    assert "HOTLINE_INSTANCE=/absolute/folder" in capsys.readouterr().err


def test_a_server_that_cannot_run_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_paths: InstancePaths) -> None:
        raise PostgresError("no room in /srv/db")

    monkeypatch.setattr(container, "PARTS", {"postgres": refuse})
    assert main(["postgres"], {"HOTLINE_INSTANCE": "/srv"}) == NOT_DONE
    assert capsys.readouterr().err == "no room in /srv/db\n"


def test_the_api_gets_database_and_secrets_of_the_instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    became: dict[str, object] = {}

    async def prepared(_data: Path, url: str) -> None:
        became["url"] = url

    def become(argv: tuple[str, ...], environment: dict[str, str]) -> None:
        became.update(argv=argv, **environment)

    monkeypatch.setattr(container, "_prepare_database", prepared)
    monkeypatch.setattr(container, "_become", become)
    main(["api"], {"HOTLINE_INSTANCE": str(tmp_path)})
    assert became["argv"] == (sys.executable, "-m", "api")
    assert (
        became["HOTLINE_API_DATABASE_URL"]
        == became["url"]
        == f"postgresql+asyncpg://postgres@/hotline?host={tmp_path}/db"
    )
    assert became["HOTLINE_API_SECRETS_FILE"] == f"{tmp_path}/secrets.json"
