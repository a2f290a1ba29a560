"""`python -m api`: the api on uvicorn, logging JSON lines to stdout."""

import logging
import os
import signal
import socket
import sys
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from structlog.typing import EventDict, Processor, WrappedLogger

from api.app import create_app
from api.kit.heap import settle_heap
from api.nodes.watch import DesiredWatch
from api.settings import ApiSettings
from asterisk_conf.masking import masked

STOP_DEADLINE_S = 10
BACKLOG = 4_096
IDLE_CONNECTION_S = 30
_JSON = structlog.processors.JSONRenderer()


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
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        listener = socket.create_server((settings.host, settings.port), backlog=BACKLOG)
    except OSError as error:
        print(
            f"the api cannot listen on {settings.host}:{settings.port}: {os.strerror(error.errno or 0)}",
            file=sys.stderr,
        )
        return 2
    serve(app, listener)
    return 0


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Answers requests until SIGTERM or SIGINT, then finishes those that have begun."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_CONNECTION_S,
        timeout_graceful_shutdown=STOP_DEADLINE_S,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit_quietly)
    settle_heap()
    with listener:
        _Server(config, app.state.watch).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends the nodes' streams when it begins to stop; it would wait for their end otherwise."""

    def __init__(self, config: uvicorn.Config, watch: DesiredWatch) -> None:
        super().__init__(config)
        self._watch = watch

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends streams, then what uvicorn ends."""
        self._watch.stop()
        await super().shutdown(sockets)


def _exit_quietly(_number: int, _frame: FrameType | None) -> None:
    """Ends the process with 0: uvicorn raises the signal that stopped it once more when it has drained."""
    sys.exit(0)


def _render(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """Gives the JSON line of an event, numbers masked, whoever wrote it."""
    return masked(str(_JSON(logger, method, event)))


def configure_logs() -> None:
    """Makes structlog and the standard library's logging write JSON lines to stdout."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(processors=[*shared, _render], cache_logger_on_first_use=False)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _render,
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


if __name__ == "__main__":
    sys.exit(main())
