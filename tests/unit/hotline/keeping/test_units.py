"""Units, users, folders and log rotation: as whole files, and as systemd reads them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_conf.binary import AsteriskBinary, AsteriskVersion, write_binary
from asterisk_conf.instance import InstancePaths
from hotline.cli import NOT_DONE, run
from hotline.keeping.service import PARTS, main
from hotline.keeping.units import Installation, all_names, files
from ivr.journal.evidence_log import PACKED_SUFFIXES

GOLDEN = Path(__file__).parent / "golden"
INSTANCE = InstancePaths(Path("/var/lib/legalaid-hotline/default"))
ROOT_FOLDER = Path("/var/cache/legalaid-hotline/asterisk-root")


def binary(root: Path | None, executable: Path = Path("/usr/sbin/asterisk")) -> AsteriskBinary:
    return AsteriskBinary(
        root=root,
        version=AsteriskVersion(22, 10, 1),
        executable=executable,
        modules_dir=Path("/usr/lib/x86_64-linux-gnu/asterisk/modules"),
        data_dir=Path("/usr/share/asterisk"),
        python=Path("/usr/bin/python3"),
    )


def installation(root: Path | None = None, *, has_embedded_database: bool = True) -> Installation:
    return Installation(
        paths=INSTANCE,
        python=Path("/opt/legalaid-hotline/bin/python"),
        binary=binary(root),
        has_embedded_database=has_embedded_database,
    )


@pytest.mark.parametrize(("folder", "root"), [("own", None), ("root-folder", ROOT_FOLDER)])
def test_the_files_are_these(folder: str, root: Path | None) -> None:
    made = {path.name: text for path, text in files(installation(root)).items()}
    kept = {path.name: path.read_text("utf-8") for path in (GOLDEN / folder).iterdir()}
    assert made == kept


def test_a_database_elsewhere_has_no_unit_and_nobody_waits_for_it() -> None:
    made = files(installation(has_embedded_database=False))
    assert not any("postgres" in text for text in made.values())


def test_no_process_is_root_and_none_may_write_outside_the_instance() -> None:
    for path, text in files(installation(ROOT_FOLDER)).items():
        if path.suffix == ".service":
            rows = text.splitlines()
            assert {"User=hotline", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="} <= set(
                rows
            )
            written = [row.partition("=")[2].lstrip("-+") for row in rows if row.startswith("ReadWritePaths=")]
            assert all(Path(each).is_relative_to(INSTANCE.root) for each in written)


def test_the_journal_can_follow_what_logrotate_leaves() -> None:
    (text,) = (text for path, text in files(installation()).items() if path.parent.name == "logrotate.d")
    rules = {line.strip() for line in text.splitlines()}
    assert "nocompress" in rules
    assert not rules & {"compress", "copytruncate", "delaycompress", "shred"}
    assert not any(rule.startswith("olddir") for rule in rules)
    assert ".1" not in PACKED_SUFFIXES


def test_systemd_finds_nothing_to_complain_of(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    made = files(
        Installation(
            paths=INSTANCE,
            python=Path(sys.executable),
            binary=binary(None, Path("/bin/true")),
            has_embedded_database=True,
        )
    )
    units = [tmp_path / path.name for path in made if path.suffix in {".service", ".target"}]
    for path, text in made.items():
        (tmp_path / path.name).write_text(text, "utf-8")
    done = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, units)], capture_output=True, text=True, check=False
    )
    about_ours = [row for row in done.stderr.splitlines() if "legalaid-hotline" in row]
    assert (done.returncode, about_ours) == (0, [])


def test_install_writes_below_a_root_and_uninstall_leaves_the_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths, root = InstancePaths(tmp_path / "line"), tmp_path / "package"
    paths.asterisk.mkdir(parents=True)
    write_binary(paths.binary_file, binary(None))
    options = ["--root", str(root)]
    assert run(["install", "--systemd", *options, "--instance", str(paths.root)]) == 0
    assert "systemctl enable --now legalaid-hotline.target" in capsys.readouterr().out
    written = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    assert written == {path.relative_to("/") for path in all_names()}
    assert run(["uninstall", *options]) == 0
    assert not [path for path in root.rglob("*") if path.is_file()]
    assert paths.binary_file.exists()


@pytest.mark.skipif(
    not sys.executable.startswith(("/tmp", "/root", "/home")), reason="runs from a folder of the system"
)
def test_an_interpreter_that_services_cannot_see_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["install", "--systemd", "--instance", str(tmp_path)]) == NOT_DONE
    assert "services cannot look into" in " ".join(capsys.readouterr().err.split())


def test_every_unit_of_ours_runs_a_part_that_exists() -> None:
    texts = "\n".join(files(installation()).values())
    named = {line.split("hotline.keeping.service ")[1].split()[0] for line in texts.splitlines() if ".service " in line}
    assert named == set(PARTS)


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["api", "ivr"]])
def test_a_wrong_part_is_told_how_to_be_written(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments, {"HOTLINE_INSTANCE": "/nowhere"}) == NOT_DONE
    assert "usage: HOTLINE_INSTANCE=" in capsys.readouterr().err
