"""Logs: one line an event, as text for people or JSON for machines, each with the id of its request.

What Django's report of a crash hides is said here too.

Knows no models, since settings.py reads its configuration.
"""

import copy
import logging
import re
from typing import Any

import structlog
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

# Addresses that are a secret themselves: whoever reads one could follow it.
_LINKS = re.compile(
    r"(/(?:invitations|accounts/notifications/stop|accounts/confirm-email|accounts/password/reset/key|s)/)[^/\s\"'<>]+"
)


def hide_links(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Leave the token out of an invitation's, a confirmation's or a reset's address."""
    return {name: _LINKS.sub(r"\1…", value) if isinstance(value, str) else value for name, value in event.items()}


def drop_traceback_of_refusal(record: logging.LogRecord) -> logging.LogRecord:
    """Log a request that was refused (4xx) in one line; Django adds a traceback, as if it were an error of ours.

    `status_code` is what django.utils.log.log_response gives its records. The traceback of a 5xx stays.
    """
    status = getattr(record, "status_code", None)
    if status is None or status >= 500 or not record.exc_info:
        return record
    # A copy: other handlers see the record as it is.
    record = copy.copy(record)
    record.exc_info = record.exc_text = None
    return record


class AlwaysSafeFilter(SafeExceptionReporterFilter):
    """Hide what is marked as sensitive also under DEBUG, where Django would show it on its page."""

    # The server puts the process's whole environment into a request's META, and addresses may hold passwords.
    hidden_settings = re.compile(f"{SafeExceptionReporterFilter.hidden_settings.pattern}|_URL", flags=re.IGNORECASE)

    def is_active(self, request: HttpRequest | None) -> bool:
        return True


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    hide_links,
]


def logging_config(*, form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING, and structlog on top of it. `form` is `text` or `json`."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    json = form == "json"
    # A logger's own level goes past the root's.
    at_least = {name: max(level, name, key=logging.getLevelNamesMapping().__getitem__) for name in ("INFO", "WARNING")}
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processor": renderer,
                "foreign_pre_chain": _SHARED,
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": [drop_traceback_of_refusal],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would print a second time.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # At DEBUG these print headers and statements, a key or a prompt among them.
            "urllib3": {"level": at_least["INFO"]},
            "django.db.backends": {"level": at_least["INFO"]},
            "dj_queue": {"level": at_least["WARNING"]},
            # It tells each step of each thumbnail.
            "pyvips": {"level": at_least["WARNING"]},
        },
    }
