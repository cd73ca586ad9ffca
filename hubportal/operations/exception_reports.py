"""What Django's own report of a crash may tell."""

import re

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class AlwaysSafeFilter(SafeExceptionReporterFilter):
    """Hide what is marked as sensitive also under DEBUG, where Django would show it on its page."""

    # The server puts the process's whole environment into a request's META, and addresses may hold passwords.
    hidden_settings = re.compile(f"{SafeExceptionReporterFilter.hidden_settings.pattern}|_URL", flags=re.IGNORECASE)

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
