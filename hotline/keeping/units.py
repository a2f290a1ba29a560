"""The files with which systemd and logrotate keep a line running. Pure: gives texts by path, writes nothing.

One system user runs all processes; what one of them has no business with, systemd hides from it. Asterisk of a root
folder runs there by `RootDirectory=`, so that none of our processes is root.
"""

from dataclasses import dataclass
from pathlib import Path

from asterisk_conf import names
from asterisk_conf.binary import DOCUMENTATION, AsteriskBinary
from asterisk_conf.instance import InstancePaths

USER = "hotline"
NAME = "legalaid-hotline"
TARGET = f"{NAME}.target"
ENVIRONMENT_FILE = Path("/etc") / NAME / "environment"
"""May hold DATABASE_URL and settings `HOTLINE_API_…`, `HOTLINE_IVR_…`; 0600, root's."""
UNITS = Path("/etc/systemd/system")
DRAIN_S = 900
"""How long calls may go on after a stop was asked for; no new ones are taken meanwhile."""
KEPT_DAYS = 60
"""Rotated evidence stays so long beside the current file: the journal ships it from there."""

Section = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the files are made of."""

    paths: InstancePaths
    python: Path
    """Interpreter of the virtual environment that has legalaid-hotline."""
    binary: AsteriskBinary
    has_embedded_database: bool


def files(installation: Installation) -> dict[Path, str]:
    """Gives all files, by absolute path."""
    units = {
        "prepare": _prepare(installation),
        "api": _api(installation),
        "ivr": _ivr(installation),
        "asterisk": _asterisk(installation),
    }
    if installation.has_embedded_database:
        units["postgres"] = _postgres(installation)
    return {
        UNITS / TARGET: _target(tuple(units)),
        **{UNITS / _unit(name): text for name, text in units.items()},
        Path("/etc/sysusers.d") / f"{NAME}.conf": _sysusers(installation),
        Path("/etc/tmpfiles.d") / f"{NAME}.conf": _tmpfiles(installation),
        Path("/etc/logrotate.d") / NAME: _logrotate(installation),
    }


def all_names() -> tuple[Path, ...]:
    """Gives every file that some installation may have."""
    units = tuple(UNITS / _unit(name) for name in ("prepare", "api", "ivr", "asterisk", "postgres"))
    others = (Path("/etc/sysusers.d") / f"{NAME}.conf", Path("/etc/tmpfiles.d") / f"{NAME}.conf")
    return (UNITS / TARGET, *units, *others, Path("/etc/logrotate.d") / NAME)


def _unit(name: str) -> str:
    return f"{NAME}-{name}.service"


def _text(**sections: Section) -> str:
    blocks = (f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in rows) for name, rows in sections.items())
    return f"# Written by `hotline install`; overrides belong into `systemctl edit`.\n{chr(10).join(blocks)}"


def _target(parts: tuple[str, ...]) -> str:
    unit = (("Description", "The free legal aid line"), *(("Wants", _unit(part)) for part in parts))
    return _text(Unit=unit, Install=(("WantedBy", "multi-user.target"),))


def _about(description: str, *after: str) -> Section:
    """Gives the head of a unit; it starts after these others, and stops before them."""
    order = tuple(("After", _unit(name)) for name in after)
    return (
        ("Description", f"The free legal aid line: {description}"),
        ("PartOf", TARGET),
        ("StartLimitIntervalSec", "0"),
        *order,
    )


def _ours(installation: Installation, part: str) -> Section:
    """Gives what runs one of our own processes."""
    return (
        ("Type", "exec"),
        ("Environment", f"HOTLINE_INSTANCE={installation.paths.root}"),
        ("Environment", f"XDG_CACHE_HOME={installation.paths.root / 'cache'}"),
        ("EnvironmentFile", f"-{ENVIRONMENT_FILE}"),
        ("ExecStart", f"{installation.python} -m hotline.keeping.service {part}"),
        ("Restart", "always"),
        ("RestartSec", "1"),
        ("TimeoutStopSec", "30"),
    )


def _hardening(*families: str) -> Section:
    """Gives what no process of the line needs.

    Source: systemd.exec(5).
    """
    switched_on = (
        "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "ProtectKernelTunables",
        "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "ProtectClock", "ProtectHostname",
        "RestrictNamespaces", "RestrictSUIDSGID", "LockPersonality",
    )  # fmt: skip
    return (
        ("User", USER),
        ("Group", USER),
        ("UMask", "0027"),
        ("ProtectSystem", "strict"),
        *((name, "yes") for name in switched_on),
        ("CapabilityBoundingSet", ""),
        ("RestrictAddressFamilies", " ".join(families)),
        ("SystemCallArchitectures", "native"),
        ("SystemCallFilter", "@system-service"),
    )


def _prepare(installation: Installation) -> str:
    rows = tuple(row for row in _ours(installation, "prepare") if row[0] not in {"Type", "Restart", "RestartSec"})
    service = (
        ("Type", "oneshot"),
        ("RemainAfterExit", "yes"),
        *rows,
        ("TimeoutStartSec", "900"),
        *_hardening("AF_UNIX", "AF_INET", "AF_INET6"),
        ("ReadWritePaths", str(installation.paths.root)),
    )
    return _text(Unit=_about("what its processes need"), Service=service)


def _postgres(installation: Installation) -> str:
    paths = installation.paths
    rows = tuple(row for row in _ours(installation, "postgres") if row[0] != "TimeoutStopSec")
    service = (
        *rows,
        ("KillSignal", "SIGINT"),
        ("KillMode", "mixed"),
        ("TimeoutStopSec", "60"),
        *_hardening("AF_UNIX"),
        ("ReadWritePaths", f"-{paths.database}"),
        ("InaccessiblePaths", f"-{paths.secrets_file} -{paths.asterisk} -{paths.recordings}"),
    )
    return _text(Unit=(*_about("database", "prepare"), ("Requires", _unit("prepare"))), Service=service)


def _api(installation: Installation) -> str:
    paths = installation.paths
    after = ("prepare", "postgres") if installation.has_embedded_database else ("prepare",)
    service = (
        *_ours(installation, "api"),
        *_hardening("AF_UNIX", "AF_INET", "AF_INET6"),
        ("ReadWritePaths", f"-{paths.recordings}"),
        ("InaccessiblePaths", f"-{paths.etc} -{paths.asterisk_log} -{paths.journal}"),
    )
    return _text(Unit=(*_about("call log", *after), ("Requires", _unit("prepare"))), Service=service)


def _ivr(installation: Installation) -> str:
    paths = installation.paths
    service = (
        *_ours(installation, "ivr"),
        *_hardening("AF_UNIX", "AF_INET", "AF_INET6"),
        ("ReadWritePaths", str(paths.root)),
        ("InaccessiblePaths", f"-{paths.database} -{paths.recordings}"),
    )
    return _text(Unit=(*_about("service", "prepare", "api"), ("Requires", _unit("prepare"))), Service=service)


def _asterisk(installation: Installation) -> str:
    """Gives Asterisk's unit; a stop drains: it ends when the last call has, and `DRAIN_S` at the latest."""
    paths, binary = installation.paths, installation.binary
    conf = paths.etc / "asterisk.conf"
    drain = f'{binary.executable} -C {conf} -rx "core stop gracefully"; exec tail --pid=${{MAINPID}} -f /dev/null'
    hidden = " ".join(f"-{'+' if binary.root else ''}{each}" for each in (paths.secrets_file, paths.database))
    service = (
        ("Type", "exec"),
        ("ExecStartPre", f"/bin/ln -sfn {binary.data_dir / DOCUMENTATION} {paths.data / DOCUMENTATION}"),
        ("ExecStart", f"{binary.executable} -f -n -C {conf}"),
        ("ExecStop", f"/bin/sh -c '{drain}'"),
        ("Restart", "always"),
        ("RestartSec", "1"),
        ("TimeoutStopSec", str(DRAIN_S)),
        ("LimitNOFILE", "65536"),
        *_hardening("AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"),
        *_root_folder(installation),
        ("ReadWritePaths", f"{'+' if binary.root else ''}{paths.root}"),
        ("InaccessiblePaths", hidden),
    )
    return _text(Unit=(*_about("Asterisk", "prepare", "ivr"), ("Requires", _unit("prepare"))), Service=service)


def _root_folder(installation: Installation) -> Section:
    if installation.binary.root is None:
        return ()
    return (
        ("RootDirectory", str(installation.binary.root)),
        ("MountAPIVFS", "yes"),
        ("BindPaths", str(installation.paths.root)),
        ("BindReadOnlyPaths", "-/etc/resolv.conf -/etc/hosts"),
    )


def _sysusers(installation: Installation) -> str:
    return f'u {USER} - "The free legal aid line" {installation.paths.root}\n'


def _tmpfiles(installation: Installation) -> str:
    paths = installation.paths
    return (
        f"d {paths.root} 0750 {USER} {USER} -\n"
        f"z {paths.secrets_file} 0600 {USER} {USER} -\n"
        f"z {paths.site_file} 0640 {USER} {USER} -\n"
    )


def _logrotate(installation: Installation) -> str:
    """Gives the rotation of evidence: by renaming beside the current file, unpacked, as the journal follows it."""
    log = installation.paths.asterisk_log
    rotated = "\n".join(str(log / name) for name in (names.CEL_FILE, names.QUEUE_LOG_FILE, names.CDR_FILE))
    again = f"HOTLINE_INSTANCE={installation.paths.root} {installation.python} -m hotline.keeping.service reload-logger"
    rules = (f"su {USER} {USER}", "daily", f"rotate {KEPT_DAYS}", "nocompress", "missingok", "notifempty")
    rows = "\n".join(f"    {rule}" for rule in (*rules, f"create 0640 {USER} {USER}", "sharedscripts"))
    script = f"    postrotate\n        {again} || true\n    endscript"
    messages = f"{log}/messages.log {{\n{rows.replace(f'rotate {KEPT_DAYS}', 'rotate 14')}\n{script}\n}}\n"
    return f"# Written by `hotline install`.\n{rotated} {{\n{rows}\n{script}\n}}\n\n{messages}"
