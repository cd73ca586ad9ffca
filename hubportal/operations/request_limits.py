"""Limits on what people send: how large a request may be, and how many bodies are read at the same time.

Every body that is being read occupies one of the server's threads until its last byte has come. So that slow senders
never occupy all of them, only some threads may read at once (settings.MAX_BODIES_AT_ONCE), and one address gets no more
than MAX_BODIES_PER_ADDRESS of these. No database connection is held meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template import loader

from hubportal.connections import release_connections
from hubportal.generations.upload_handlers import MAX_BYTES, MAX_FILES

# The largest form there is: all its reference images, and the fields around them.
MAX_REQUEST_BYTES = MAX_FILES * MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
SLOT_TIMEOUT = 0.25  # seconds a request waits for its turn to be read; an ordinary one is read in milliseconds
BUSY_RETRY_AFTER = "5"  # seconds
METHODS_WITH_BODY = {"POST", "PUT", "PATCH", "DELETE"}
FORM_TYPES = {"multipart/form-data", "application/x-www-form-urlencoded"}


class ConcurrencyLimiter:
    """Admits `total` at once, and `per_address` of them from one address."""

    def __init__(self, total: int, per_address: int) -> None:
        self.total, self.per_address = total, per_address
        self.active: Counter[str] = Counter()
        self.changed = Condition()

    @contextmanager
    def slot(self, address: str) -> Iterator[bool]:
        """Whether there was a free slot within SLOT_TIMEOUT; it is given back at the end of the block."""
        with self.changed:
            admitted = self.changed.wait_for(
                lambda: self.active.total() < self.total and self.active[address] < self.per_address, SLOT_TIMEOUT
            )
            self.active[address] += admitted
        try:
            yield admitted
        finally:
            with self.changed:
                self.active[address] -= admitted
                self.active += Counter()  # drops addresses at zero
                self.changed.notify_all()


class RequestBodyMiddleware:
    """Read the body of a request, or refuse to: 411 without a length, 413 too large, 503 while too many are slow.

    Stands after AuthenticationMiddleware, since only people who are signed in may send more than
    DATA_UPLOAD_MAX_MEMORY_SIZE, and so has to give back the connection that this question took. Stands before the
    first middleware that looks into the form (CSRF does so once the view is known).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.limiter = ConcurrencyLimiter(settings.MAX_BODIES_AT_ONCE, settings.MAX_BODIES_PER_ADDRESS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return refusal(411)
        header = request.META.get("CONTENT_LENGTH") or "0"
        length = int(header) if header.isascii() and header.isdigit() else 0
        if length > MAX_REQUEST_BYTES:
            return refusal(413)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not request.user.is_authenticated:
            return refusal(413)
        if length and request.method in METHODS_WITH_BODY:
            release_connections()
            with self.limiter.slot(request.META["REMOTE_ADDR"]) as admitted, suppress(UnreadablePostError):
                if not admitted:
                    return refusal(503)
                # To its end; the view finds a form with its files, or the bytes of anything else.
                is_form = request.method == "POST" and request.content_type in FORM_TYPES
                len(request.POST if is_form else request.body)
        return self.get_response(request)


def refusal(status: int) -> HttpResponse:
    """An answer made without a look at the request, which may not be readable."""
    response = HttpResponse(loader.get_template(f"refused/{status}.html").render(), status=status)
    if status == 503:
        response.headers["Retry-After"] = BUSY_RETRY_AFTER
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: 413 for what is too large or has too many parts, 400 for what can't be understood."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return refusal(413)
    return HttpResponse(loader.get_template("400.html").render(), status=400)
