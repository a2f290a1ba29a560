"""Finding Asterisk, and making its root folder once: with a debootstrap that only pretends."""

import json
import os
import threading
from pathlib import Path

import pytest

from asterisk_conf import binary, root_folder
from asterisk_conf.binary import AsteriskError, AsteriskVersion, describe, is_usable, parse_version
from asterisk_conf.root_folder import MARKER, PACKAGES, default_folder, ensure_root_folder, find_mirror

APT = """#!/bin/sh
echo 'http://mirror.invalid/debian-security/ stable-security'
echo 'http://mirror.invalid/debian/ stable-updates'
echo 'http://mirror.invalid/debian/ stable'
"""
UNSHARE = """#!/bin/sh
while [ "${1#--}" != "$1" ] || [ "$1" = private ]; do shift; done
exec "$@"
"""
CHROOT = """#!/bin/sh
root=$1; shift
exe=$1; shift
exec "$root$exe" "$@"
"""
DEBOOTSTRAP = """#!/bin/sh
echo "$@" >>"$CALLS"
root=$4
mkdir -p "$root/usr/sbin" "$root/usr/bin" "$root/usr/share/asterisk/documentation"
mkdir -p "$root/usr/lib/x86_64-linux-gnu/asterisk/modules"
echo 'I: Retrieving InRelease'
[ -n "$FAILS" ] && { echo 'E: no network'; exit 1; }
touch "$root/usr/share/asterisk/documentation/core-en_US.xml" "$root/usr/bin/python3"
touch "$root/usr/lib/x86_64-linux-gnu/asterisk/modules/chan_pjsip.so"
printf '#!/bin/sh\\necho "Asterisk %s"\\n' "$VERSION" >"$root/usr/sbin/asterisk"
chmod +x "$root/usr/sbin/asterisk"
echo 'I: Base system installed successfully.'
"""


class Bench:
    """A machine whose tools only pretend."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "cache" / "asterisk-root"
        self.partial = folder / "cache" / "asterisk-root.partial"
        self.said: list[str] = []
        self._tools = folder / "tools"
        self._calls = folder / "calls"
        self._tools.mkdir()
        for name, text in {"apt-get": APT, "unshare": UNSHARE, "chroot": CHROOT, "debootstrap": DEBOOTSTRAP}.items():
            self.tool(name, text)
        monkeypatch.setenv("PATH", f"{self._tools}:/usr/bin:/bin")
        monkeypatch.setenv("CALLS", str(self._calls))
        monkeypatch.setenv("VERSION", "22.10.1~dfsg")
        monkeypatch.setenv("FAILS", "")
        monkeypatch.setattr(os, "geteuid", lambda: 0)

    def tool(self, name: str, text: str) -> None:
        path = self._tools / name
        path.write_text(text)
        path.chmod(0o755)

    @property
    def runs(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []

    def ensure(self) -> binary.AsteriskBinary:
        return ensure_root_folder(self.root, self.said.append)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def test_a_missing_folder_is_made_from_the_mirror_that_apt_uses(bench: Bench) -> None:
    found = bench.ensure()
    assert found.root == bench.root
    assert found.version == (22, 10, 1)
    assert found.modules_dir == Path("/usr/lib/x86_64-linux-gnu/asterisk/modules")
    assert bench.runs == [
        f"--variant=minbase --include={','.join(PACKAGES)} sid {bench.partial} http://mirror.invalid/debian/"
    ]
    assert "I: Retrieving InRelease" in bench.said
    assert not bench.partial.exists()


def test_a_whole_folder_is_used_again(bench: Bench) -> None:
    bench.ensure()
    bench.ensure()
    assert len(bench.runs) == 1


def test_a_half_made_folder_is_noticed_removed_and_made_again(bench: Bench) -> None:
    bench.partial.mkdir(parents=True)
    (bench.partial / "half").touch()
    bench.root.mkdir()
    (bench.root / "no-marker").touch()
    bench.ensure()
    assert len(bench.runs) == 1
    assert not (bench.root / "no-marker").exists()
    assert not (bench.root / "half").exists()
    assert sum("not whole" in line for line in bench.said) == 2


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "[]",
        "{}",
        json.dumps({"version": [22, 8, 0], "packages": list(PACKAGES)}),
        json.dumps({"version": [23, 0, 0], "packages": list(PACKAGES)}),
        json.dumps({"version": [22, 10, 1], "packages": ["asterisk"]}),
        json.dumps({"version": "22", "packages": list(PACKAGES)}),
    ],
)
def test_a_folder_of_another_recipe_is_made_again(bench: Bench, marker: str) -> None:
    bench.ensure()
    (bench.root / MARKER).write_text(marker)
    bench.ensure()
    assert len(bench.runs) == 2


def test_a_folder_whose_asterisk_was_deleted_is_made_again(bench: Bench) -> None:
    bench.ensure()
    (bench.root / "usr/sbin/asterisk").unlink()
    bench.ensure()
    assert len(bench.runs) == 2


@pytest.mark.parametrize("version", ["22.8.9", "23.0.0", "21.12.0", "unknown"])
def test_a_version_that_the_line_does_not_run_on_is_refused_and_leaves_no_folder(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("VERSION", version)
    with pytest.raises(AsteriskError, match=r"needs 22\.9 or newer, below 23"):
        bench.ensure()
    assert not bench.root.exists()


def test_a_failed_debootstrap_is_told_with_its_own_words_and_the_next_try_succeeds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILS", "yes")
    with pytest.raises(AsteriskError, match="E: no network"):
        bench.ensure()
    assert not bench.root.exists()
    monkeypatch.setenv("FAILS", "")
    assert bench.ensure().root == bench.root


def test_a_missing_tool_is_told_with_the_command_that_brings_it(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tools" / "debootstrap").unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    with pytest.raises(AsteriskError, match=r"apt-get install debootstrap$"):
        bench.ensure()


def test_too_small_a_disk_is_told_before_anything_is_made(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root_folder, "NEEDED_BYTES", 10**18)
    with pytest.raises(AsteriskError, match="XDG_CACHE_HOME"):
        bench.ensure()
    assert bench.runs == []


def test_who_is_not_root_is_told_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(AsteriskError, match="run with sudo"):
        bench.ensure()


@pytest.mark.parametrize(
    "answer", ["", "http://mirror.invalid/ubuntu/ noble", "http://mirror.invalid/debian/ x-updates"]
)
def test_without_a_debian_mirror_there_is_a_clear_error(bench: Bench, answer: str) -> None:
    bench.tool("apt-get", f"#!/bin/sh\necho '{answer}'\n")
    with pytest.raises(AsteriskError, match=r"sources\.list"):
        find_mirror()


def test_an_apt_that_fails_is_told(bench: Bench) -> None:
    bench.tool("apt-get", "#!/bin/sh\nexit 100\n")
    with pytest.raises(AsteriskError, match="apt-get update"):
        find_mirror()


def test_two_processes_make_one_folder(bench: Bench) -> None:
    found: list[binary.AsteriskBinary] = []
    threads = [threading.Thread(target=lambda: found.append(bench.ensure())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [one.root for one in found] == [bench.root, bench.root]
    assert len(bench.runs) == 1


def test_the_cache_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "legalaid-hotline" / "asterisk-root"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".cache" / "legalaid-hotline" / "asterisk-root"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17-1\n", (22, 10, 1)),
        ("Asterisk 22.9.0", (22, 9, 0)),
        ("Asterisk certified/20.7-cert1", None),
        ("", None),
    ],
)
def test_a_version_is_read_from_what_asterisk_says(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("version", "expected"),
    [((22, 8, 99), False), ((22, 9, 0), True), ((22, 10, 1), True), ((22, 99, 0), True), ((23, 0, 0), False)],
)
def test_the_line_runs_on_22_9_and_later_below_23(version: tuple[int, int, int], expected: bool) -> None:
    assert is_usable(AsteriskVersion(*version)) is expected


def test_an_asterisk_without_its_modules_is_refused(bench: Bench) -> None:
    bench.ensure()
    (bench.root / "usr/lib/x86_64-linux-gnu/asterisk/modules/chan_pjsip.so").unlink()
    with pytest.raises(AsteriskError, match="reinstall asterisk"):
        describe(root=bench.root, executable=Path("/usr/sbin/asterisk"), version=AsteriskVersion(22, 10, 1))


def test_an_old_asterisk_of_the_machine_is_passed_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.tool("asterisk", "#!/bin/sh\necho 'Asterisk 20.1.0'\n")
    assert binary.find_system_asterisk() is None
    assert root_folder.find_asterisk(bench.said.append, bench.root).root == bench.root
