"""The answer to whoever asks too often."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Seconds: every limit that answers with a page counts by the minute (allauth's defaults), so after one there is room.
ROOM_AFTER = 60


def too_many(request: HttpRequest) -> HttpResponse:
    """429, with when to try again; allauth finds this as the URL configuration's `handler429`."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(ROOM_AFTER)
    return response
