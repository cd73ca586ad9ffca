"""What an error may tell: Django's report of a crash, and the answer to a request that can't be understood."""

import re

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.views.debug import SafeExceptionReporterFilter

from hubportal.operations.request_limits import refusal


class AlwaysSafeFilter(SafeExceptionReporterFilter):
    """Hide what is marked as sensitive also under DEBUG, where Django would show it on its page."""

    # The server puts the process's whole environment into a request's META, and addresses may hold passwords.
    hidden_settings = re.compile(f"{SafeExceptionReporterFilter.hidden_settings.pattern}|_URL", flags=re.IGNORECASE)

    def is_active(self, request: HttpRequest | None) -> bool:
        return True


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: 413 for what is too large or has too many parts, 400 for what can't be understood."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return refusal(413)
    return HttpResponse(loader.get_template("400.html").render(), status=400)
