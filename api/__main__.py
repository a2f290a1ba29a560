"""`python -m api`: the api on uvicorn, logging JSON lines to stdout."""

import logging
import sys

import structlog
import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import Processor

from api.app import create_app
from api.settings import ApiSettings

STOP_DEADLINE_S = 10
BACKLOG = 4_096
IDLE_CONNECTION_S = 30


def main() -> int:
    """Gives the exit code: 2 with one message on stderr when the settings do not fit."""
    configure_logs()
    try:
        settings = ApiSettings()
        app = create_app(settings)
    except ValidationError as error:
        rows = [f"HOTLINE_API_{'.'.join(map(str, row['loc'])).upper()}: {row['msg']}" for row in error.errors()]
        print("; ".join(rows), file=sys.stderr)
        return 2
    except SQLAlchemyError:
        print("HOTLINE_API_DATABASE_URL: cannot be read; it looks like postgresql+asyncpg://…", file=sys.stderr)
        return 2
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_CONNECTION_S,
        timeout_graceful_shutdown=STOP_DEADLINE_S,
    )
    return 0


def configure_logs() -> None:
    """Makes structlog and the standard library's logging write JSON lines to stdout."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(processors=[*shared, structlog.processors.JSONRenderer()], cache_logger_on_first_use=False)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer(), foreign_pre_chain=shared)
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


if __name__ == "__main__":
    sys.exit(main())
