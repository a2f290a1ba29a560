"""Looks at a machine and the line on it. Changes nothing, starts nothing but questions."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from asterisk_conf.binary import find_system_asterisk
from asterisk_conf.debian_tools import PACKAGES, missing_tools
from asterisk_conf.instance import InstancePaths
from asterisk_conf.root_folder import default_folder
from asterisk_conf.site import SiteError, SiteSettings, read_site
from hotline.line import SHIPPED_PLAN
from hotline.lock import read_running
from hotline.ports import LOOPBACK, is_free, needed_ports, owner_of
from hotline.readiness import QUESTION_S
from ivr.agi.health_client import UnhealthyError, ask_health
from routing.plan_files import PlanError, read_plan

LOW_SPACE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    subject: str
    is_well: bool
    text: str
    mend: str = ""
    """What to do; empty: nothing."""


def examine(paths: InstancePaths) -> tuple[Finding, ...]:
    """Gives all findings: the machine first, then the line."""
    checks: tuple[Callable[[InstancePaths], Iterator[Finding]], ...] = (
        _python, _tools, _asterisk, _space, _plan, _site, _line,
    )  # fmt: skip
    return tuple(finding for check in checks for finding in check(paths))


def _python(_paths: InstancePaths) -> Iterator[Finding]:
    yield Finding(subject="Python", is_well=True, text=f"{sys.version.split()[0]} in {sys.prefix}")


def _tools(_paths: InstancePaths) -> Iterator[Finding]:
    missing = missing_tools()
    if not missing:
        yield Finding(subject="programs", is_well=True, text=", ".join(PACKAGES))
    for name in missing:
        mend = f"apt-get install {PACKAGES[name]}"
        yield Finding(subject="programs", is_well=False, text=f"{name} is not installed", mend=mend)


def _asterisk(_paths: InstancePaths) -> Iterator[Finding]:
    system, folder = find_system_asterisk(), default_folder()
    if system is not None:
        yield Finding(subject="Asterisk", is_well=True, text=f"{system.version}, installed on this machine")
    elif folder.exists():
        yield _root_folder_finding(folder)
    else:
        yield Finding(
            subject="Asterisk",
            is_well=os.geteuid() == 0,
            text="none yet; `hotline up` makes a Debian root folder with Asterisk 22",
            mend="" if os.geteuid() == 0 else "run `hotline up` as root: the root folder needs it",
        )


def _root_folder_finding(folder: Path) -> Finding:
    is_root = os.geteuid() == 0
    mend = "" if is_root else "run `hotline up` with sudo: a root folder needs it"
    return Finding(subject="Asterisk", is_well=is_root, text=f"root folder {folder}", mend=mend)


def _space(paths: InstancePaths) -> Iterator[Finding]:
    folder = next(each for each in (paths.root, *paths.root.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    yield Finding(
        subject="disk",
        is_well=free >= LOW_SPACE_BYTES,
        text=f"{free / 1e9:.1f} GB free for {paths.root}",
        mend="" if free >= LOW_SPACE_BYTES else "make room: a full disk loses evidence of calls without a word",
    )


def _plan(_paths: InstancePaths) -> Iterator[Finding]:
    try:
        plan = read_plan(SHIPPED_PLAN)
    except PlanError as error:
        text = f"{len(error.problems)} problems in {SHIPPED_PLAN}"
        yield Finding(subject="plan", is_well=False, text=text, mend="hotline check")
    else:
        yield Finding(subject="plan", is_well=True, text=f"the shipped plan is valid ({plan.version})")


def _site(paths: InstancePaths) -> Iterator[Finding]:
    if not paths.site_file.exists():
        text = f"no instance in {paths.root} yet"
        yield Finding(subject="site", is_well=True, text=text, mend="hotline up --demo makes one and shows the line")
        return
    try:
        site = read_site(paths.site_file)
    except SiteError as error:
        yield Finding(subject="site", is_well=False, text=str(error), mend=f"mend {paths.site_file}")
    else:
        yield Finding(subject="site", is_well=True, text=f"node {site.node}, SIP {site.sip_address}:{site.sip_port}")


def _line(paths: InstancePaths) -> Iterator[Finding]:
    try:
        site = read_site(paths.site_file) if paths.site_file.exists() else SiteSettings()
    except SiteError:
        return
    running = read_running(paths)
    if running is None:
        yield Finding(subject="line", is_well=True, text="does not run", mend="hotline up")
        yield from _ports(paths, site)
        return
    yield Finding(subject="line", is_well=True, text=f"runs since {running.since} (pid {running.pid})")
    yield _fastagi(site)
    yield _readiness(site)


def _ports(paths: InstancePaths, site: SiteSettings) -> Iterator[Finding]:
    for port in needed_ports(site):
        if not is_free(port):
            mend = f"stop that program, or choose another {port.setting} in {paths.site_file}"
            text = f"{port.label} is in use by {owner_of(port)}"
            yield Finding(subject="ports", is_well=False, text=text, mend=mend)


def _fastagi(site: SiteSettings) -> Finding:
    try:
        ask_health(LOOPBACK, site.agi_port, QUESTION_S)
    except UnhealthyError as error:
        mend = "calls go by the fallback script meanwhile; look at log/ivr.jsonl"
        return Finding(subject="service", is_well=False, text=str(error), mend=mend)
    return Finding(subject="service", is_well=True, text=f"FastAGI answers on port {site.agi_port}")


def _readiness(site: SiteSettings) -> Finding:
    url = f"http://{LOOPBACK}:{site.api_port}/readyz"
    try:
        answer = httpx.get(url, timeout=QUESTION_S, trust_env=False)
    except httpx.HTTPError as error:
        return Finding(subject="call log", is_well=False, text=f"{url}: {error}", mend="look at log/api.jsonl")
    is_ready = answer.status_code == httpx.codes.OK
    text = "database, AMI and journal work" if is_ready else answer.text[:500]
    return Finding(subject="call log", is_well=is_ready, text=text, mend="" if is_ready else "look at the logs in log/")
