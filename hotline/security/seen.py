"""What was seen of a running line. Facts only; `hotline.security.rules` judges them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from pathlib import Path

from asterisk_conf.instance_secrets import InstanceSecrets
from asterisk_conf.site import SiteSettings
from routing.plan import Plan


class Part(StrEnum):
    """Processes of a line that listen or write."""

    ASTERISK = "asterisk"
    SERVICE = "service"
    API = "api"
    DATABASE = "database"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSeen:
    """A process of the line."""

    part: Part
    pid: int
    user_id: int
    """Effective."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A TCP port on which a process of the line listens."""

    part: Part
    address: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """A file that holds secrets or evidence."""

    path: Path
    mode: int
    allowed: int
    """Permission bits that it may have, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerUser:
    """An AMI user as Asterisk has loaded it."""

    name: str
    read: frozenset[str]
    write: frozenset[str]
    has_acl: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify:
    """Addresses that are taken for an endpoint without a password."""

    endpoint: str
    networks: tuple[IPv4Network, ...]
    others: tuple[str, ...]
    """Criteria that are no networks: headers, for example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A SIP endpoint as Asterisk has loaded it."""

    name: str
    context: str
    media_encryption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialplanStep:
    """One priority of the dialplan as Asterisk has loaded it."""

    context: str
    extension: str
    application: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialplan:
    """The whole dialplan as Asterisk has loaded it."""

    steps: tuple[DialplanStep, ...]
    inclusions: tuple[str, ...]
    """Contexts that include others, or switch elsewhere: we write neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """What was seen of TLS."""

    weak_versions: tuple[str, ...]
    """Versions below 1.2 that were spoken with us."""
    days_left: int
    """Until the certificate ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that was seen."""

    site: SiteSettings
    secrets: InstanceSecrets
    plan: Plan
    """In force."""
    processes: tuple[ProcessSeen, ...]
    listeners: tuple[Listener, ...]
    files: tuple[FileSeen, ...]
    modules: frozenset[str]
    """Loaded."""
    options: Mapping[str, str]
    """Of asterisk.conf."""
    manager_users: tuple[ManagerUser, ...]
    identifies: tuple[Identify, ...]
    endpoints: tuple[Endpoint, ...]
    dialplan: Dialplan
    encryption: Encryption | None
    """None: the site has no TLS."""
