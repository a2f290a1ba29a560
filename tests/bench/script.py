"""What a start of the fallback script costs, beside a start of Python that does nothing."""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from asterisk_conf import state_files
from asterisk_conf.install import DECIDE, install_agi, make_folders
from asterisk_conf.instance import InstancePaths
from asterisk_conf.names import AgiRoute
from routing.plan_files import read_plan
from tests.bench.figures import ROOT, Figure
from tests.contract.ivr.fake_asterisk import facts_payload

STARTS = 40
LIMIT_MS = 60.0
REPLIES = b"agi_network: no\n\n" + b"200 result=1\n" * 40


def measure() -> Iterator[Figure]:
    """Measures the script as `hotline up` installs it, with the shipped plan."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        command = _installed(InstancePaths(Path(folder)))
        _warm(command)
        ours_ms, bare_ms = _cpu_ms(command), _cpu_ms([sys.executable, "-S", "-c", "pass"])
    yield Figure(
        subject="CPU of one run of the fallback script",
        measured=f"{ours_ms:.0f} ms",
        beside=f"python3 -S -c pass: {bare_ms:.0f} ms",
        ratio=ours_ms / bare_ms,
        goal="-",
    )
    yield Figure(
        subject="the same, beside its limit",
        measured=f"{ours_ms:.0f} ms",
        beside=f"limit {LIMIT_MS:g} ms",
        ratio=ours_ms / LIMIT_MS,
        goal="≤ 1",
    )


def _installed(paths: InstancePaths) -> list[str]:
    """Installs script and plan; gives the command by which Asterisk would start it."""
    make_folders(paths)
    install_agi(paths)
    plan = read_plan(ROOT / "routing" / "plans" / "legal_aid")
    state_files.write_snapshot(paths.state, plan)
    state_files.write_current(paths.state, plan.version)
    facts = facts_payload(AgiRoute.ENTRY, plan=plan.version, service="consultation")
    return [sys.executable, "-IS", str(paths.agi / DECIDE), AgiRoute.ENTRY, facts, str(paths.state), "real-clock"]


def _warm(command: Sequence[str]) -> None:
    """Runs it once, so that its modules are compiled, and looks that it decides.

    Raises:
        RuntimeError: It did not.
    """
    done = subprocess.run(command, input=REPLIES, capture_output=True, check=False)
    if b"HOTLINE_OUTCOME" not in done.stdout:
        raise RuntimeError(f"the script did not decide at {datetime.now(UTC)}: {done.stderr.decode()}")


def _cpu_ms(command: Sequence[str]) -> float:
    before = _children_s()
    for _ in range(STARTS):
        subprocess.run(command, input=REPLIES, stdout=subprocess.DEVNULL, check=True)
    return (_children_s() - before) / STARTS * 1000


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
