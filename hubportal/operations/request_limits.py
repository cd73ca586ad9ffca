"""What people send is read under limits: how large it may be, and how many may be slow about it at the same time.

Every request being read holds one of the server's threads until its last byte has come. So that no number of slow
ones keeps others waiting, some threads are never used for it, and no one address gets more than its share.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template import loader

from hubportal.generations.upload_handlers import MAX_BYTES, MAX_FILES

# A whole order: its references, and the form around them.
LARGEST = MAX_FILES * MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
# Seconds that a request waits for its turn to be read; an ordinary one is through in milliseconds.
PATIENCE = 0.25


class Gate:
    """Lets in `most` at once, and `share` of them from one address."""

    def __init__(self, most: int, share: int) -> None:
        self.most, self.share = most, share
        self.inside: Counter[str] = Counter()
        self.changed = Condition()

    @contextmanager
    def turn(self, address: str) -> Iterator[bool]:
        """Whether it has room, after a moment's waiting; what was let in leaves at the end of the block."""
        with self.changed:
            let_in = self.changed.wait_for(lambda: self._has_room(address), PATIENCE)
            self.inside[address] += let_in
        try:
            yield let_in
        finally:
            with self.changed:
                self.inside[address] -= let_in
                self.inside += Counter()
                self.changed.notify_all()

    def _has_room(self, address: str) -> bool:
        return self.inside.total() < self.most and self.inside[address] < self.share


class BodiesMiddleware:
    """Read the body of a POST, or refuse to: 411 without a length, 413 too large, 503 while too many are slow."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        most = max(1, settings.SERVER_THREADS * 3 // 4)
        self.gate = Gate(most, max(1, most // 2))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return refusal(411)
        length = _length(request)
        if length > LARGEST or (length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not request.user.is_authenticated):
            return refusal(413)
        if request.method == "POST" and length:
            with self.gate.turn(request.META["REMOTE_ADDR"]) as let_in, suppress(UnreadablePostError):
                if not let_in:
                    return refusal(503)
                _read(request)
        return self.get_response(request)


def _read(request: HttpRequest) -> None:
    """Parse the form, files and all, and keep it for the view."""
    len(request.POST)


def _length(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isascii() and said.isdigit() else 0


def refusal(status: int) -> HttpResponse:
    """Said without looking at the request, which may not be readable."""
    response = HttpResponse(loader.get_template(f"refused/{status}.html").render(), status=status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: what is too large, or of too many parts, is told apart from what makes no sense."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return refusal(413)
    return HttpResponse(loader.get_template("400.html").render(), status=400)
