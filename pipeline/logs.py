"""Logs as fields, on stderr; no secrets, no question text, no Slack user ids."""

import logging
import sys

import structlog


def set_up_logs(*, verbose: bool) -> None:
    """Configure structlog for a process.

    Args:
        verbose: log every outside call (the bot); else warnings only (the command line).
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.INFO if verbose else logging.WARNING
        ),
        # Asked anew for each line: who replaced stderr since (a console, a test) gets the line,
        # and a closed one never takes a running job down with it.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
