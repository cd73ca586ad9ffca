"""The page for the site's own failures, with the bar around it where there can be one."""

import sys

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

log = structlog.get_logger(__name__)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500. Where the database failed, or the bar does, the page stands alone: it needs neither."""
    if not isinstance(sys.exception(), DatabaseError):
        try:
            return HttpResponse(loader.render_to_string("refused/500.html", request=request), status=500)
        except Exception as error:  # noqa: BLE001  # whatever it is, the page that needs nothing follows
            log.warning("error_page_failed", error=type(error).__name__)
    return HttpResponse(loader.render_to_string("500.html"), status=500)
