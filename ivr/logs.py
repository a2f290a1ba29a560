"""Logs of the service: one JSON object a line on stdout. Callers' numbers are never among them."""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from asterisk_conf.masking import masked

CHATTY_LOGGERS = ("httpx", "httpcore", "panoramisk", "asyncio")
"""They tell of every request; their warnings are enough."""

_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)
_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.format_exc_info,
)


def _render(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """Gives the JSON line of an event, numbers masked, whoever wrote it."""
    return masked(str(_JSON(logger, method, event)))


def configure_logs() -> None:
    """Sends our logs and those of the libraries to stdout."""
    renderer = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _render,
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(renderer)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
