"""Logs: lines for people on a terminal, JSON elsewhere. Tracebacks never show the values of variables: they may be tokens."""

from __future__ import annotations

import logging
import sys

import structlog

from steadypin.settings import Settings


def configure(settings: Settings) -> None:
    """Set up structlog, and the standard library's logging that uvicorn uses, to the same lines on standard error."""
    level = logging.getLevelName(settings.log_level.upper())
    chosen = settings.log_format
    if chosen == "auto":
        chosen = "console" if sys.stderr.isatty() else "json"
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    end: list[structlog.typing.Processor]
    if chosen == "json":
        end = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        end = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    _structlog([*shared, *end], level)
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *end],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def only_faults() -> None:
    """For a command that hosts the API for a moment: standard output is its answer, so only faults are told, beside it."""
    _structlog(
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)], logging.ERROR
    )


def _structlog(processors: list[structlog.typing.Processor], level: int) -> None:
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
