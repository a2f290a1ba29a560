"""Settings of the service, from environment variables `HOTLINE_IVR_…`; secrets come by file."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from asterisk_conf.instance import InstancePaths
from asterisk_conf.names import LEASE_S
from asterisk_conf.site import Name, Port

Seconds = Annotated[float, Field(gt=0, le=3_600)]


class IvrSettings(BaseSettings):
    """One node's service. The defaults are those of one machine."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_IVR_", frozen=True, extra="ignore")

    instance: Path
    """The instance folder, absolute."""
    node: Name = "node1"
    agi_host: IPv4Address = IPv4Address("127.0.0.1")
    agi_port: Port = 4573
    ami_host: str = "127.0.0.1"
    ami_port: Port = 5038
    ami_user: str = "ivr"
    secrets_file: Path | None = None
    """None: secrets.json of the instance folder."""
    api_url: str = "http://127.0.0.1:8080"
    test_clock: bool = False
    """True: state/clock.json shifts the moment of decisions."""
    event_loop: Literal["asyncio", "uvloop"] = "asyncio"
    """`uvloop` needs less CPU a call (docs/measurements); it has to be installed: `legalaid-hotline[fast]`."""
    sessions_limit: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    header_s: Seconds = 5.0
    command_s: Seconds = 5.0
    drain_s: Seconds = 10.0
    ami_connect_s: Seconds = 5.0
    ami_action_s: Seconds = 5.0
    ami_ping_every_s: Seconds = 5.0
    ami_refused_wait_s: Seconds = 60.0
    api_timeout_s: Seconds = 30.0
    journal_poll_s: Seconds = 0.25
    witness_every_s: Seconds = 60.0
    """How often Asterisk is asked how many calls it has processed."""
    live_every_s: Seconds = 2.0
    queues_every_s: Seconds = 2.0
    """How often Asterisk is asked who waits and who answers."""
    missed_rings_limit: Annotated[int, Field(ge=1, le=100)] = 3
    """An operator who misses so many rings in a row is put on a pause; the last one who can answer is not."""
    metrics_port: Port | None = None
    """Where Prometheus reads the service's own metrics, on loopback; None: nowhere."""
    stream_silence_s: Seconds = 15.0
    """The api's stream counts as dead after so long without a byte; the api speaks every 5 s."""
    control_action_s: Seconds = 30.0
    """One reload, or one list of what Asterisk has."""
    plan_retry_longest_s: Seconds = 30.0
    trunks_hour: Annotated[int, Field(ge=0, le=23)] = 4
    """Local hour, by the plan's time zone, after which the trunks are asked each night whether they answer."""
    trunks_poll_s: Seconds = 30.0
    """How often the clock is looked at for that."""
    trunk_answer_s: Seconds = 5.0
    """How long a trunk may take to answer."""
    switch_s: Annotated[float, Field(gt=0, lt=LEASE_S)] = 5.0
    """How long the api may take over a switch by telephone; shorter than the call's lease."""
    retry_longest_s: Seconds = 5.0

    @field_validator("instance")
    @classmethod
    def _is_absolute(cls, instance: Path) -> Path:
        if not instance.is_absolute():
            raise ValueError("must be an absolute path")
        return instance

    @field_validator("agi_host")
    @classmethod
    def _is_inside(cls, host: IPv4Address) -> IPv4Address:
        """Why: who speaks FastAGI with Asterisk runs code on its host."""
        if not host.is_private:
            raise ValueError("must be an address of loopback or of a private network")
        return host

    @property
    def paths(self) -> InstancePaths:
        """Gives the instance's files and folders."""
        return InstancePaths(self.instance)

    @property
    def secrets_path(self) -> Path:
        """Gives the file of secrets."""
        return self.secrets_file or self.paths.secrets_file
