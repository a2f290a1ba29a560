"""Which ports a line needs, and who holds one that is not free."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from asterisk_conf.site import SiteSettings
from hotline.errors import HotlineError

LOOPBACK = "127.0.0.1"


class PortsInUseError(HotlineError):
    """Ports that the line needs are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededPort:
    """One port that a process of the line listens on."""

    setting: str
    """Its name in site.yaml."""
    address: str
    port: int
    is_udp: bool = False

    @property
    def label(self) -> str:
        """For people: `5060/udp`."""
        return f"{self.port}/{'udp' if self.is_udp else 'tcp'}"


def needed_ports(site: SiteSettings) -> tuple[NeededPort, ...]:
    """Gives the ports of a site (media ports apart, which Asterisk draws from a range)."""
    tls = () if site.tls is None else (NeededPort(setting="tls.port", address=site.sip_address, port=site.tls.port),)
    return (
        *tls,
        NeededPort(setting="sip_port", address=site.sip_address, port=site.sip_port, is_udp=True),
        NeededPort(setting="ami_port", address=LOOPBACK, port=site.ami_port),
        NeededPort(setting="agi_port", address=LOOPBACK, port=site.agi_port),
        NeededPort(setting="api_port", address=LOOPBACK, port=site.api_port),
        NeededPort(setting="ivr_metrics_port", address=LOOPBACK, port=site.ivr_metrics_port),
    )


def check_ports(needed: Iterable[NeededPort], site_file: Path) -> None:
    """Makes sure that all ports are free.

    Raises:
        PortsInUseError: Names each port that is not, who holds it, and where to choose another.
    """
    taken = [port for port in needed if not is_free(port)]
    if taken:
        rows = [f"port {port.label} on {port.address} ({port.setting}) is in use by {owner_of(port)}" for port in taken]
        raise PortsInUseError("\n".join(rows) + f"\nstop that program, or choose other ports in {site_file}")


def is_free(port: NeededPort) -> bool:
    """Tells whether one can listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if port.is_udp else socket.SOCK_STREAM) as probe:
        if not port.is_udp:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.address, port.port))
        except OSError:
            return False
    return True


def owner_of(port: NeededPort) -> str:
    """Names the process that holds a port: `asterisk (pid 12)`, or says that it is unknown."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("udp4" if port.is_udp else "tcp4"):
            is_listening = port.is_udp or connection.status == psutil.CONN_LISTEN
            if is_listening and connection.laddr.port == port.port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
        if any(each.laddr and each.laddr.port == port.port for each in psutil.net_connections("tcp4")):
            return "a connection that is closing (it is free again in a minute)"
    return "a program that this user may not see"
