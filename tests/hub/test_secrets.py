"""The key stays where it is: no error, log or repr shows it, not even to a log that prints every variable."""

import logging
import traceback

import pytest

from hubportal.hub.client import HubClient
from hubportal.hub.errors import HubError
from tests.hub.conftest import Visit, answering
from tests.hub.examples import KEY, envelope
from tests.hub.test_responses import failing

SECRET_SPILLS = {
    "the hub quotes the key": answering(401, envelope("invalidApiKey", f"No such key: {KEY}")),
    "a page quotes the headers": answering(500, f"<pre>Authorization: Bearer {KEY}</pre>".encode()),
    "the connection breaks": Visit.reset_unread,
    "the answer is late": lambda visit: visit.read() and visit.hang(),
    "the head is nonsense": lambda visit: visit.read() and visit.sock.sendall(b"Bearer " + KEY.encode() + b"\r\n\r\n"),
    "the body is cut short": lambda visit: visit.read() and visit.send(200, b"{", Content_Length=10),
}


def printed(error: HubError) -> str:
    """The error as a thorough log shows it: the whole chain, with the variables of each of our frames."""
    ours = error.__traceback__
    while ours and "/tests/" in ours.tb_frame.f_code.co_filename:
        ours = ours.tb_next
    assert ours
    shown = traceback.TracebackException.from_exception(error.with_traceback(ours), capture_locals=True).format()
    return "\n".join([repr(error), error.message, error.detail, *shown])


@pytest.mark.parametrize("call", ["credits", "submit"])
@pytest.mark.parametrize("what", SECRET_SPILLS)
def test_no_error_shows_the_key_even_with_all_variables_printed(serve, caplog, what, call):
    caplog.set_level(logging.DEBUG)
    hub = serve(SECRET_SPILLS[what])

    error = failing(call, hub.url, get_timeout=0.2, submit_timeout=0.2)

    assert KEY not in printed(error)
    assert KEY not in caplog.text


@pytest.mark.parametrize("call", ["credits", "submit"])
def test_an_unreachable_hub_shows_no_key_either(closed_port, call):
    error = failing(call, f"http://127.0.0.1:{closed_port}")

    assert KEY not in printed(error)


def test_a_key_that_does_not_fit_is_not_quoted():
    error = failing("credits", "http://127.0.0.1", KEY + "\n")

    assert KEY not in printed(error)


def test_a_client_does_not_show_its_key():
    assert repr(HubClient("https://hub.example", KEY)) == "HubClient('https://hub.example')"
