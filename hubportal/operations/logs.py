"""Logs: one line an event, as text for people or JSON for machines, each with the id of its request."""

import logging
import re
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

# Addresses that are a secret themselves: whoever reads one could follow it.
_LINKS = re.compile(r"(/(?:invitations|accounts/confirm-email|accounts/password/reset/key|s)/)[^/\s\"'<>]+")


def hide_links(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Leave the token out of an invitation's, a confirmation's or a reset's address."""
    return {name: _LINKS.sub(r"\1…", value) if isinstance(value, str) else value for name, value in event.items()}


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
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
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


class RequestIdMiddleware:
    """Give each request an id (the proxy's, where it is a sane one), in its logs and its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        return response
