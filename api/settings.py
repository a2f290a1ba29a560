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
    desired_poll_s: Seconds = 0.5
    """How often what nodes should have in force is read anew while a node listens."""
    stream_heartbeat_s: Seconds = 5.0
    stream_send_deadline_s: Seconds = 10.0
    """A listener that does not take what is sent for longer is let go."""
    streams_per_node: Annotated[int, Field(ge=1, le=100)] = 4
    """When one more comes, the oldest ends."""
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
