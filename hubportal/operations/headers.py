"""Headers that every answer carries unless its view says otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# No shared or lasting copies of pages, no powers of the browser that we don't use, no use from other origins. Django's
# own middleware says the last three as well, but not in refusals that happen before it.
HEADERS = {
    "Cache-Control": "no-store, private",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class PrivateByDefaultMiddleware:
    """Set what an answer does not say of itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
