"""Settings of the api: environment variables `HOTLINE_API_*`; secrets come from the instance's secrets file."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

Port = Annotated[int, Field(ge=1, le=65_535)]
Seconds = Annotated[float, Field(gt=0, le=3_600)]
DATABASE_DRIVER = "postgresql+asyncpg"
Bytes = Annotated[int, Field(gt=0, le=1 << 30)]


class ApiSettings(BaseSettings):
    """Everything that differs from one api process to another."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_API_", frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: SecretStr
    """`postgresql+asyncpg://…`; may hold a password."""
    secrets_file: Path
    """The instance's secrets.json: tokens and the keys of callers' numbers."""
    host: str = "127.0.0.1"
    port: Port = 8080
    pool_size: Annotated[int, Field(ge=1, le=100)] = 5
    database_deadline_s: Seconds = 10.0
    """Longest wait for a connection, and for one statement."""
    lock_deadline_s: Seconds = 5.0
    ready_deadline_s: Seconds = 2.0
    """Longest wait of /readyz for the database."""
    body_deadline_s: Seconds = 15.0
    """Longest time that a request may take to arrive."""
    batch_limit_bytes: Bytes = 8 << 20
    """A batch of evidence as it arrives, compressed or not."""
    batch_unpacked_limit_bytes: Bytes = 40 << 20
    batch_limit_lines: Annotated[int, Field(ge=1, le=100_000)] = 5_000
    document_limit_bytes: Bytes = 64 << 10
    """Every other request body."""
    plan_limit_bytes: Bytes = 2 << 20
    """A plan that is published; the shipped one has 54 KB."""
    export_limit_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 200_000
    """Calls that one export may hold."""
    figures_refresh_s: Seconds = 30.0
    """How often the figures of days whose calls changed are made anew; until then reports count the calls."""
    web_origin: str | None = None
    """Where people's browsers find the pages, as `https://log.example`; None: the host that they ask, without TLS."""
    session_life_s: float = Field(default=43_200.0, gt=0, le=604_800)
    """A session ends then, whatever happens in it; half a day is a shift."""
    login_window_s: float = Field(default=900.0, gt=0, le=86_400)
    """How long a failed login counts."""
    logins_per_name: Annotated[int, Field(ge=1, le=1_000)] = 5
    """Failed logins of one name within the window; then 429."""
    logins_per_address: Annotated[int, Field(ge=1, le=10_000)] = 30
    """Failed logins from one address within the window; an office may have one address."""
    requests_per_s: float = Field(default=20.0, gt=0, le=10_000)
    """Requests of one person or API token in the long run; more: 429."""
    requests_burst: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Requests at once, after a rest."""
    instance_requests_per_s: float = Field(default=500.0, gt=0, le=100_000)
    """The same for the instance's own tokens: a node that catches up after an outage must not be slowed."""
    instance_requests_burst: Annotated[int, Field(ge=1, le=100_000)] = 5_000
    stranger_requests_per_s: float = Field(default=10.0, gt=0, le=10_000)
    """Requests from one address of nobody known."""
    stranger_requests_burst: Annotated[int, Field(ge=1, le=100_000)] = 300
    stream_recheck_s: Seconds = 5.0
    """How often an open stream looks whether its token or session still counts."""
    command_life_s: Seconds = 10.0
    """A command that a node does not get within that is never done."""
    retention_audio_days: Annotated[int, Field(ge=1, le=36_500)] | None = 180
    """Recordings; None: for ever. These four are our choice, to be settled with whoever answers for the data."""
    retention_detail_days: Annotated[int, Field(ge=1, le=36_500)] | None = 1_096
    """Evidence, channels, numbers, notes."""
    retention_detention_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Contents of detention reports."""
    retention_audit_days: Annotated[int, Field(ge=30, le=36_500)] | None = 1_827
    """Rows of the audit."""
    desired_poll_s: Seconds = 0.5
    """How often what nodes should have in force is read anew while a node listens."""
    stream_heartbeat_s: Seconds = 5.0
    stream_send_deadline_s: Seconds = 10.0
    """A listener that does not take what is sent for longer is let go."""
    streams_per_node: Annotated[int, Field(ge=1, le=100)] = 4
    """When one more comes, the oldest ends."""
    upkeep_every_s: Seconds = 600.0
    """How often months of evidence, untold endings and the ledger of the night are looked after."""
    ledger_settle_s: Seconds = 120.0
    """What was over for less may still be on its way from the node and is not compared by the ledger."""
    live_poll_s: Seconds = 0.5
    """How often nodes' reports are read anew while somebody listens to the live board."""
    live_kept_events: Annotated[int, Field(ge=1, le=100_000)] = 1_024
    """Events of the board that a listener who was away can still be told."""
    live_pending_events: Annotated[int, Field(ge=1, le=10_000)] = 64
    """A listener of the board who is further behind is let go."""
    recordings_folder: Path | None = None
    """Where recordings lie, `<call_id>.wav` or `<call_id>-<part>.wav`; None: there are none."""
    live_stale_s: Seconds = 10.0
    """A node whose last report is older does not work."""
    node_forgotten_s: float = Field(default=86_400.0, gt=0)
    """A node that has been silent for longer no longer counts as one of the line's."""

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: SecretStr) -> SecretStr:
        try:
            driver = make_url(value.get_secret_value()).drivername
        except (ArgumentError, ValueError):
            driver = None
        if driver != DATABASE_DRIVER:
            raise ValueError(f"cannot be read; it looks like {DATABASE_DRIVER}://user:password@host/hotline")
        return value
